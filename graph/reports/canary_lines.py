"""Lines for a look at a canary and for a reading of verification, with the live rates.  Pure."""

from collections.abc import Mapping

from pydantic import ConfigDict, JsonValue, TypeAdapter

from incident.evidence import Measurement, Missing
from incident.rollout import Arm, Blind, Look

_LATER = ConfigDict(defer_build=True)
"""Types are built when the first line is made: most commands make none."""
_LOOK: TypeAdapter[Look | Blind] = TypeAdapter(Look | Blind, config=_LATER)
_READING: TypeAdapter[Measurement | Missing] = TypeAdapter(Measurement | Missing, config=_LATER)


def line(facts: Mapping[str, JsonValue]) -> str:
    """Return the weight, and the error rates of both versions since the stage began."""
    look = _LOOK.validate_python(facts["look"])
    if isinstance(look, Blind):
        return f"no look: {look.missing.reason}"
    memory = facts["memory"]
    first = memory.get("first_in_stage") if isinstance(memory, dict) else None
    start = None if first is None else Look.model_validate(first)
    canary = _rate(look.canary, start.canary if start else None)
    stable = _rate(look.stable, start.stable if start else None)
    return f"{look.weight} %, canary {canary}, stable {stable}"


def _rate(arm: Arm, start: Arm | None) -> str:
    requests = arm.requests - (start.requests if start else 0)
    errors = arm.errors - (start.errors if start else 0)
    return f"{100 * errors / requests:.1f} % of {requests}" if start and requests > 0 else "no requests yet"


def reading(facts: Mapping[str, JsonValue]) -> str:
    """Return the last measurement of the alert's own condition, in words."""
    readings = facts["readings"]
    if not isinstance(readings, list) or not readings:
        return "no reading yet"
    last = readings[-1]
    measured = _READING.validate_python(last[1]) if isinstance(last, list) else Missing(reason="unreadable")
    if isinstance(measured, Missing):
        return f"no reading: {measured.reason}"
    firing = "firing" if measured.firing else "not firing"
    return f"{100 * measured.value:.1f} % of {measured.samples} requests, {firing}"
