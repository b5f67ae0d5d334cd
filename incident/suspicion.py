"""Suspicion: one suspect of the ranking over all services, as evidence that a hypothesis may cite."""

from typing import Literal

from pydantic import AwareDatetime, Field

from incident.decision import SCALE
from incident.value import Value

Standing = Literal["convicted", "suspected", "cleared"]
"""`cleared`: its time or traffic speaks for its innocence, whatever else it weighs."""


class Suspicion(Value):
    """One suspect, how it stands, and which mechanisms speak for it."""

    kind: Literal["suspicion"] = "suspicion"
    what: Literal["service", "change", "place", "outside"]
    name: str
    service: str = ""
    """Service that it belongs to; empty where it belongs to none."""
    at: AwareDatetime | None = None
    """Of a change: its time."""
    standing: Standing
    confidence: int = Field(ge=0, le=SCALE)
    """In ten-thousandths."""
    firm: bool = False
    """True when it is convicted without any text that a workload wrote: only such a one may open a gate."""
    mechanisms: tuple[str, ...] = ()
    """Those that speak for it, the strongest first."""
    change: str = ""
    """Of a change: id of the evidence that records it."""
