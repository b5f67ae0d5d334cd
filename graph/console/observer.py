"""The display is an observer: what it raises is named once on standard error, and ends nothing."""

from collections.abc import Callable

from graph.console import cli
from incident.record import Record
from tools import attempt


def observed(listener: Callable[[Record], None]) -> Callable[[Record], None]:
    """The listener, without its errors."""
    told: set[str] = set()

    def listen(record: Record) -> None:
        error = attempt.failure(lambda: listener(record))
        if error is not None and type(error).__name__ not in told:
            told.add(type(error).__name__)
            cli.say(f"a line of the display is missing ({attempt.sentence(error)}); the incident goes on")

    return listen


def shown(what: str, show: Callable[[], object]) -> None:
    """Show what is no incident's business."""
    error = attempt.failure(show)
    if error is not None:
        cli.say(f"{what} ({attempt.sentence(error)})")


def silent(_record: Record) -> None:
    """The listener that tells nobody."""
