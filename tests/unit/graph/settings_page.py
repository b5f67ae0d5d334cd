"""The page and the JSON schema of all settings: ``python -m tests.unit.graph.settings_page`` writes them anew."""

import json
from pathlib import Path
from typing import Any

from graph.config.names import SETTINGS, Setting

DOCS = Path(__file__).parents[3] / "docs"
PAGE, SCHEMA = DOCS / "settings.md", DOCS / "suture.schema.json"

HEAD = """\
# Settings

Every setting is a variable of the environment, and most are a key of the settings file `suture.toml` as
well. The variable wins. The file is the one that `SUTURE_SETTINGS` names, or else `suture.toml` in
`SUTURE_HOME`. It belongs to you or to root, and nobody else may write it. Keys of endpoints are never in
it. A value that cannot be used ends a command with one sentence and exit code 2. Its JSON Schema is
[suture.schema.json](suture.schema.json). `python -m graph.doctor` says what an installation would do, and
tries each part.

```toml
[suture]
autonomy = "approve"
service_labels = ["app", "deployment"]

[world]
url = "http://127.0.0.1:8080"           # offers every port
repository = "git:/srv/shop.git"        # and this one comes from elsewhere
captures = "none"                       # this one is missing

[model]
name = "qwen3"
url = "http://127.0.0.1:8000/v1"
```

A world is put together port by port. A port that is unset is missing: what would need it holds, and a
person is asked. Only the platform must be there, because it says which services there are and which world
this is. What a port has to answer is in [ports.md](ports.md).

| key in the file | variable | meaning | when it is not set |
| --- | --- | --- | --- |
"""

TAIL = """
## The file of the services' repository

A services' repository holds a file of the same name. It is another file: `[services.NAME]` names the
folder of each service (`path`), its ASGI application (`app`), its tests (`tests`) and the files that
describe its data (`schemas`). Whoever can write the repository writes it, so nothing in it is ever a
setting, and `services` is refused in the settings file.
"""


def page() -> str:
    """Docs/settings.md, whole."""
    rows = (
        f"| {f'`{each.key}`' if each.key else 'environment only'} | `{each.variable}` | {_meaning(each)} "
        f"| {each.usual or 'off'} |\n"
        for each in SETTINGS
    )
    return HEAD + "".join(rows) + TAIL


def _meaning(each: Setting) -> str:
    told = ", ".join(f"`{choice}`" for choice in each.choices)
    return each.meaning + (f": {told}" if told else "") + ("" if each.form == "text" else f" ({each.form})")


def schema() -> str:
    """Docs/suture.schema.json, whole (JSON Schema, draft 2020-12)."""
    sections: dict[str, dict[str, Any]] = {}
    for each in SETTINGS:
        if each.key:
            section, _, name = each.key.partition(".")
            sections.setdefault(section, {})[name] = _typed(each)
    closed = {"type": "object", "additionalProperties": False}
    whole = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "suture.toml of whoever runs Suture",
        **closed,
        "properties": {section: {**closed, "properties": keys} for section, keys in sections.items()},
    }
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def _typed(each: Setting) -> dict[str, Any]:
    kinds: dict[str, dict[str, Any]] = {
        "text": {"type": "string"},
        "number": {"type": ["number", "string"]},
        "whole number": {"type": ["integer", "string"]},
        "on or off": {"enum": [True, False, "on", "off"]},
        "list of texts": {"type": ["array", "string"], "items": {"type": "string"}},
    }
    found = {"description": f"{each.meaning} ({each.variable})", **kinds[each.form]}
    return {**found, "enum": list(each.choices)} if each.choices else found


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    SCHEMA.write_text(schema(), encoding="utf-8")
