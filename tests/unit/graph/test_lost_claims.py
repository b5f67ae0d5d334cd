"""A store of claims that forgets, draws a number twice, or is gone: nothing new is done, and what was begun is taken back."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from graph.effects import perform
from incident.ending import Outcome
from incident.errors import Unavailable
from incident.workload import Annotate, Effect
from tests.unit.graph.desks import INCIDENT, Bench, bench
from tools import ports
from tools.lease_keeper import LeaseKeeper
from tools.locks import sqlite_locks
from tools.scripted.clock import ManualClock
from tools.scripted.world import incident_world


class Forgetful:
    """A real store that can be told to forget everybody, or not to answer."""

    def __init__(self, store: ports.Locks) -> None:
        self._store = store
        self.forgets = self.down = False
        self.asked = 0

    def acquire(
        self, owner: str, *, exclusive: Sequence[str], shared: Sequence[str], seconds: float, wait: float
    ) -> ports.Lease | ports.Busy:
        self.asked += 1
        if self.down:
            raise Unavailable("the store of claims does not answer")
        return self._store.acquire(owner, exclusive=exclusive, shared=shared, seconds=seconds, wait=wait)

    def renew(self, lease: ports.Lease) -> bool:
        if self.down:
            raise Unavailable("the store of claims does not answer")
        return not self.forgets and self._store.renew(lease)

    def release(self, lease: ports.Lease) -> None:
        if not self.down:
            self._store.release(lease)

    def check(self) -> str:
        return "forgetful"


def forgetful(tmp_path: Path, *, lease_seconds: float = 600.0) -> tuple[Bench, Forgetful]:
    clock = ManualClock()
    at = bench(tmp_path, clock, incident_world(clock))
    store = Forgetful(sqlite_locks.open(at.home.root / "forgetful.db", clock))
    settings = at.context.settings.model_copy(update={"lease_seconds": lease_seconds})
    at.context = replace(at.context, settings=settings, lease_keeper=LeaseKeeper(store, clock))
    clock.advance(30)
    return at, store


def test_a_canary_whose_claim_was_forgotten_is_taken_back_without_asking_the_store_again(tmp_path: Path) -> None:
    at, store = forgetful(tmp_path)
    before = at.weights()
    under_way: list[dict[str, int]] = []

    def forget() -> None:
        under_way.append(at.weights())
        store.forgets = True
        lease = at.context.lease_keeper.lease
        assert lease is not None
        at.context.lease_keeper._renew(lease)  # what its thread does every third of a lease, in real time

    at.clock.after(4.0, forget)
    ending = at.heal()
    assert ending.outcome is Outcome.ESCALATED
    assert "no longer knows token" in ending.reason
    assert under_way[0] != before, "the canary was running"
    assert at.weights() == before
    assert store.asked == 1


def test_control_a_claim_that_is_remembered_lets_the_canary_go_on(tmp_path: Path) -> None:
    at, store = forgetful(tmp_path)
    at.clock.after(
        4.0, lambda: at.context.lease_keeper._renew(at.context.lease_keeper.lease or pytest.fail("no lease"))
    )
    assert at.heal().outcome is Outcome.HEALED
    assert store.asked == 1


def test_a_store_that_stays_away_makes_the_canary_hold_and_then_go_back(tmp_path: Path) -> None:
    at, store = forgetful(tmp_path, lease_seconds=16.0)
    before = at.weights()
    at.clock.after(4.0, lambda: setattr(store, "down", True))
    started = at.clock.monotonic()
    ending = at.heal()
    assert ending.outcome is Outcome.ESCALATED
    assert "does not answer" in ending.reason
    assert at.weights() == before
    assert 45 < at.clock.monotonic() - started < 80
    assert perform.before_of(at.world.platform.read("orders")) is None


def test_a_store_that_is_away_from_the_start_changes_nothing(tmp_path: Path) -> None:
    at, store = forgetful(tmp_path)
    store.down = True
    ending = at.heal()
    assert ending.outcome is Outcome.ESCALATED
    assert at.context.ledger.entries(INCIDENT) == ()
    assert at.world.platform.read("orders").effect == Effect()


@pytest.mark.parametrize("same", [False, True], ids=["another grant", "control: the same grant"])
def test_the_resource_takes_the_same_number_only_from_the_same_grant(tmp_path: Path, same: bool) -> None:
    """Two stores, or one that was put back, may draw one number twice."""
    at, store = forgetful(tmp_path)
    taken: list[ports.Lease | ports.Busy] = []

    class Twin(Forgetful):
        def acquire(
            self, owner: str, *, exclusive: Sequence[str], shared: Sequence[str], seconds: float, wait: float
        ) -> ports.Lease | ports.Busy:
            lease = super().acquire(owner, exclusive=exclusive, shared=shared, seconds=seconds, wait=wait)
            assert isinstance(lease, ports.Lease)
            workload = at.world.platform.read("orders")
            theirs = Effect(token=lease.token, grant=lease.grant if same else "somebody-else")
            at.world.platform.change("orders", Annotate(), revision=workload.revision, effect=theirs)
            taken.append(lease)
            return lease

    at.context = replace(at.context, lease_keeper=LeaseKeeper(Twin(store), at.clock))
    ending = at.heal()
    assert len(taken) == 1
    assert ending.outcome is (Outcome.HEALED if same else Outcome.ESCALATED), ending.reason
    assert bool(at.context.ledger.entries(INCIDENT)) is same
