"""Truth about a world, which no policy gets: the cause, and whom it is right or wrong to accuse."""

from typing import Literal

from incident.value import Value
from policies.suspects.scores import Suspect

Reading = Literal["right", "near", "innocent"]


class Truth(Value):
    """One world's cause."""

    kind: str
    """Kind of the planted cause, or `quiet`."""
    right: tuple[Suspect, ...] = ()
    """Suspects any of which names the cause.  Empty: nothing is wrong."""
    near: tuple[Suspect, ...] = ()
    """Suspects that hold the cause without naming it: the service that a guilty change is in."""

    def of(self, suspect: Suspect) -> Reading:
        """The part that a suspect has in it."""
        if any(_same(one, suspect) for one in self.right):
            return "right"
        return "near" if any(_same(one, suspect) for one in self.near) else "innocent"


def _same(one: Suspect, other: Suspect) -> bool:
    if one.kind == "outside" and one.name.startswith("record "):
        # Every service that a request passes has the record's id before it.
        return other.kind == "outside" and other.name.startswith(one.name)
    return (one.kind, one.name, one.service, one.at) == (other.kind, other.name, other.service, other.at)
