"""Names of our own environment variables, and those in an environment that are none of them."""

import difflib
from collections.abc import Iterable

OURS = frozenset(
    {
        "SUTURE_ANSWER_SECONDS",
        "SUTURE_ANSWER_TOKENS",
        "SUTURE_AUDIT_ANCHOR",
        "SUTURE_AUTONOMY",
        "SUTURE_CONTEXT_TOKENS",
        "SUTURE_FALLBACK_KEY",
        "SUTURE_FALLBACK_MODEL",
        "SUTURE_FALLBACK_PRICE",
        "SUTURE_FALLBACK_URL",
        "SUTURE_HOME",
        "SUTURE_INCIDENT_COST",
        "SUTURE_INCIDENT_TOKENS",
        "SUTURE_LIMITS",
        "SUTURE_MODEL",
        "SUTURE_NOTIFY_URL",
        "SUTURE_PATCH_TRIES",
        "SUTURE_PATIENCE_SECONDS",
        "SUTURE_PRICE",
        "SUTURE_PROFILE",
        "SUTURE_RUN_SECONDS",
        "SUTURE_RUN_STEPS",
        "SUTURE_SERVICE_LABELS",
        "SUTURE_STREAM",
        "SUTURE_TEMPERATURE",
        "SUTURE_TEMPLATES",
        "SUTURE_WORLD_URL",
    }
)

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
