"""Unfinished incidents, on which nobody works any more.

The result may be out of date: a process claims an incident's row before it resumes it, so of two that find the same
one, one goes on and the other is told who does.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Literal

from graph.config.settings import Settings
from graph.setup import stores
from incident.control import Control
from incident.value import Value
from tools import attempt
from tools.ports import Row

Why = Literal["its process is gone", "nobody holds it", "its question went unanswered", "a person stopped it"]


class Unfinished(Value):
    """An incident that would be resumed, and the reason."""

    row: Row
    why: Why


def found(shared: stores.Stores, chosen: Settings) -> tuple[Unfinished, ...]:
    """Return the incidents that would be resumed now."""
    patience = timedelta(seconds=chosen.approval_seconds)

    def stopped(row: Row) -> bool:
        said = attempt.run(lambda: shared.incidents.control(row.id))
        return isinstance(said, Control) and said.aborted

    return among(shared.incidents.rows(), shared.incidents.alive, shared.clock.now(), patience, stopped)


def among(
    rows: Iterable[Row],
    alive: Callable[[Row], bool],
    now: datetime,
    patience: timedelta,
    stopped: Callable[[Row], bool] = lambda _: False,
) -> tuple[Unfinished, ...]:
    """Return the incidents to resume, in the order of the rows.

    One that waits for a person is left alone, unless its question is older than `patience`: then the gate looks
    again, because the alert may have recovered; or it was `stopped`: then no answer opens anything.
    """
    found = ((row, _why(row, alive, now, patience) or _stopped(row, stopped)) for row in rows)
    return tuple(Unfinished(row=row, why=why) for row, why in found if why is not None)


def _stopped(row: Row, stopped: Callable[[Row], bool]) -> Why | None:
    return "a person stopped it" if row.status == "waiting" and not row.holder and stopped(row) else None


def _why(row: Row, alive: Callable[[Row], bool], now: datetime, patience: timedelta) -> Why | None:
    if row.status == "closed":
        return None
    if row.holder:
        return None if alive(row) else "its process is gone"
    if row.status == "open":
        return "nobody holds it"
    return "its question went unanswered" if now - row.changed_at > patience else None
