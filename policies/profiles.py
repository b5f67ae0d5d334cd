"""The sets of limits that are in use."""

from collections.abc import Mapping

from pydantic import JsonValue

from incident.value import encode
from policies.limits import Canary, Limits, Objective, Slo, Triage, Verify


def standard() -> Limits:
    """For real services: minutes of watching, defaults as documented in `policies.limits`."""
    return Limits(name="standard")


def lab() -> Limits:
    """For the embedded lab, whose rules use windows of seconds; error margins stay as they are.

    The short times are floors of the demonstration, not of the method.
    """
    return Limits(
        name="lab",
        triage=Triage(min_samples=30),
        # The lab lives for minutes: an objective over 30 days could never be measured there.
        slo=Slo(standard=Objective(objective=0.99, window_seconds=60.0)),
        canary=Canary(stage_deadline_seconds=60.0, dwell_seconds=3.0),
        verify=Verify(
            bake_seconds=8.0,
            watch_seconds=45.0,
            extension_seconds=45.0,
            min_samples=30,
            max_gap_seconds=4.0,
            sustained_seconds=8.0,
        ),
    )


def changed(base: Limits, given: Mapping[str, JsonValue]) -> Limits:
    """Return a profile with some of its values replaced: tables are merged, everything else is taken as given.

    Raises pydantic's ValidationError; nothing is converted, so that ``"10"`` or ``true`` is no number.
    """
    if not given:
        return base
    # As a whole and not field by field: limits depend on each other, and their validators see all of them.
    merged = _merged(base.model_dump(mode="json"), given)
    return Limits.model_validate_json(encode({**merged, "name": "custom"}), strict=True)


def _merged(base: Mapping[str, JsonValue], given: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    result = dict(base)
    for key, value in given.items():
        old = result.get(key)
        result[key] = _merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return result
