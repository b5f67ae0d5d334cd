"""What a dead worker's incident leaves behind shuts nothing, and one that cannot be resumed is told once and ended."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import JsonValue

from graph import explain, run
from graph.config import settings
from graph.console import observer
from graph.runtime import cases, driver, resumption
from graph.setup import stores
from graph.state import Case
from incident.control import Control
from incident.declared_plan import DeclaredPlan
from incident.ending import Ending, Outcome
from incident.errors import Tampered
from tests.unit.graph.desks import INCIDENT, Bench, bench
from tools import ports
from tools.records import process
from tools.scripted.clock import ManualClock
from tools.scripted.stage import Crashed, Trouble
from tools.scripted.world import incident_world

FATES: list[process.Fate] = ["dead", "alive", "unknown"]


def other(at: Bench, *, service: str = "orders", declared: DeclaredPlan | None = None) -> ports.Row:
    """An older open incident of the same world, in the hands of somebody else."""
    now = at.clock.now()
    row = ports.Row(
        id="inc-other",
        world=at.world.platform.world(),
        fingerprint="other",
        starts_at=now,
        service=service,
        status="open",
        declared=declared,
        opened_at=now - timedelta(seconds=60),
        changed_at=now,
    )
    claimed = at.context.incidents.claim(row, "2:2")
    assert claimed is not None
    return claimed


@pytest.mark.parametrize("fate", FATES)
def test_a_service_is_being_handled_only_while_somebody_lives_who_does(tmp_path: Path, fate: process.Fate) -> None:
    """Of a holder elsewhere nothing is known; it lives until its lease ends."""
    clock = ManualClock()
    at = bench(tmp_path, clock, incident_world(clock), fate=fate)
    clock.advance(30)
    other(at)
    ending = at.heal()
    if fate == "dead":
        assert ending.outcome is Outcome.HEALED, ending.reason
    else:
        assert (ending.outcome, "inc-other" in ending.reason) == (Outcome.NO_ACTION, True)


@pytest.mark.parametrize("fate", FATES)
def test_a_dead_workers_plan_holds_nobody_up(tmp_path: Path, fate: process.Fate) -> None:
    clock = ManualClock()
    at = bench(tmp_path, clock, incident_world(clock), fate=fate)
    clock.advance(30)
    other(at, service="stock", declared=DeclaredPlan(service="stock", change="x", acting=True))
    ending = at.heal()
    assert (at.decided("conflicts.judge")[0] == "independent") is (fate == "dead")
    # One elsewhere is waited for until its lease has ended, one that is seen to live for as long as a plan may wait.
    assert (ending.outcome is Outcome.HEALED) is (fate != "alive"), ending.reason


# One that cannot be resumed.


@dataclass
class Told:
    """A notifier that remembers."""

    said: list[str] = field(default_factory=list)

    def tell(self, subject: str, body: Mapping[str, JsonValue]) -> tuple[tuple[str, bool], ...]:
        self.said.append(f"{subject}: {body.get('reason')}")
        return (("test", True),)


@dataclass
class Left:
    """An incident whose process was killed with half of the traffic on its canary, and the next process."""

    first: Bench
    shared: stores.Stores
    work: driver.Driver
    told: Told

    def row(self) -> ports.Row:
        found = self.shared.incidents.find(INCIDENT)
        assert found is not None
        return found

    def resume(self) -> Ending:
        return resumption.go_on(self.shared, self.work, self.row())[0]


@pytest.fixture
def left(tmp_path: Path) -> Left:
    clock = ManualClock()
    trouble = Trouble.model_validate({"changes": {4: "crash_after"}})
    first = bench(tmp_path, clock, incident_world(clock, trouble=trouble))
    clock.advance(30)
    with pytest.raises(Crashed):
        first.run(first.open())
    assert sorted(first.weights().values()) == [50, 50]
    told = Told()
    plain = stores.connect(settings.load({"SUTURE_HOME": str(first.home.root)}))
    shared = replace(plain, clock=clock, notify=told)
    chosen = first.context.settings
    return Left(first, shared, driver.Driver(chosen, shared, first.world, observer.silent), told)


def spoiled_checkpoint(left: Left) -> None:
    left.first.home.checkpoints.write_bytes(b"nonsense" * 4096)


def spoiled_journal(left: Left) -> None:
    file = left.first.home.incident(INCIDENT) / "decisions.jsonl"
    file.write_bytes(file.read_bytes().replace(b'"kind":"diagnosed"', b'"kind":"dreamed"'))


def lost_journal(left: Left) -> None:
    (left.first.home.incident(INCIDENT) / "decisions.jsonl").unlink()


def lost_checkpoints(left: Left) -> None:
    for file in left.first.home.root.glob("checkpoints.db*"):
        file.unlink()


def forgotten(left: Left) -> None:
    """Neither a checkpoint nor what it was opened with."""
    lost_checkpoints(left)
    left.first.context.incidents.update(left.row().model_copy(update={"opening": {}}))


def unreadable(left: Left) -> None:
    lost_checkpoints(left)
    with left.first.context.incidents._store.write() as connection:  # type: ignore[attr-defined]
        connection.execute("UPDATE incidents SET body = 'nonsense'")


def no_number(left: Left) -> None:
    """What it was opened with holds what JSON has no word for."""
    with left.first.context.incidents._store.write() as connection:  # type: ignore[attr-defined]
        connection.execute("UPDATE incidents SET body = replace(body, '\"dry_run\":false', '\"dry_run\":NaN')")


SPOILED = [spoiled_checkpoint, spoiled_journal, lost_journal, lost_checkpoints, forgotten, unreadable, no_number]


@pytest.mark.parametrize("spoil", SPOILED, ids=lambda spoil: spoil.__name__)
def test_one_that_cannot_be_resumed_is_taken_back_told_once_and_ended(
    left: Left, spoil: Callable[[Left], None]
) -> None:
    spoil(left)
    ending = left.resume()
    assert ending.outcome is Outcome.ESCALATED
    assert left.first.weights() == {"v1": 100}, ending.reason
    assert (left.row().status, left.row().holder) == ("closed", "")
    assert left.shared.ledger.open() == () or spoil in (lost_journal, spoiled_journal)
    assert len(left.told.said) == 1
    assert left.resume().outcome is Outcome.ESCALATED
    assert len(left.told.said) == 1
    case = left.first.case()
    assert resumption.left(left.shared, left.first.context.settings, case) == ()


def test_control_an_unspoiled_one_is_resumed(left: Left) -> None:
    """Its own looks at the canary decide; here the test's clock runs on in steps that nobody waits for."""
    assert left.resume().outcome is Outcome.HEALED
    (said,) = left.told.said
    assert said.startswith("orders: healed: ")
    assert "inside the alert's threshold for 8 s, and every other check holds" in said


def propose(left: Left) -> None:
    chosen = left.first.context.settings.model_copy(update={"autonomy": "propose", "autonomy_said": True})
    left.work = driver.Driver(chosen, left.shared, left.first.world, observer.silent)


def dry(left: Left) -> None:
    chosen = left.first.context.settings.model_copy(update={"dry_run": True})
    left.work = driver.Driver(chosen, left.shared, left.first.world, observer.silent)


def aborted(left: Left) -> None:
    left.shared.incidents.set_control(INCIDENT, Control(aborted=True, by="ada", at=left.shared.clock.now()))


def stopped(left: Left) -> None:
    left.shared.incidents.set_control(None, Control(stop_all=True, by="ada", at=left.shared.clock.now()))


@pytest.mark.parametrize("narrow", [propose, dry, aborted, stopped], ids=lambda narrow: narrow.__name__)
def test_one_that_may_do_less_than_before_takes_back_what_it_had_done(
    left: Left, narrow: Callable[[Left], None]
) -> None:
    narrow(left)
    ending = left.resume()
    assert ending.outcome not in (Outcome.HEALED, Outcome.WAITING), ending.reason
    assert left.first.weights() == {"v1": 100}, ending.reason
    assert "newer" not in ending.reason


def test_the_change_of_somebody_newer_is_left_alone(left: Left) -> None:
    """The service carries another incident's mark by now."""
    spoiled_checkpoint(left)
    newer = bench(left.first.home.root.parent, left.first.clock, left.first.world)
    entry = newer.context.ledger.entries(INCIDENT)[-1]
    with newer.context.ledger._store.write() as connection:  # type: ignore[attr-defined]
        connection.execute("UPDATE effects SET incident = 'inc-newer' WHERE key = ?", (entry.key,))
    newer.context.incidents.release(INCIDENT)
    ending = left.resume()
    assert ending.outcome is Outcome.ESCALATED
    assert "another's" in ending.reason
    assert sorted(left.first.weights().values()) == [50, 50]


def test_when_the_chain_of_all_does_not_verify_no_single_incident_is_ended_for_it(left: Left) -> None:
    content = left.first.home.audit.read_bytes()
    left.first.home.audit.write_bytes(content.replace(b"suture", b"sutura", 1))
    with pytest.raises(Tampered, match="changed"):
        left.resume()
    assert left.row().status == "open"
    left.first.home.audit.write_bytes(content)
    spoiled_checkpoint(left)
    assert left.resume().outcome is Outcome.ESCALATED


def case_of(at: Bench, incident: str, service: str = "orders") -> Case:
    return at.case().model_copy(update={"incident": incident, "service": service})


def test_what_a_dead_worker_left_of_a_service_is_finished_first_and_nothing_else(left: Left) -> None:
    chosen = left.first.context.settings
    found = resumption.left(left.shared, chosen, case_of(left.first, "inc-new"))
    assert [row.id for row in found] == [INCIDENT]
    assert resumption.left(left.shared, chosen, case_of(left.first, INCIDENT)) == (), "it resumes itself"
    assert resumption.left(left.shared, chosen, case_of(left.first, "inc-new", "stock")) == ()
    elsewhere = case_of(left.first, "inc-new").model_copy(update={"world": "another"})
    assert resumption.left(left.shared, chosen, elsewhere) == ()


def test_a_row_whose_opening_cannot_be_read_is_not_resumed_on_anybodys_word(left: Left) -> None:
    row = left.row().model_copy(update={"opening": {"case": "nonsense"}})
    left.shared.incidents.claim(row, left.shared.holder)
    left.shared.incidents.update(row)
    ending = left.resume()
    assert ending.outcome is Outcome.ESCALATED
    assert "cannot be read" in ending.reason


def test_a_dry_run_beside_it_leaves_it_as_it_is(left: Left) -> None:
    """To finish what is half done, with a dry run's leave, is to take it back: who only looks changes nothing."""
    chosen = left.first.context.settings
    new = left.first.case().model_copy(update={"incident": "inc-new"})
    for dry in (True, False):
        look = chosen.model_copy(update={"dry_run": dry})
        world = left.first.world
        opened = run.Opened(settings=look, world=world, split=cases.Cases((new,), ()), ours=False)
        work = driver.Driver(look, left.shared, world, observer.silent)
        ended = list(run.unfinished(opened, left.shared, new, work))
        assert len(ended) == (0 if dry else 1), "the control: any other run goes on with it first"
        assert (sorted(left.first.weights().values()) == [50, 50]) is dry
    assert left.row().status == "closed"


def test_a_journal_that_was_changed_is_not_explained_to_who_must_decide(left: Left) -> None:
    explain.read(left.shared, INCIDENT)
    spoiled_journal(left)
    with pytest.raises(Tampered):
        explain.read(left.shared, INCIDENT)
    lost_journal(left)
    with pytest.raises(Tampered):
        explain.read(left.shared, INCIDENT)
