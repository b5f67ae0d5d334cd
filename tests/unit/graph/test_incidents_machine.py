"""A state machine over concurrent incidents: kills, expired leases, restarts, pauses, aborts and the kill switch.

Some workers are elsewhere, where nobody can see whether they live; any may be stopped for a while and wake again.

The index, the ledger, the locks, the table of moves and the rule of what is unfinished are the real ones;
the graph is reduced to what they are asked by it, so that hypothesis can order the questions as it likes.
What must hold whatever happens: only legal moves; at most one process per incident that may do anything; no effect twice;
nobody acts whom a person stopped, or whose token is no longer the newest; a deadline, once set, stands; and
from wherever things are left, every incident ends.
"""

import tempfile
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from graph.runtime import unfinished
from incident import phase as phases
from incident.control import Control
from incident.errors import Superseded
from incident.phase import LEGAL, IllegalMove, Phase
from policies.gates import autonomy
from tests.contract.index import index
from tools import ports
from tools.locks import sqlite_locks
from tools.records import process, sqlite_ledger
from tools.records.sqlite_incidents import SqliteIncidents
from tools.scripted.clock import ManualClock

INCIDENTS = {"inc-a": "orders", "inc-b": "orders", "inc-c": "billing"}
STAGE = timedelta(seconds=60)
LEASE = 15.0
MEMORY = Path("/dev/shm")
"""Where there is one: nothing here depends on a disk, and thousands of synced writes do."""
ACTING = (Phase.DEPLOYING, Phase.VERIFYING)


def reachable(start: Phase) -> frozenset[Phase]:
    """Every phase that can come after this one."""
    found: set[Phase] = set()
    todo = [start]
    while todo:
        new = LEGAL[todo.pop()] - found
        found |= new
        todo += new
    return frozenset(found)


@pytest.mark.parametrize("phase", [phase for phase in Phase if phase is not Phase.CLOSED])
def test_every_state_can_end_at_once_and_was_reached_from_the_first(phase: Phase) -> None:
    """No state needs luck to end: a person's abort closes from everywhere in one move."""
    assert Phase.CLOSED in LEGAL[phase]
    assert phase is Phase.QUEUED or phase in reachable(Phase.QUEUED)


def test_closed_is_the_only_end() -> None:
    assert [phase for phase in Phase if not LEGAL[phase]] == [Phase.CLOSED]
    assert set(LEGAL) == set(Phase)


def test_nothing_is_changed_before_the_resource_is_locked_and_another_change_is_thought_through_anew() -> None:
    assert {phase for phase in Phase if Phase.DEPLOYING in LEGAL[phase]} == {Phase.LOCKING}
    assert LEGAL[Phase.DEPLOYING] == {Phase.VERIFYING, Phase.DIAGNOSING, Phase.CLOSED}
    assert LEGAL[Phase.VERIFYING] == {Phase.DIAGNOSING, Phase.CLOSED}


@pytest.mark.parametrize("now", list(Phase))
@pytest.mark.parametrize("to", list(Phase))
def test_the_table_is_what_decides(now: Phase, to: Phase) -> None:
    if to is now or to in LEGAL[now]:
        assert phases.move(now, to) is to
    else:
        with pytest.raises(IllegalMove):
            phases.move(now, to)


@dataclass
class Kept:
    """What survives a kill: an incident's last checkpoint."""

    phase: Phase = Phase.QUEUED
    token: int = 0
    deadline: datetime | None = None
    steps: int = 0


@dataclass
class Worker:
    """A live process: what it holds in memory is gone when it is killed."""

    name: str
    incident: str
    phase: Phase
    index: SqliteIncidents
    elsewhere: bool = False
    stopped: bool = False
    lease: ports.Lease | None = None
    good_until: float = 0.0


@dataclass
class Resource:
    """A service in the world: the newest token, and how often each effect was made."""

    token: int = 0
    carries: str = ""
    made: dict[str, int] = field(default_factory=dict)


class Incidents(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None)
        self.clock = ManualClock()
        self.number = 0
        self.workers: dict[str, Worker] = {}
        self.kept = {name: Kept() for name in INCIDENTS}
        self.moves: dict[str, list[tuple[Phase, Phase]]] = {name: [] for name in INCIDENTS}
        self.first_deadline: dict[str, datetime] = {}
        self.world = {service: Resource() for service in INCIDENTS.values()}
        self.restarts = 0
        self.far: set[str] = set()
        """Names of holders that cannot be looked up from here."""
        self.seen: dict[str, float] = {}
        """When each incident's row was last seen to show that somebody lives."""
        self._open()

    def _open(self) -> None:
        root = Path(self.folder.name)
        self.index = self._index()
        self.ledger = self._shared(root / "ledger.db")
        self.locks = sqlite_locks.open(root / "locks.db", self.clock)

    def _index(self) -> SqliteIncidents:
        """The index, as one more process opens it."""
        return index(Path(self.folder.name), self.clock, self._fate, f"boot-{self.restarts}")

    def _fate(self, name: str) -> process.Fate:
        if name in self.far:
            return "unknown"
        return "alive" if name in self.workers else "dead"

    def _free(self, incident: str) -> bool:
        """Whether nobody works on it, as far as can be known here."""
        row = self.index.find(incident)
        if row is None or not row.holder:
            return True
        if row.holder in self.far:
            return self.clock.monotonic() - self.seen[incident] >= ports.HOLD_SECONDS
        return row.holder not in self.workers

    def _shared(self, path: Path) -> sqlite_ledger.SqliteLedger:
        return sqlite_ledger.open(path, self.clock)

    # What processes do.

    @rule(incident=st.sampled_from(sorted(INCIDENTS)), elsewhere=st.booleans())
    def claims(self, incident: str, elsewhere: bool) -> None:
        """A new process: a second run of the same alert, or the scanner."""
        self._claim(incident, elsewhere=elsewhere)

    def _claim(self, incident: str, *, elsewhere: bool = False) -> Worker | None:
        self.number += 1
        name, now = f"{self.number}:1", self.clock.now()
        free, own = self._free(incident), self._index()
        row = ports.Row(
            id=incident,
            world="w",
            fingerprint=incident,
            starts_at=ManualClock().now(),
            service=INCIDENTS[incident],
            status="open",
            opened_at=now,
            changed_at=now,
        )
        claimed = own.claim(row, name)
        assert (claimed is not None) is free, "one worker per incident, and a dead one keeps nobody out"
        if claimed is None or claimed.status == "closed":
            assert claimed is None or self.kept[incident].phase is Phase.CLOSED
            own.close()
            return None
        if elsewhere:
            self.far.add(name)
        self.seen[incident] = self.clock.monotonic()
        self.workers[name] = Worker(name, incident, self.kept[incident].phase, own, elsewhere)
        return self.workers[name]

    def _ours(self, worker: Worker) -> bool:
        """Whether a worker may go on; one that has lost its incident finds out, and is gone."""
        if worker.index.ours(worker.incident):
            return True
        row = self.index.find(worker.incident)
        assert row is not None
        with pytest.raises(Superseded):
            worker.index.update(row.model_copy(update={"reason": "I am back"}))
        assert not worker.index.beat(worker.incident)
        self._kill(worker)
        return False

    @precondition(lambda self: self._awake())
    @rule(data=st.data())
    def moves_on(self, data: st.DataObject) -> None:
        """A node ends: its phase is checked and kept."""
        worker = self._one(data)
        self._move(worker, data.draw(st.sampled_from(sorted(Phase))))

    @rule(incident=st.sampled_from(sorted(INCIDENTS)))
    def gets_as_far_as_acting(self, incident: str) -> None:
        """A process without trouble: from wherever it stands to the first change, if it gets the service."""
        found = [worker for worker in self._awake() if worker.incident == incident]
        mine = [worker for worker in found if self._ours(worker)]
        worker = mine[0] if mine else self._claim(incident)
        if worker is None or not self._lock(worker):
            return
        for to in (Phase.LOCKING, Phase.DEPLOYING):
            if to in LEGAL[worker.phase]:
                self._move(worker, to)

    def _move(self, worker: Worker, to: Phase) -> None:
        if not self._ours(worker):
            return
        kept = self.kept[worker.incident]
        if to in ACTING and not self._holds(worker):
            return
        late = kept.deadline is not None and self.clock.now() > kept.deadline
        if late and to not in (worker.phase, Phase.CLOSED):
            return
        try:
            phase = phases.move(worker.phase, to)
        except IllegalMove:
            assert to not in LEGAL[worker.phase]
            return
        if phase is worker.phase:
            return
        self.moves[worker.incident].append((worker.phase, phase))
        worker.phase = kept.phase = phase
        if phase is Phase.DEPLOYING:
            assert worker.lease is not None
            kept.deadline = self.clock.now() + STAGE
            self.first_deadline[worker.incident] = kept.deadline
        if phase is Phase.CLOSED:
            self._close(worker)

    def _close(self, worker: Worker) -> None:
        if worker.lease is not None:
            self.locks.release(worker.lease)
        row = self.index.find(worker.incident)
        assert row is not None
        worker.index.update(row.model_copy(update={"status": "closed", "outcome": "escalated", "holder": ""}))
        self._kill(worker)

    @precondition(lambda self: self._awake())
    @rule(data=st.data())
    def takes_its_service(self, data: st.DataObject) -> None:
        """Claim exclusively, then raise the token at the resource before anything is read to act upon."""
        self._lock(self._one(data))

    def _lock(self, worker: Worker) -> bool:
        if not self._ours(worker):
            return False
        service = INCIDENTS[worker.incident]
        asked = self.clock.monotonic()
        answer = self.locks.acquire(worker.incident, exclusive=(service,), shared=(), seconds=LEASE, wait=0.0)
        worker.lease = None
        if isinstance(answer, ports.Busy):
            return False
        assert answer.token > self.world[service].token, "tokens rise for ever"
        worker.lease, worker.good_until = answer, asked + LEASE * 0.75
        self.world[service].token = self.kept[worker.incident].token = answer.token
        return True

    def _holds(self, worker: Worker) -> bool:
        return worker.lease is not None and self.clock.monotonic() < worker.good_until

    @precondition(lambda self: self._awake())
    @rule(data=st.data(), dies=st.sampled_from(["", "before the intent", "after the intent", "after the effect"]))
    def acts(self, data: st.DataObject, dies: str) -> None:
        """One effect, as `graph.effects.perform.perform` makes it, with a kill in between if hypothesis says so."""
        self._act(self._one(data), dies)

    def _act(self, worker: Worker, dies: str) -> None:
        kept, service = self.kept[worker.incident], INCIDENTS[worker.incident]
        resource = self.world[service]
        if worker.phase is not Phase.DEPLOYING or worker.lease is None or not self._ours(worker):
            return None
        key = f"{worker.incident}-{kept.steps}"
        entry = self.ledger.look(key)
        done = entry is not None and (entry.outcome is not None or resource.carries == key)
        if not done:
            if not self._may(worker) or worker.lease.token != resource.token:
                return None
            if dies == "before the intent":
                return self._kill(worker)
            self.ledger.intend(key, worker.incident, {"step": kept.steps}, self.clock.now())
            if dies == "after the intent":
                return self._kill(worker)
            resource.made[key] = resource.made.get(key, 0) + 1
            resource.carries = key
            if dies == "after the effect":
                return self._kill(worker)
        self.ledger.conclude(key, {"result": "done"}, self.clock.now())
        kept.steps += 1
        return None

    def _may(self, worker: Worker) -> bool:
        control = self.index.control(worker.incident)
        facts = autonomy.Facts(control=control, autonomy="auto", dry_run=False)
        allowed = autonomy.may_act(facts).verdict.kind == "allow" and self._holds(worker)
        if control.paused or control.aborted or control.stop_all:
            assert not allowed
        return allowed

    @precondition(lambda self: self.workers)
    @rule(data=st.data())
    def is_killed(self, data: st.DataObject) -> None:
        self._kill(self.workers[data.draw(st.sampled_from(sorted(self.workers)))])

    def _kill(self, worker: Worker) -> None:
        worker.index.close()
        del self.workers[worker.name]

    @precondition(lambda self: self._awake())
    @rule(data=st.data())
    def is_stopped(self, data: st.DataObject) -> None:
        """SIGSTOP, a frozen container, a suspended machine: it does nothing, and shows no sign of life."""
        self._one(data).stopped = True

    @precondition(lambda self: any(worker.stopped for worker in self.workers.values()))
    @rule(data=st.data())
    def wakes(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(name for name, worker in self.workers.items() if worker.stopped)))
        self.workers[name].stopped = False

    def _awake(self) -> list[Worker]:
        return [worker for worker in self.workers.values() if not worker.stopped]

    # What people and time do.

    @rule(
        incident=st.sampled_from([None, *sorted(INCIDENTS)]),
        switch=st.sampled_from(["pause", "resume", "abort", "stop", "start"]),
    )
    def a_person_steps_in(self, incident: str | None, switch: str) -> None:
        if incident is None:
            self.index.set_control(None, Control(stop_all=switch == "stop", by="ada"))
            return
        stood = self.index.control(incident).aborted
        self.index.set_control(incident, Control(paused=switch == "pause", aborted=switch == "abort", by="ada"))
        assert self.index.control(incident).aborted is (stood or switch == "abort"), "an abort stands"

    @rule(seconds=st.sampled_from([1.0, 10.0, 20.0, 61.0]))
    def time_passes(self, seconds: float) -> None:
        self.clock.advance(seconds)
        for worker in self._awake():
            if worker.index.beat(worker.incident):
                self.seen[worker.incident] = self.clock.monotonic()
            if worker.lease is not None and self.locks.renew(worker.lease) and self._holds(worker):
                worker.good_until = self.clock.monotonic() + LEASE * 0.75

    @rule()
    def the_machine_restarts(self) -> None:
        """Every process of it is gone; the files are opened again, and nobody remembers who was last seen when."""
        for worker in [worker for worker in self.workers.values() if not worker.elsewhere]:
            self._kill(worker)
        self._shut()
        self.restarts += 1
        self.seen = dict.fromkeys(self.seen, self.clock.monotonic())
        self._open()

    # What must hold.

    @invariant()
    def only_legal_moves_were_made(self) -> None:
        for name, moves in getattr(self, "moves", {}).items():
            now = Phase.QUEUED
            for before, after in moves:
                assert before is now
                assert after in LEGAL[before]
                now = after
            assert now is self.kept[name].phase

    @invariant()
    def no_effect_was_made_twice(self) -> None:
        for resource in getattr(self, "world", {}).values():
            assert all(count == 1 for count in resource.made.values())

    @invariant()
    def deadlines_stand(self) -> None:
        for name, deadline in getattr(self, "first_deadline", {}).items():
            assert self.kept[name].deadline == deadline

    @invariant()
    def unfinished_is_exactly_what_no_live_process_works_on(self) -> None:
        if not hasattr(self, "index"):
            return
        rows = self.index.rows()
        alive = {incident for incident in INCIDENTS if not self._free(incident)}
        found = unfinished.among(rows, self.index.alive, self.clock.now(), STAGE)
        expected = {row.id for row in rows if row.status != "closed"} - alive
        assert {item.row.id for item in found} == expected

    @invariant()
    def whoever_lives_here_or_shows_it_from_elsewhere_keeps_its_incident(self) -> None:
        for worker in getattr(self, "workers", {}).values():
            if not worker.elsewhere:
                assert worker.index.ours(worker.incident)
        held = [
            worker.incident for worker in getattr(self, "workers", {}).values() if worker.index.ours(worker.incident)
        ]
        assert len(held) == len(set(held))

    def teardown(self) -> None:
        """Wherever it was left: one look of the scanner, one process each, one move, and everything has ended."""
        if not hasattr(self, "index"):
            return
        for left in list(self.workers.values()):
            self._kill(left)
        self.clock.advance(ports.HOLD_SECONDS + 1)
        for item in unfinished.among(self.index.rows(), lambda _: False, self.clock.now(), STAGE):
            worker = self._claim(item.row.id)
            assert worker is not None
            self._move(worker, Phase.CLOSED)
        assert all(row.status == "closed" and not row.holder for row in self.index.rows())
        self._shut()
        self.folder.cleanup()

    def _shut(self) -> None:
        for store in (self.index, self.ledger, self.locks):
            store.close()

    def _one(self, data: st.DataObject) -> Worker:
        return self.workers[data.draw(st.sampled_from(sorted(worker.name for worker in self._awake())))]


class Forgetful(Incidents):
    """The control: each process has a ledger of its own, and forgets with it."""

    def _shared(self, path: Path) -> sqlite_ledger.SqliteLedger:
        return super()._shared(path.with_name(f"ledger-{self.number}.db"))

    def _claim(self, incident: str, *, elsewhere: bool = False) -> Worker | None:
        worker = super()._claim(incident, elsewhere=elsewhere)
        self.ledger.close()
        self.ledger = self._shared(Path(self.folder.name) / "ledger.db")
        return worker


def killed_after_an_effect(machine: Incidents) -> Incidents:
    """One incident: killed with its change made and no outcome written, then resumed."""
    machine.begin()
    for dies in ("after the effect", ""):
        machine.gets_as_far_as_acting("inc-a")
        (worker,) = machine.workers.values()
        machine._act(worker, dies)
    return machine


def test_control_without_a_lasting_ledger_the_effect_is_made_twice() -> None:
    machine = killed_after_an_effect(Forgetful())
    with pytest.raises(AssertionError):
        machine.no_effect_was_made_twice()
    machine.teardown()


def test_with_it_the_effect_is_found() -> None:
    machine = killed_after_an_effect(Incidents())
    machine.no_effect_was_made_twice()
    assert machine.world["orders"].made == {"inc-a-0": 1}
    assert machine.kept["inc-a"].steps == 1
    machine.teardown()


class Careless(Incidents):
    """The control: a process is looked up by its number alone, wherever it runs."""

    def _fate(self, name: str) -> process.Fate:
        return "dead" if name in self.far else super()._fate(name)


@pytest.mark.parametrize("machine", [Incidents, Careless])
def test_control_looked_up_by_number_alone_a_worker_elsewhere_loses_its_incident_alive(
    machine: type[Incidents],
) -> None:
    at = machine()
    at.begin()
    at.claims("inc-a", elsewhere=True)
    (worker,) = at.workers.values()
    if machine is Careless:
        with pytest.raises(AssertionError):
            at.claims("inc-a", elsewhere=False)
    else:
        at.claims("inc-a", elsewhere=False)
    assert worker.index.ours("inc-a") is (machine is Incidents)
    if machine is Incidents:
        at.teardown()


TestIncidents = Incidents.TestCase
TestIncidents.settings = settings(max_examples=30, stateful_step_count=40, deadline=None)
