"""Takes the cause's own evidence away, to see whether anything is asserted that was not looked at."""

from collections.abc import Iterable

from incident.evidence import Gap
from incident.observed import Observed


def without(observed: Observed, names: Iterable[str]) -> Observed:
    """The observation without anything that these nodes tell, that is told of calls of them, and their changes."""
    gone = frozenset(names)
    return observed.model_copy(
        update={
            "tracks": tuple(one for one in observed.tracks if one.service not in gone),
            "logged": tuple(one for one in observed.logged if one.service not in gone),
            "calls": tuple(one for one in observed.calls if not {one.caller, one.callee} & gone),
            "changes": tuple(one for one in observed.changes if one.service not in gone),
            "placements": tuple(one for one in observed.placements if one.service not in gone),
            "requests": tuple(one for one in observed.requests if one.service not in gone),
            "heard": tuple(one for one in observed.heard if one.service not in gone),
            "gaps": (
                *observed.gaps,
                *(
                    Gap(source="telemetry", sought=f"telemetry of {name}", reason="not connected")
                    for name in sorted(gone)
                ),
            ),
        }
    )
