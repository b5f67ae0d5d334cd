"""The seven states of an incident and the one table of legal moves."""

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


LEGAL: dict[Phase, frozenset[Phase]] = {
    Phase.QUEUED: frozenset({Phase.LOCKING, Phase.CLOSED}),
    Phase.LOCKING: frozenset({Phase.DIAGNOSING, Phase.VALIDATING, Phase.DEPLOYING, Phase.CLOSED}),
    Phase.DIAGNOSING: frozenset({Phase.VALIDATING, Phase.CLOSED}),
    Phase.VALIDATING: frozenset({Phase.DIAGNOSING, Phase.LOCKING, Phase.CLOSED}),
    Phase.DEPLOYING: frozenset({Phase.VERIFYING, Phase.CLOSED}),
    Phase.VERIFYING: frozenset({Phase.CLOSED}),
    Phase.CLOSED: frozenset(),
}


class IllegalMove(ValueError):
    """A transition that the table does not hold: an internal error."""


def move(now: Phase, to: Phase) -> Phase:
    """The new state.  Staying is always legal.  Raises IllegalMove."""
    if to is not now and to not in LEGAL[now]:
        raise IllegalMove(f"{now} -> {to}")
    return to
