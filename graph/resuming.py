"""Which incidents nobody works on any more, and how often one has been taken up again.

What is found here is only worth looking at: whoever resumes an incident claims its row first, so of
two that find the same one, one goes on and the other is told who does.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Literal

from pydantic import ValidationError

from graph.settings import Autonomy, Settings
from graph.state import Case
from incident.errors import Tampered
from incident.value import Value
from tools.ports import Audit, Row

TRIES = 5
"""How often an incident is resumed from the same place before it is stopped in order: a crash that comes back
each time is a defect, and what it left in the world is taken back rather than tried for ever."""

LADDER: tuple[Autonomy, ...] = ("observe", "propose", "approve", "auto")

Why = Literal["its process is gone", "nobody holds it", "its question went unanswered"]


class Opening(Value):
    """What an incident was opened with; its row carries it."""

    case: Case
    autonomy: Autonomy
    dry_run: bool


def opening(row: Row) -> Opening | None:
    """What the row's incident was opened with; None for a row of an older version.  Raises Tampered."""
    try:
        return Opening.model_validate(row.opening) if row.opening else None
    except ValidationError as error:
        raise Tampered(f"what {row.id} was opened with cannot be read") from error


def narrowed(settings: Settings, row: Row) -> Settings:
    """The settings to resume an incident under: it never gets more leave than it was opened with."""
    known = opening(row)
    if known is None:
        return settings
    lower = min(settings.autonomy, known.autonomy, key=LADDER.index)
    return settings.model_copy(update={"autonomy": lower, "dry_run": settings.dry_run or known.dry_run})


class Unfinished(Value):
    """An incident that would be resumed."""

    row: Row
    why: Why


def unfinished(
    rows: Iterable[Row], alive: Callable[[Row], bool], now: datetime, patience: timedelta
) -> tuple[Unfinished, ...]:
    """The incidents to resume, oldest first.

    One that waits for a person is left alone, unless its question is older than `patience`: then the
    gate looks again, because the trouble may be over.
    """
    found = ((row, _why(row, alive, now, patience)) for row in rows)
    return tuple(Unfinished(row=row, why=why) for row, why in found if why is not None)


def _why(row: Row, alive: Callable[[Row], bool], now: datetime, patience: timedelta) -> Why | None:
    if row.status == "closed":
        return None
    if row.holder:
        return None if alive(row) else "its process is gone"
    if row.status == "open":
        return "nobody holds it"
    return "its question went unanswered" if now - row.changed_at > patience else None


def tries(audit: Audit, incident: str, place: str) -> int:
    """How often in a row the incident was resumed from this place.  The chain remembers it over restarts."""
    places = [str(body.get("place")) for body in audit.find("resumed", incident)]
    count = 0
    for known in reversed(places):
        if known != place:
            break
        count += 1
    return count
