"""Every setting: its variable, its key in the settings file, and what it means; and variables that are no settings."""

import difflib
from collections.abc import Iterable
from typing import Literal, NamedTuple

Form = Literal["text", "number", "whole number", "on or off", "list of texts"]


class Setting(NamedTuple):
    """One setting."""

    variable: str
    """Its environment variable, which wins over the file."""
    key: str
    """Its place in the settings file, ``SECTION.NAME``; empty: it is set in the environment only."""
    meaning: str
    form: Form = "text"
    """The kind of value that the file may hold there."""
    usual: str = ""
    """The value that counts when it is not set, for people; empty: it is off."""
    choices: tuple[str, ...] = ()
    """All values that a text may have; empty: any that its meaning allows."""


_ADDRESS = "`KIND:PLACE` ([ports.md](ports.md)), or `none`: unset, whatever `SUTURE_WORLD_URL` offers"

SETTINGS = (
    Setting("SUTURE_SETTINGS", "", "path of the settings file", usual="`suture.toml` in `SUTURE_HOME`"),
    Setting("SUTURE_HOME", "", "private folder of records, locks and keys", usual="the XDG state folder"),
    Setting("SUTURE_AUTONOMY", "suture.autonomy", "what may be done without a person", usual="propose",
            choices=("observe", "propose", "approve", "auto")),
    Setting("SUTURE_PROFILE", "suture.profile", "limits to start from ([limits.md](limits.md))", usual="standard",
            choices=("standard", "lab")),
    Setting("SUTURE_LIMITS", "suture.limits", "path of a TOML file with limits, put on top of the profile"),
    Setting("SUTURE_SERVICE_LABELS", "suture.service_labels",
            "labels that are believed first about an alert's service ([alerts.md](alerts.md)); "
            "in the variable separated by commas", form="list of texts"),
    Setting("SUTURE_SUSPECTS", "suture.suspects", "when suspects are ranked over all services ([diagnosis.md](diagnosis.md))",
            usual="needed", choices=("first", "needed", "off")),
    Setting("SUTURE_NOTIFY_URL", "suture.notify_url", "webhook that receives the notices for people"),
    Setting("SUTURE_AUDIT_ANCHOR", "suture.audit_anchor", "where signed heads are kept ([audit.md](audit.md))",
            usual="a file in `SUTURE_HOME`"),
    Setting("REDIS_URL", "suture.redis_url", "Redis for the locks of workers on several machines",
            usual="SQLite in `SUTURE_HOME`"),
    Setting("SUTURE_WORLD_URL", "world.url", "address of a world that offers every port"),
    Setting("SUTURE_PLATFORM", "world.platform", _ADDRESS),
    Setting("SUTURE_METRICS", "world.metrics", _ADDRESS),
    Setting("SUTURE_LOGS", "world.logs", _ADDRESS),
    Setting("SUTURE_TRACES", "world.traces", _ADDRESS),
    Setting("SUTURE_CAPTURES", "world.captures", _ADDRESS),
    Setting("SUTURE_CHANGES", "world.changes", _ADDRESS),
    Setting("SUTURE_PLACES", "world.places", _ADDRESS),
    Setting("SUTURE_REPOSITORY", "world.repository", _ADDRESS),
    Setting("SUTURE_PUBLISH_TO", "world.publish_to",
            "remote that gets the branch of a patch that healed, and a proposal to merge it: `git:/ABSOLUTE/PATH`"),
    Setting("OPENAI_MODEL", "model.name", "name of the model ([models.md](models.md))", usual="the playbook"),
    Setting("SUTURE_MODEL", "", "wins over `OPENAI_MODEL`; `scripted:FILE` replays answers"),
    Setting("OPENAI_BASE_URL", "model.url", "an OpenAI-compatible endpoint (also `OPENAI_API_BASE`)"),
    Setting("OPENAI_API_KEY", "", "key of that endpoint; never written down"),
    Setting("SUTURE_PRICE", "model.price", "`INPUT/OUTPUT` per million tokens, as in `0.15/0.60`", usual="not known"),
    Setting("SUTURE_TEMPERATURE", "model.temperature", "0 to 2; the text `none` sends none", form="number", usual="0"),
    Setting("SUTURE_STREAM", "model.stream", "take answers piece by piece", form="on or off", usual="off"),
    Setting("SUTURE_CONTEXT_TOKENS", "model.context_tokens", "context window, question and answer together",
            form="whole number", usual="32768"),
    Setting("SUTURE_ANSWER_TOKENS", "model.answer_tokens", "the longest answer", form="whole number", usual="4096"),
    Setting("SUTURE_ANSWER_SECONDS", "model.answer_seconds", "for one answer, from question to last byte",
            form="number", usual="60"),
    Setting("SUTURE_PATIENCE_SECONDS", "model.patience_seconds",
            "for how long a busy or missing endpoint is waited for", form="number", usual="90"),
    Setting("SUTURE_RUN_STEPS", "model.run_steps", "questions of one run of one agent", form="whole number",
            usual="16"),
    Setting("SUTURE_RUN_SECONDS", "model.run_seconds", "length of one run of one agent", form="number", usual="120"),
    Setting("SUTURE_PATCH_TRIES", "model.patch_tries", "how often a small question for a patch is asked side by side",
            form="whole number", usual="3"),
    Setting("SUTURE_TEMPLATES", "model.templates", "repair templates before the model's own patches",
            form="on or off", usual="on"),
    Setting("SUTURE_INCIDENT_TOKENS", "model.incident_tokens", "tokens of one whole incident", form="whole number",
            usual="1000000"),
    Setting("SUTURE_INCIDENT_COST", "model.incident_cost",
            "money for one whole incident, in the currency of the prices; needs prices", form="number",
            usual="no limit"),
    Setting("SUTURE_FALLBACK_MODEL", "fallback.name", "asked when the model is gone or refuses us: a name, or `playbook`"),
    Setting("SUTURE_FALLBACK_URL", "fallback.url", "its endpoint, if it is another one"),
    Setting("SUTURE_FALLBACK_KEY", "", "key of that other endpoint; never written down"),
    Setting("SUTURE_FALLBACK_PRICE", "fallback.price", "the same as `SUTURE_PRICE`", usual="not known"),
    Setting("OTEL_EXPORTER_OTLP_ENDPOINT", "", "collector that gets our spans beside `trace.jsonl`"),
    Setting("LOG_LEVEL", "", "events of our own on standard error", usual="WARNING"),
)  # fmt: skip

OURS = frozenset(setting.variable for setting in SETTINGS if setting.variable.startswith("SUTURE_"))

LAB = "SUTURE_LAB_"
"""Prefix of the embedded lab's own variables, which no command of ours reads."""


def unknown(names: Iterable[str]) -> dict[str, str]:
    """Return the variables that look like ours and are not, each with the name that was probably meant, or an empty one."""
    strange = {}
    for name in sorted(names):
        ours = name.upper().startswith("SUTURE")
        if not name.upper().startswith("S") or name in OURS or name.startswith(LAB):
            continue
        # With a slip in its first word a name is ours only when nearly all of it is.
        meant = next(iter(difflib.get_close_matches(name.upper(), OURS, 1, 0.75 if ours else 0.9)), "")
        if ours or meant:
            strange[name] = meant
    return strange
