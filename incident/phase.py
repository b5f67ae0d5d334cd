"""The seven states of an incident, the legal moves between them, and which one each node works in."""

from collections.abc import Mapping
from enum import StrEnum


class Phase(StrEnum):
    """State of an incident; checked at every transition and journaled."""

    QUEUED = "queued"
    LOCKING = "locking"
    DIAGNOSING = "diagnosing"
    VALIDATING = "validating"
    DEPLOYING = "deploying"
    VERIFYING = "verifying"
    CLOSED = "closed"


# LOCKING comes twice: the incident is claimed before evidence is gathered, and the service is locked after the gates
# (docs/adr/0002-the-lock-node.md).
LEGAL: dict[Phase, frozenset[Phase]] = {
    Phase.QUEUED: frozenset({Phase.LOCKING, Phase.CLOSED}),
    Phase.LOCKING: frozenset({Phase.DIAGNOSING, Phase.VALIDATING, Phase.DEPLOYING, Phase.CLOSED}),
    Phase.DIAGNOSING: frozenset({Phase.VALIDATING, Phase.CLOSED}),
    Phase.VALIDATING: frozenset({Phase.DIAGNOSING, Phase.LOCKING, Phase.CLOSED}),
    # What was changed and taken back leaves the incident where it was: at its hypotheses.
    Phase.DEPLOYING: frozenset({Phase.VERIFYING, Phase.DIAGNOSING, Phase.CLOSED}),
    Phase.VERIFYING: frozenset({Phase.DIAGNOSING, Phase.CLOSED}),
    Phase.CLOSED: frozenset(),
}


OF_NODE: Mapping[str, Phase] = {
    "intake": Phase.QUEUED,
    "correlate": Phase.LOCKING,
    "claim": Phase.LOCKING,
    "gather": Phase.DIAGNOSING,
    "diagnose": Phase.DIAGNOSING,
    "search": Phase.DIAGNOSING,
    "plan": Phase.VALIDATING,
    "write_patch": Phase.VALIDATING,
    "prove": Phase.VALIDATING,
    "review": Phase.VALIDATING,
    "assess": Phase.VALIDATING,
    "gate": Phase.VALIDATING,
    "lock": Phase.LOCKING,
    "canary": Phase.DEPLOYING,
    "observe": Phase.DEPLOYING,
    "verify": Phase.VERIFYING,
    "close": Phase.CLOSED,
    "rescue": Phase.CLOSED,
}
"""The state that an incident is in while a node works.  At a node that is not here it stays what it was."""


class IllegalMove(ValueError):
    """A transition that the table does not hold: an internal error."""


def move(now: Phase, to: Phase) -> Phase:
    """The new state.  Staying is always legal.  Raises IllegalMove."""
    if to is not now and to not in LEGAL[now]:
        raise IllegalMove(f"{now} -> {to}")
    return to
