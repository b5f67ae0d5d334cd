"""Taking an incident up again: who may, what is chained, and what happens when it never gets further."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from graph.config import settings
from graph.runtime import driver, resumption
from graph.setup import stores
from incident.control import Control
from incident.ending import Ending, Outcome
from incident.errors import Unsure
from tests.unit.graph.rows import AT, row
from tools import ports
from tools.records import process


@dataclass
class Work:
    """A drive that only remembers."""

    places: list[str] = field(default_factory=lambda: ["c-1"])
    resumed: list[str] = field(default_factory=list)

    def place(self, incident: str) -> str:
        return self.places[0] if len(self.places) == 1 else self.places.pop(0)

    def resume(self, known: ports.Row) -> tuple[Ending, ports.Row]:
        self.resumed.append(known.id)
        return Ending(outcome=Outcome.HEALED, reason="well"), known

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"nobody should ask for {name}")


@pytest.fixture
def shared(tmp_path: Path) -> stores.Stores:
    return stores.connect(settings.load({"SUTURE_HOME": str(tmp_path / "home")}))


def opened(shared: stores.Stores, holder: str) -> ports.Row:
    claimed = shared.incidents.claim(row(holder=""), holder)
    assert claimed is not None
    return claimed


def go_on(shared: stores.Stores, work: Work, known: ports.Row) -> Ending:
    return resumption.go_on(shared, cast("driver.Driver", work), known)[0]


DEAD = "999999999:1"
ALIVE = process.holder(1)
"""The first process of this machine or container runs as long as we do."""


def test_a_dead_processs_incident_is_claimed_chained_and_driven(shared: stores.Stores) -> None:
    work, known = Work(), opened(shared, DEAD)
    assert go_on(shared, work, known).outcome is Outcome.HEALED
    assert work.resumed == ["inc-1"]
    (said,) = shared.audit.find("resumed", "inc-1")
    assert (said["place"], said["holder"]) == ("c-1", shared.holder)
    held = shared.incidents.find("inc-1")
    assert held is not None
    assert held.holder == shared.holder


def test_a_live_processs_incident_is_left_alone_and_nothing_is_chained(shared: stores.Stores) -> None:
    work, known = Work(), opened(shared, ALIVE)
    assert go_on(shared, work, known).outcome is Outcome.NO_ACTION
    assert work.resumed == []
    assert shared.audit.find("resumed", "inc-1") == ()


def test_an_incident_that_never_gets_further_is_stopped_in_order(shared: stores.Stores) -> None:
    """What it left in the world is taken back, the way that a person's abort goes."""
    work, known = Work(), opened(shared, DEAD)
    for _ in range(resumption.TRIES):
        go_on(shared, work, known)
        assert not shared.incidents.control("inc-1").aborted
    go_on(shared, work, known)
    control = shared.incidents.control("inc-1")
    assert (control.aborted, control.by) == (True, "suture")
    assert "5 times" in control.reason


def test_an_incident_that_gets_further_each_time_is_not_stopped(shared: stores.Stores) -> None:
    work, known = Work(places=[f"c-{number}" for number in range(20)]), opened(shared, DEAD)
    for _ in range(12):
        go_on(shared, work, known)
    assert not shared.incidents.control("inc-1").aborted


def test_one_that_cannot_even_be_stopped_is_left_to_a_person(shared: stores.Stores) -> None:
    work, known = Work(), opened(shared, DEAD)
    for _ in range(2 * resumption.TRIES):
        go_on(shared, work, known)
    with pytest.raises(Unsure, match="a person must look"):
        go_on(shared, work, known)
    assert len(work.resumed) == 2 * resumption.TRIES


def test_stopping_one_keeps_what_people_said_and_leaves_the_kill_switch_alone(shared: stores.Stores) -> None:
    known = opened(shared, DEAD)
    shared.incidents.set_control(None, Control(stop_all=True, by="ada", at=AT))
    shared.incidents.set_control("inc-1", Control(paused=True, by="kim", at=AT))
    work = Work()
    for _ in range(resumption.TRIES + 1):
        go_on(shared, work, known)
    shared.incidents.set_control(None, Control(by="ada", at=AT))
    control = shared.incidents.control("inc-1")
    assert (control.paused, control.aborted, control.stop_all) == (True, True, False)


def test_a_closed_incident_only_tells_its_ending(shared: stores.Stores) -> None:
    known = opened(shared, DEAD)
    shared.incidents.update(known.model_copy(update={"status": "closed", "outcome": "healed", "holder": ""}))
    go_on(shared, Work(), known)
    assert shared.audit.find("resumed", "inc-1") == ()
