"""Trust in a mark at a resource, which says what to go back to.

The new owner of a resource inherits what older tokens left there, and settling it is an effect.  A mark is text that
anybody may have written: before it moves anything, our own ledger or the platform's history must confirm it.
"""

from datetime import timedelta

from graph.context import Context
from graph.effects import perform
from incident.evidence import Change
from incident.workload import Before, Workload

LOOKBACK = timedelta(hours=6)
"""Length of the platform's history that is read; a change of ours lives for minutes, or hours while a person is asked."""


def doubt(context: Context, workload: Workload, before: Before) -> str:
    """Reason that the mark cannot be believed; empty when it can.  Raises Unavailable when the platform is silent."""
    if perform.last(context, workload) is not None:
        return ""
    history = context.world.platform.history(workload.service, context.clock.now() - LOOKBACK)
    now = {version.name: version.weight for version in workload.versions if version.weight}
    then = {name: weight for name, weight in before.weights.items() if weight}
    if now != then and not any(change.what == "weights" and _weights(change.old) == then for change in history):
        return f"nobody recorded that {_spelled(then)} was ever served"
    for name, values in before.config.items():
        for key, value in values.items():
            if not any(_set(change, name, key, value) for change in history):
                return f"nobody recorded that {key} of {name} was changed from what the mark says"
    if before.canary and not any(change.what == "deploy" and change.version == before.canary for change in history):
        return f"nobody recorded a deploy of {before.canary}"
    return ""


def _set(change: Change, version: str, key: str, old: str | None) -> bool:
    return (change.what, change.version, change.key, change.old) == ("config", version, key, old)


def _weights(spelled: str | None) -> dict[str, int]:
    """Return the shares in ``v1=90, v2=10`` that are not zero; nothing for any other text."""
    pairs = [part.rpartition("=") for part in (spelled or "").split(",")]
    found = {name.strip(): share.strip() for name, _, share in pairs}
    return {name: int(share) for name, share in found.items() if share.isdecimal() and int(share)}


def _spelled(weights: dict[str, int]) -> str:
    return ", ".join(f"{name} {weight} %" for name, weight in sorted(weights.items()))
