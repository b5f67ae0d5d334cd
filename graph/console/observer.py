"""Observer of an incident: errors of the display are named once on standard error, and end nothing."""

from collections.abc import Callable

from graph.console import cli
from incident.record import Record
from tools import attempt


def observed(listener: Callable[[Record], None]) -> Callable[[Record], None]:
    """Return the listener without its errors."""
    # Each kind once: a display that fails at every record would fill the terminal.
    told: set[str] = set()

    def listen(record: Record) -> None:
        error = attempt.failure(lambda: listener(record))
        if error is not None and type(error).__name__ not in told:
            told.add(type(error).__name__)
            cli.say(f"a line of the display is missing ({attempt.sentence(error)}); the incident goes on")

    return listen


def shown(what: str, show: Callable[[], object]) -> None:
    """Show something beside an incident; an error becomes a line on standard error."""
    error = attempt.failure(show)
    if error is not None:
        cli.say(f"{what} ({attempt.sentence(error)})")


def silent(_record: Record) -> None:
    """The listener that tells nobody."""
