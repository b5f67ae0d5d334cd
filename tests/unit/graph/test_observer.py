"""The display is an observer: nothing that it raises reaches the incident, and each kind is named once."""

import errno
import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console
from rich.errors import MarkupError

from graph.console import observer
from graph.journal import Journal
from graph.reports import timeline
from incident.ending import Outcome
from incident.record import Record
from tests.unit.graph.desks import INCIDENT, Bench, bench
from tests.unit.recorded import Told
from tools.scripted.clock import ManualClock
from tools.scripted.world import incident_world

RAISED = (
    BrokenPipeError(errno.EPIPE, "Broken pipe"),
    OSError(errno.ENOSPC, "No space left on device"),
    UnicodeEncodeError("ascii", "→", 0, 1, "ordinal not in range(128)"),
    ValueError("I/O operation on closed file"),
    MarkupError("closing tag does not match"),
    MemoryError(),
    RecursionError("maximum recursion depth exceeded"),
    ZeroDivisionError("a width of nothing"),
    AttributeError("'NoneType' object has no attribute 'write'"),
)


class Failing:
    """A listener that raises for every record."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.asked = 0

    def __call__(self, record: Record) -> None:
        self.asked += 1
        raise self.error


def watched(folder: Path, listener: Failing) -> Bench:
    clock = ManualClock()
    at = bench(folder, clock, incident_world(clock))
    journal = Journal(INCIDENT, at.context.folder, at.context.audit, clock, lambda value: value, listener)
    at.context = replace(at.context, journal=journal)
    clock.advance(30)
    return at


@pytest.mark.parametrize("error", RAISED, ids=lambda error: type(error).__name__)
def test_an_incident_heals_whatever_its_display_raises(
    tmp_path: Path, error: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    listener = Failing(error)
    assert watched(tmp_path, listener).heal().outcome is Outcome.HEALED
    assert listener.asked > 50, "it is told of each record all the same"
    assert capsys.readouterr().err.count("a line of the display is missing") == 1


def test_control_the_same_listener_alone_raises(told: Told) -> None:
    with pytest.raises(MemoryError):
        Failing(MemoryError())(told["healed"][0])


def test_a_line_that_cannot_be_drawn_does_not_end_the_display(told: Told) -> None:
    seen: list[int] = []

    def listen(record: Record) -> None:
        if record.sequence == 1:
            raise MarkupError("one bad line")
        seen.append(record.sequence)

    listener = observer.observed(listen)
    for record in told["healed"][:4]:
        listener(record)
    assert seen == [0, 2, 3]


@pytest.mark.parametrize("width", [1, 2, 40, 240])
@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_every_record_is_drawn_on_narrow_terminals_with_few_letters(told: Told, width: int, encoding: str) -> None:
    shown = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="backslashreplace")
    console = Console(file=shown, width=width, height=25, force_terminal=True)
    for records in told.values():
        display = timeline.Timeline(console)
        for record in records:
            display(record)
        timeline.summary(console, records)
    shown.flush()
    assert shown.buffer.seek(0, 1) > 10_000


def test_what_is_shown_after_the_end_raises_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    def show() -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    observer.shown("the records were not copied", show)
    assert capsys.readouterr().err == "suture: the records were not copied (Permission denied)\n"
