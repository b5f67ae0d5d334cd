"""What ended while its row could not be written is closed by whoever opens the books next, and not acted upon."""

from pathlib import Path

import pytest

from graph import replay
from graph.reports import journal_reader as journal
from graph.runtime import settlement
from graph.setup import stores
from incident.record import Acted, Closed
from tests.unit.graph.desks import INCIDENT
from tests.unit.graph.faults import Fault, Scene, scene
from tools.ports.basics import ENDED
from tools.scripted.clock import ManualClock
from tools.scripted.world import incident_world

REASON = "observe: the disk is full; taken back: traffic is back on v1 100 %"


def left(folder: Path, *, note: bool = True) -> Scene:
    """An incident whose process is gone, with its row open, an intent in flight and its last words elsewhere."""
    clock = ManualClock()
    at = scene(folder / "home", clock, incident_world(clock), Fault(()))
    at.open(holder="1:1")
    at.shared.ledger.intend("k-1", INCIDENT, {"service": "orders", "step": "canary-10"}, clock.now())
    if note:
        said = {"incident": INCIDENT, "service": "orders", "reason": REASON, "running": "v1 100 %"}
        at.emergency.write(clock.now(), "suture", ENDED, dict(said))
    return at.next()


def status(at: Scene) -> tuple[str, str, str]:
    row = at.shared.incidents.find(INCIDENT)
    assert row is not None
    return row.status, row.outcome, row.reason


@pytest.mark.invented
def test_it_is_closed_as_it_ended_and_its_record_replays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at = left(tmp_path)
    changes = at.made()
    settlement.settle(at.shared)
    assert status(at) == ("closed", "escalated", REASON)
    folder = stores.folder(at.shared, INCIDENT)
    records = journal.load(folder.lines())
    closed, acted = journal.last(records, Closed), journal.last(records, Acted)
    assert closed is not None
    assert acted is not None
    assert (closed.ending.reason, closed.running, acted.result) == (REASON, "v1 100 %", "unknown")
    assert at.shared.ledger.open() == ()
    replay.unchanged(at.shared.audit, folder, INCIDENT)
    assert at.made() == changes
    assert at.told.said == [], "people know already"
    assert REASON in capsys.readouterr().err


@pytest.mark.invented
def test_it_is_closed_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at = left(tmp_path)
    settlement.settle(at.shared)
    lines = stores.folder(at.shared, INCIDENT).lines()
    capsys.readouterr()
    settlement.settle(at.next().shared)
    assert stores.folder(at.shared, INCIDENT).lines() == lines
    assert capsys.readouterr().err == ""


def test_control_without_last_words_it_stays_to_be_resumed(tmp_path: Path) -> None:
    at = left(tmp_path, note=False)
    settlement.settle(at.shared)
    assert status(at)[0] == "open"


def test_what_a_live_process_works_on_is_left_alone(tmp_path: Path) -> None:
    at = left(tmp_path).next(lives=True)
    settlement.settle(at.shared)
    assert status(at)[0] == "open"


def test_an_incident_that_nobody_knows_is_none_of_ours(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clock = ManualClock()
    at = scene(tmp_path / "home", clock, incident_world(clock), Fault(()))
    for incident in ("inc-else", "../../etc", ""):
        at.emergency.write(clock.now(), "suture", ENDED, {"incident": incident, "reason": "x"})
    settlement.settle(at.shared)
    assert at.shared.incidents.rows() == ()
    assert capsys.readouterr().err == ""


@pytest.mark.invented
@pytest.mark.parametrize("store", ["incidents", "audit", "ledger"])
def test_where_it_still_cannot_be_written_that_is_said_and_tried_again(
    tmp_path: Path, store: str, capsys: pytest.CaptureFixture[str]
) -> None:
    at = left(tmp_path)
    fault = Fault((store,), "full", on=True)
    broken = {store: fault.door(store, getattr(at.shared, store))}
    if store == "incidents":  # claiming is a write, too
        broken[store]._methods = (*broken[store]._methods, "claim")
    settlement.settle(type(at.shared)(**{**vars(at.shared), **broken}))
    assert status(at)[0] == "open"
    assert "still cannot be written down" in capsys.readouterr().err
    settlement.settle(at.next().shared)
    assert status(at) == ("closed", "escalated", REASON)
