"""The search for a cause: its rounds, the hypotheses that were struck, and the remedies that did not help."""

from typing import Literal

from pydantic import Field

from incident.decision import Reason
from incident.diagnosis import Diagnosis
from incident.ending import Outcome
from incident.evidence import Change, Dossier, Neighbours
from incident.remedy import RemedyKind
from incident.suspicion import Suspicion
from incident.value import Value


class Strike(Value):
    """A hypothesis that is not followed any more, and why."""

    hypothesis: int
    """Its index in the diagnosis of its round."""
    kind: Literal["unsupported", "disproved", "untested", "failed"]
    """`untested`: nothing could have disproved it, so it may be named and never acted upon; `failed`: its remedy
    did not help, or was refused."""
    why: Reason
    evidence: tuple[str, ...] = ()
    """Ids of the evidence that speaks against it, in the dossier of its round."""


class Round(Value):
    """One investigation: the evidence about a service, and what became of each hypothesis."""

    service: str
    neighbours: Neighbours | None
    dossier: Dossier
    diagnosis: Diagnosis
    strikes: tuple[Strike, ...] = ()
    # Left out of the encoding where it is false, as in every record from before the field was there.
    steered: bool = Field(default=False, exclude_if=lambda steered: not steered)
    """True where a person's word led to it, or a model had read one."""

    def struck(self, strike: Strike) -> "Round":
        """The round with one more strike."""
        return self.model_copy(update={"strikes": (*self.strikes, strike)})


class Accused(Value):
    """A suspect of the ranking over all services, and the change that it is, if it is one."""

    suspicion: Suspicion
    change: Change | None = None


class Setback(Value):
    """A remedy that was tried in this incident and did not help, and the ending if nothing else is left."""

    service: str
    remedy: RemedyKind
    remedy_digest: str = ""
    """Empty where no remedy was complete."""
    blamed: Reason = Reason()
    """The cause that its hypothesis blamed."""
    outcome: Outcome
    why: Reason
    said: str = ""
    """Result of taking it back, in words; empty where it had changed nothing."""
    steered: bool = Field(default=False, exclude_if=lambda steered: not steered)
    """True where a person's word led to its hypothesis."""
