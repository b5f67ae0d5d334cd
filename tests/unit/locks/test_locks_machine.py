"""A state machine over several processes, owners and resources in virtual time.

What must hold whatever happens: two leases that conflict are never both inside their own time as
their owners count it; tokens rise for ever; a claim is refused only when somebody really is in the
way; and whoever has watched a silent lease for its whole time gets it.
"""

import tempfile
from datetime import timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tools import ports
from tools.locks import sqlite_locks
from tools.scripted.clock import ManualClock

OWNERS = st.sampled_from(["a", "b", "c", "d"])
RESOURCES = st.lists(st.sampled_from(["orders", "billing", "search"]), max_size=3, unique=True)
PROCESSES = st.integers(0, 2)


class Locks(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "locks.db"
        self.clock = ManualClock()
        self.processes = [sqlite_locks.open(self.path, self.clock) for _ in range(3)]
        self.held: dict[str, tuple[ports.Lease, float]] = {}
        """By owner: the lease, and when the owner last began to renew it."""
        self.looked: dict[tuple[int, int], float] = {}
        """By process and token: since when this process has seen the lease silent."""
        self.top = 0

    @rule(owner=OWNERS, process=PROCESSES, exclusive=RESOURCES, shared=RESOURCES, seconds=st.sampled_from([5.0, 20.0]))
    def acquire(self, owner: str, process: int, exclusive: list[str], shared: list[str], seconds: float) -> None:
        if not exclusive and not shared:
            return
        self.held.pop(owner, None)
        now = self.clock.monotonic()
        answer = self.processes[process].acquire(owner, exclusive=exclusive, shared=shared, seconds=seconds, wait=0.0)
        wanted = ports.Lease(owner=owner, token=0, exclusive=tuple(exclusive), shared=tuple(shared), seconds=seconds)
        rivals = {name: lease for name, (lease, _) in self.held.items() if _conflict(lease, wanted)}
        silent = {
            name
            for name, lease in rivals.items()
            if now - self.looked.get((process, lease.token), now) >= lease.seconds
        }
        for lease, _ in self.held.values():
            self.looked.setdefault((process, lease.token), now)
        if isinstance(answer, ports.Busy):
            assert set(answer.holders) == rivals.keys() - silent
            assert answer.holders
            return
        assert rivals.keys() == silent, "granted although somebody lives who is in the way"
        assert answer.token > self.top
        self.top = answer.token
        for name in silent:
            del self.held[name]
        self.held[owner] = (answer, now)

    @precondition(lambda self: self.held)
    @rule(data=st.data(), process=PROCESSES)
    def renew(self, data: st.DataObject, process: int) -> None:
        owner = data.draw(st.sampled_from(sorted(self.held)))
        lease, _ = self.held[owner]
        assert self.processes[process].renew(lease)
        self.held[owner] = (lease, self.clock.monotonic())
        self.looked = {key: since for key, since in self.looked.items() if key[1] != lease.token}

    @precondition(lambda self: self.held)
    @rule(data=st.data(), process=PROCESSES)
    def release(self, data: st.DataObject, process: int) -> None:
        owner = data.draw(st.sampled_from(sorted(self.held)))
        lease, _ = self.held.pop(owner)
        self.processes[process].release(lease)
        assert not self.processes[process].renew(lease)

    @rule(seconds=st.sampled_from([0.5, 4.0, 6.0, 21.0]))
    def time_passes(self, seconds: float) -> None:
        self.clock.advance(seconds)

    @rule(hours=st.integers(-1000, 1000))
    def wall_clock_jumps(self, hours: int) -> None:
        self.clock.set_wall(self.clock.now() + timedelta(hours=hours))

    @rule(process=PROCESSES)
    def restart(self, process: int) -> None:
        self.processes[process].close()
        self.processes[process] = sqlite_locks.open(self.path, self.clock)
        self.looked = {key: since for key, since in self.looked.items() if key[0] != process}

    @invariant()
    def nobody_shares_what_is_exclusive(self) -> None:
        now = self.clock.monotonic()
        valid = [lease for lease, renewed in getattr(self, "held", {}).values() if now - renewed < lease.seconds]
        clashes = [(one.owner, two.owner) for one in valid for two in valid if one != two and _conflict(one, two)]
        assert not clashes

    def teardown(self) -> None:
        for process in getattr(self, "processes", ()):
            process.close()
        if hasattr(self, "folder"):
            self.folder.cleanup()


def _conflict(one: ports.Lease, two: ports.Lease) -> bool:
    touched = {*two.exclusive, *two.shared}
    return bool(set(one.exclusive) & touched or set(two.exclusive) & {*one.exclusive, *one.shared})


TestLocks = Locks.TestCase
TestLocks.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
