"""Questions to the ports until a deadline; each without an answer is a gap."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple, TypeVar

from graph.evidence.answers import once
from incident.evidence import Gap, Missing
from tools.ports import Clock

T = TypeVar("T")

SECONDS = 15.0
"""Seconds after which nothing more is asked: an incident waits."""

NAMED = 5
"""Most services that one gap names."""


class Asking:
    """Questions to the ports until a deadline; each without an answer is a gap."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._deadline = clock.monotonic() + SECONDS
        self._failed: dict[tuple[str, str, str], list[str]] = {}

    def __call__(self, source: str, sought: str, whose: str, ask: Callable[[], T | Missing]) -> T | None:
        """Return the answer of one source about one service; None, and a gap, where there is none."""
        late = self._clock.monotonic() > self._deadline
        answer = Missing(reason=f"nothing more is asked after {SECONDS:g} s") if late else once(ask)
        if isinstance(answer, Missing):
            self._failed.setdefault((source, sought, answer.reason), []).append(whose)
            return None
        return answer

    def gaps(self) -> tuple[Gap, ...]:
        """One gap for each thing that is not known for one reason, of however many services."""
        told = {key: tuple(dict.fromkeys(whose)) for key, whose in self._failed.items()}
        return tuple(
            Gap(
                source=source,
                sought=f"{sought} of {', '.join(whose[:NAMED])}{_more(len(whose) - NAMED)}",
                reason=reason,
            )
            for (source, sought, reason), whose in told.items()
        )


def _more(count: int) -> str:
    return f" and {count} more" if count > 0 else ""


class Periods(NamedTuple):
    """Healthy time, and what followed it."""

    healthy: tuple[datetime, datetime]
    since: tuple[datetime, datetime]

    @property
    def both(self) -> tuple[tuple[datetime, datetime], tuple[datetime, datetime]]:
        """The two, in order."""
        return self.healthy, self.since
