"""Behaviour of the lab's own world: calm before anything happens to it, and what makes a run void afterwards.

A run is void when something went wrong that nobody planned: it says nothing about who heals.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from evals.lab.metrics import points
from evals.lab.metrics.samples import Window
from incident.evidence import Missing

SPAN = 3.0
"""Seconds of each of the two windows that are compared."""
WITHIN = 90.0
"""Seconds from the first user in which a world must get calm."""
MOST_ERRORS = 0.01
"""Share of a service's requests that may fail in a calm world."""
STEADY, SMALL = 1.5, 0.025
"""Growth of a median time to answer that is no longer steady, when it is more than so many seconds as well."""
LATE = 1.0
"""Seconds by which the load generator may miss an arrival."""
STALLED = 3.0
"""Seconds for which the main process may get no turn."""
LOOK = 1.0
"""Seconds between two looks."""

Windows = Mapping[str, Window | Missing]
"""Samples of a span, by service."""


def waits_for(ready: Mapping[str, bool], before: Windows, now: Windows, late: float) -> str:
    """The first thing that is not calm yet, in words; empty when the world is calm."""
    for service, answers in sorted(ready.items()):
        if not answers:
            return f"{service} does not answer its health check"
    if late > LATE:
        return f"the load generator is {late:.1f} s late"
    for service in sorted(ready):
        earlier, later = before.get(service), now.get(service)
        if not isinstance(earlier, Window) or not isinstance(later, Window):
            return f"there are no samples of {service} for {2 * SPAN:.0f} s"
        if later.errors > MOST_ERRORS * max(later.requests, 1):
            return f"{later.errors} of {later.requests} requests to {service} fail"
        was, is_now = points.quantile(earlier.buckets, 0.5), points.quantile(later.buckets, 0.5)
        if was is not None and is_now is not None and is_now > was * STEADY and is_now - was > SMALL:
            return f"the median time of {service} still grows, from {was * 1000:.0f} to {is_now * 1000:.0f} ms"
    return ""


@dataclass(frozen=True)
class Death:
    """A process that ended by itself."""

    service: str
    version: str
    code: int
    """Exit code; below zero: the signal that ended it."""


@dataclass
class Watch:
    """State of the lab's own world, kept up to date by the lab."""

    waits_for: str = "the first samples"
    begun_at: float | None = None
    """Time at which the timetable began; None before."""
    void: list[str] = field(default_factory=list)
    """Reasons that this run is void."""

    @property
    def calm(self) -> bool:
        """True from the moment at which the timetable began."""
        return self.begun_at is not None

    def note(self, cause: str) -> None:
        """Count something against the run, once each."""
        if cause not in self.void:
            self.void.append(cause)

    def turn(self, gap: float) -> None:
        """The main process got its turn after so many seconds."""
        if gap > STALLED + LOOK:
            self.note(f"the machine stalled for {gap - LOOK:.0f} s")

    def arrivals(self, late: float) -> None:
        """The most by which the load generator was late since the last look."""
        if late > LATE:
            self.note(f"the load generator was {late:.1f} s late")

    def died(self, death: Death, planned: Collection[str], ours: Collection[tuple[str, str]]) -> None:
        """A process ended: a void run, unless the fault may end it or somebody else had started that version."""
        if death.service not in planned and (death.service, death.version) in ours:
            self.note(f"{death.service} {death.version} ended by itself with code {death.code}")
