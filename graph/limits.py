"""Print every limit with its meaning and its value, as TOML: ``python -m graph.limits``.

The output is a file for ``SUTURE_LIMITS``; a limit that is left out of such a file keeps the profile's value.
"""

import argparse
import ast
import inspect
import json
import os

from pydantic import JsonValue

from graph.config import settings
from graph.console import cli
from incident.value import Value
from policies import limits
from tools import program


def main() -> int:
    """Entry point."""
    parser = cli.Parser(prog=program.called("limits"), description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--profile", choices=("standard", "lab"), help="what the file is put upon (default: SUTURE_PROFILE)"
    )
    parser.add_argument("--json", action="store_true", help="print the values as JSON")
    return cli.main(parser, shown)


def shown(arguments: argparse.Namespace) -> int:
    """Print the limits that are in force, with the file of ``SUTURE_LIMITS`` on top of the profile."""
    environment = {**os.environ, **({"SUTURE_PROFILE": arguments.profile} if arguments.profile else {})}
    found = settings.load(environment).limits
    if arguments.json:
        cli.emit(found.model_dump(mode="json"))
    else:
        cli.write(toml(found))
    return 0


def toml(found: limits.Limits) -> str:
    """Return the limits as TOML, each under a comment with its meaning."""
    meant = meanings()
    lines: list[str] = []
    for name, part in found:
        if isinstance(part, Value):
            lines += ["", *_table(name, part, meant)]
    return "\n".join(lines).strip() + "\n"


def _table(name: str, part: Value, meant: dict[tuple[str, str], str]) -> list[str]:
    kind = type(part)
    lines = [*(f"# {line}".rstrip() for line in (inspect.getdoc(kind) or "").splitlines()), f"[{name}]"]
    later: list[str] = []
    for field, value in part.model_dump(mode="json").items():
        said = " ".join(meant.get((kind.__name__, field), "").split())
        inner = getattr(part, field)
        if isinstance(inner, Value):
            later += ["", *_table(f"{name}.{field}", inner, meant)]
        elif isinstance(value, dict):
            later += [
                f"# {said}",
                *(line for key in inner for line in _table(f"{name}.{field}.{key}", inner[key], meant)),
            ]
        else:
            lines += [f"# {said}", f"{field} = {_value(value)}"]
    return [*lines, *later]


def _value(value: JsonValue) -> str:
    """Return a value as TOML writes it; a list of tables goes on one line."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_value(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def meanings() -> dict[tuple[str, str], str]:
    """Return the meaning of each limit by (class, field), which is the text below the field in `policies.limits`."""
    # Python keeps no text below a field, so the source is read.
    found: dict[tuple[str, str], str] = {}
    for node in ast.parse(inspect.getsource(limits)).body:
        if not isinstance(node, ast.ClassDef):
            continue
        for field, said in zip(node.body, node.body[1:], strict=False):
            if isinstance(field, ast.AnnAssign) and isinstance(said, ast.Expr) and isinstance(said.value, ast.Constant):
                found[(node.name, ast.unparse(field.target))] = str(said.value.value)
    return found


if __name__ == "__main__":
    raise SystemExit(main())
