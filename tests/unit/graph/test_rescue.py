"""What fails outside of a node takes the change back, tells somebody, and ends the incident, whatever it is.

Each store fails from a moment on, at each node before or after it, and around each write to the world; the whole
product of them is walked in ``tests/exhaustive``.
"""

import json
from dataclasses import replace
from itertools import cycle
from pathlib import Path

import pytest

from graph import build
from graph.effects import perform
from graph.runtime import driver, rescue
from graph.setup import wiring
from graph.state import State, final
from incident.ending import Outcome
from incident.errors import Fenced
from incident.workload import Annotate
from tests.unit.graph.desks import INCIDENT, bench, without_rescue
from tests.unit.graph.faults import DISK, STORES, Fault, Kind, Moment, Platform, Scene, Trigger, emergencies
from tests.unit.graph.rescues import (
    BEFORE,
    HEALED,
    KINDS,
    MOMENTS,
    WRITES,
    assert_in_order,
    at_node,
    at_write,
    begin,
    places,
)
from tools.scripted.clock import ManualClock
from tools.scripted.world import incident_world

ALONE = tuple((store,) for store in STORES)
FAULTS = cycle([(stores, kind) for kind in KINDS for stores in (DISK, *ALONE)])


@pytest.mark.parametrize(
    ("place", "stores", "kind"),
    [pytest.param(place, *next(FAULTS), id="-".join(map(str, place))) for place in places()],
)
def test_a_store_that_fails_from_a_node_on(
    tmp_path: Path, place: tuple[str, Moment, int], stores: tuple[str, ...], kind: Kind
) -> None:
    assert_in_order(at_node(tmp_path, Fault(stores, kind), *place))


@pytest.mark.parametrize("number", sorted(WRITES), ids=lambda number: WRITES[number].replace(" ", ""))
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_disk_that_fails_around_each_write_to_the_world(tmp_path: Path, number: int, moment: Moment) -> None:
    ending = assert_in_order(at_write(tmp_path, Fault(DISK, KINDS[number % 3]), number, moment))
    assert ending.outcome is Outcome.ESCALATED


@pytest.mark.parametrize("node", ["roll_back", "escalate", "close"])
@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("stores", [DISK, ("ledger",)], ids=["disk", "ledger"])
def test_a_disk_that_fails_while_a_bad_change_is_taken_back(
    tmp_path: Path, node: str, moment: Moment, stores: tuple[str, ...]
) -> None:
    assert_in_order(at_node(tmp_path, Fault(stores, "error"), node, moment, bad=True))


def plain(at: Scene) -> None:
    """The drive without the rescue."""
    made = at.drive()
    row = at.shared.incidents.find(INCIDENT)
    assert row is not None
    without_rescue(made.saver(), made.context(row), State(case=at.case()))


@pytest.mark.parametrize("number", [3, 4, 5], ids=lambda number: WRITES[number].replace(" ", ""))
def test_control_without_the_rescue_the_canary_stays_where_it_is(tmp_path: Path, number: int) -> None:
    at = at_write(tmp_path, Fault(DISK, "error"), number, "after")
    at.open()
    with pytest.raises(OSError, match="Input/output error"):
        plain(at)
    assert at.weights() != BEFORE
    assert at.mark() != ""
    assert at.told.said == []


@pytest.mark.parametrize("error", [MemoryError(), RecursionError("too deep"), KeyError("x"), TypeError("a defect")])
@pytest.mark.parametrize("node", ["diagnose", "canary", "observe"])
def test_a_defect_in_a_node_takes_the_change_back_and_is_named(tmp_path: Path, node: str, error: Exception) -> None:
    class Defect(Trigger):
        def _look(self, moment: Moment) -> None:
            if (self.node, moment, self.visits) == (self.at, "before", self.visit):
                raise error

    at = begin(tmp_path, Fault(()))
    at.trigger = Defect(at=node, visit=2 if node == "canary" else 1)
    ending = assert_in_order(at)
    assert ending.outcome is Outcome.ESCALATED
    assert node in ending.reason
    assert type(error).__name__ in ending.reason
    assert "please report" in ending.reason
    assert ("this incident had changed no service" in ending.reason) is (node == "diagnose")


def test_a_graph_that_takes_too_many_steps_ends_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """LangGraph's own error, in the middle of a canary."""
    clock = ManualClock()
    at = bench(tmp_path, clock, incident_world(clock))
    clock.advance(30)
    before = at.weights()
    fresh = at.open()

    monkeypatch.setattr(build, "STEPS", 18)
    ended = final(driver.invoke(wiring.checkpointer(at.shared), at.context, INCIDENT, fresh))
    at.context.lease_keeper.stop()
    assert ended.ending is not None
    assert ended.ending.outcome is Outcome.ESCALATED
    assert "GraphRecursionError" in ended.ending.reason
    assert "taken back" in ended.ending.reason
    assert at.weights() == before
    assert at.told.said != []


def test_somebody_newer_is_left_alone_and_the_ending_says_so(tmp_path: Path) -> None:
    at = begin(tmp_path, Fault(DISK, "error"))
    at.trigger = Trigger(fault=at.fault, at="canary", moment="after", visit=2)

    class Overtaken(Platform):
        def _begin(self, moment: Moment) -> None:
            if (self._changes, moment) == (self._number, self._moment):
                now = self._real.read("orders")
                theirs = perform.effect_at(now).model_copy(update={"token": 10**18, "grant": "another"})
                self._real.change("orders", Annotate(), revision=now.revision, effect=theirs)

    at.world.platform = Overtaken(at.world.platform, at.fault, 3, "after")
    ending = at.start()
    assert ending.outcome is Outcome.ESCALATED
    assert "somebody newer owns orders" in ending.reason
    assert at.weights() == {"v1": 90, **dict.fromkeys(HEALED, 10)}
    assert at.mark() != ""
    assert at.told.said != []


def test_a_platform_that_is_away_as_well_is_said_to_be_unsettled(tmp_path: Path) -> None:
    at = at_node(tmp_path, Fault((*DISK, "platform"), "error"), "canary", "after", visit=2)
    at.world.platform = at.fault.door("platform", at.world.platform)
    ending = at.start()
    assert ending.outcome is Outcome.ESCALATED
    assert "NOT taken back, so look at orders" in ending.reason
    assert at.told.said != []
    at.fault.on = False
    assert at.mark() != "", "whoever comes next inherits it"


def test_the_ending_tells_what_failed_what_was_done_and_what_is_left_to_do(tmp_path: Path) -> None:
    at = at_node(tmp_path, Fault(DISK, "full"), "observe", "after")
    ending = at.start()
    for part in ("No space left on device", "taken back: traffic is back on v1 100 %", "not written down: the journal"):
        assert part in ending.reason
    assert "python -m graph.resume" in ending.reason
    (told,) = at.told.said
    assert "taken back" in told
    (last,) = [line for line in emergencies(at) if line["action"] == "ended"][-1:]
    assert last["body"]["reason"] == ending.reason
    assert json.dumps(last["body"]["running"]) in at.spoken.getvalue()


def test_control_with_a_disk_in_order_there_are_no_last_words(tmp_path: Path) -> None:
    at = begin(tmp_path, Fault(DISK))
    assert assert_in_order(at).outcome is Outcome.HEALED
    assert emergencies(at) == []


class Killed(BaseException):
    """The process ends here."""


def killed_at(folder: Path, number: int) -> Scene:
    """An incident whose process was killed right after its how-manyth write."""

    class Deadly(Platform):
        def _begin(self, moment: Moment) -> None:
            if (self._changes, moment) == (self._number, "after"):
                raise Killed

    at = begin(folder, Fault(()))
    real = at.world.platform
    at.world.platform = Deadly(real, at.fault, number, "after")
    with pytest.raises(Killed):
        at.start()
    at.world.platform = real
    assert at.weights() != BEFORE
    return at


@pytest.mark.parametrize("stores", [DISK, *((store,) for store in DISK)], ids="-".join)
def test_what_a_dead_process_left_is_taken_back_although_the_books_cannot_be_written(
    tmp_path: Path, stores: tuple[str, ...]
) -> None:
    """`graph.resume` on the full disk: it cannot even claim the incident."""
    at = killed_at(tmp_path, 3)
    on_a_full_disk = at.next(Fault(stores, "full", on=True))
    row = on_a_full_disk.resumed()
    assert row.status == "closed"
    assert at.mark() == ""
    assert at.weights() in (BEFORE, HEALED)
    weights = at.weights()
    assert on_a_full_disk.next().settled().status == "closed"
    assert at.weights() == weights


def test_control_a_dead_process_whose_books_are_in_order_is_gone_on_with(tmp_path: Path) -> None:
    at = killed_at(tmp_path, 3)
    assert at.next().resumed().outcome == "healed"
    assert at.weights() == HEALED


def test_what_a_live_process_works_on_is_left_alone(tmp_path: Path) -> None:
    at = killed_at(tmp_path, 3)
    other = at.next(Fault(DISK, on=True), lives=True)
    weights = at.weights()
    assert other.drive().stop(INCIDENT, OSError("the disk is full")) is None
    assert at.weights() == weights
    assert at.mark() != ""


def test_nothing_in_flight_leaves_the_incident_to_be_resumed_when_the_books_are_back(tmp_path: Path) -> None:
    at = begin(tmp_path, Fault(()))
    at.open(holder="1:1")
    for fault in (Fault(DISK, on=True), Fault(("incidents",), "error", on=True)):
        assert at.next(fault).drive().stop(INCIDENT, OSError("the disk is full")) is None


def test_control_an_ending_that_is_known_to_nobody_is_raised(tmp_path: Path) -> None:
    clock = ManualClock()
    at = bench(tmp_path, clock, incident_world(clock))
    with pytest.raises(Fenced):
        rescue.ended(replace(at.context), None, Fenced("nothing is known of it"))
