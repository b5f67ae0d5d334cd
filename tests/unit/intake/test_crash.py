"""An internal error while an incident is opened or resumed leaves nobody's hold on its service behind."""

from pathlib import Path

import pytest

from graph.console import observer
from graph.context import Context
from graph.runtime import cases, resumption
from graph.setup import stores
from incident.ending import Outcome
from tests.unit.graph import desks, driven
from tools import attempt, ports
from tools.scripted.clock import ManualClock
from tools.scripted.world import incident_world


class Faulty(driven.Driver):
    """A driver with a defect that one alert brings out before anything is recorded of it."""

    broken = ""

    def context(self, row: ports.Row) -> Context:
        if row.id == self.broken:
            raise OverflowError("date value out of range")
        return super().context(row)


def test_an_incident_that_crashed_keeps_no_later_alert_from_its_service(tmp_path: Path) -> None:
    clock = ManualClock()
    world = incident_world(clock)
    clock.advance(40.0)
    chosen = driven.said(tmp_path, SUTURE_AUTONOMY="observe", SUTURE_PROFILE="lab")
    books = stores.connect(chosen, clock=clock, notify=desks.Told())
    (first,) = cases.of(chosen, world, driven.alert(n="1")).cases
    (second,) = cases.of(chosen, world, driven.alert(n="2")).cases
    work = Faulty(chosen, books, world, observer.silent)
    work.broken = first.incident
    with pytest.raises(OverflowError):
        work.start(first)
    (left,) = resumption.left(books, chosen, second)
    assert not books.incidents.alive(left)
    # As `graph.run` does: what was left is resumed first, and whatever comes of that, the new alert is worked on.
    assert isinstance(attempt.run(lambda: resumption.taken_up(books, work, left)), OverflowError)
    ending, row = work.start(second)
    assert row.id == second.incident
    assert ending.outcome is not Outcome.NO_ACTION
