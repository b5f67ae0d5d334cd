"""What every store of locks must do.  A store passes by subclassing `LocksContract` with its own `machine`.

A `Machine` is one store seen by several processes: `process()` opens another adapter over the same
data, with its own memory, on one virtual clock.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from incident.errors import Fenced
from tools import ports
from tools.scripted.clock import ManualClock


@dataclass
class Machine:
    clock: ManualClock
    process: Callable[[], ports.Locks]


@dataclass
class Resource:
    """A resource that keeps the largest token it has seen, as an annotation would."""

    fenced: bool
    token: int = 0
    value: list[str] = field(default_factory=list)

    def claim(self, token: int) -> list[str]:
        if self.fenced and token < self.token:
            raise Fenced(f"{token} < {self.token}")
        self.token = max(self.token, token)
        return list(self.value)

    def write(self, token: int, value: list[str]) -> None:
        if self.fenced and token < self.token:
            raise Fenced(f"{token} < {self.token}")
        self.value = value


def granted(answer: ports.Lease | ports.Busy) -> ports.Lease:
    assert isinstance(answer, ports.Lease), answer
    return answer


def claim(
    locks: ports.Locks,
    owner: str,
    exclusive: tuple[str, ...] = ("orders",),
    shared: tuple[str, ...] = (),
    *,
    seconds: float = 10.0,
    wait: float = 0.0,
) -> ports.Lease | ports.Busy:
    return locks.acquire(owner, exclusive=exclusive, shared=shared, seconds=seconds, wait=wait)


class LocksContract:
    @pytest.fixture
    def machine(self) -> Machine:
        raise NotImplementedError

    def test_a_free_claim_is_granted_as_asked_in_one_order(self, machine: Machine) -> None:
        lease = granted(claim(machine.process(), "a", ("zeta", "alpha", "alpha"), ("beta", "alpha")))
        assert (lease.exclusive, lease.shared, lease.seconds) == (("alpha", "zeta"), ("beta",), 10.0)

    def test_an_exclusive_claim_keeps_everybody_else_out_and_names_its_holder(self, machine: Machine) -> None:
        granted(claim(machine.process(), "a"))
        assert claim(machine.process(), "b") == ports.Busy(holders=("a",), waited=0.0)
        assert claim(machine.process(), "c", (), ("orders",)) == ports.Busy(holders=("a",), waited=0.0)

    def test_shared_claims_go_together_and_keep_exclusive_ones_out(self, machine: Machine) -> None:
        granted(claim(machine.process(), "a", ("one",), ("billing",)))
        granted(claim(machine.process(), "b", ("two",), ("billing",)))
        assert claim(machine.process(), "c", ("billing",)) == ports.Busy(holders=("a", "b"), waited=0.0)

    def test_a_claim_is_granted_whole_or_not_at_all(self, machine: Machine) -> None:
        locks = machine.process()
        granted(claim(locks, "a", ("orders",)))
        assert isinstance(claim(locks, "b", ("billing", "orders")), ports.Busy)
        granted(claim(locks, "c", ("billing",)))

    def test_tokens_rise_over_releases_owners_and_processes(self, machine: Machine) -> None:
        tokens = []
        for owner in ("a", "b", "a", "a", "c"):
            locks = machine.process()
            lease = granted(claim(locks, owner))
            tokens.append(lease.token)
            locks.release(lease)
        assert tokens == sorted(set(tokens))

    def test_an_owner_that_claims_again_gives_up_what_it_held(self, machine: Machine) -> None:
        locks = machine.process()
        old = granted(claim(locks, "a", ("orders",)))
        new = granted(claim(locks, "a", ("billing",)))
        assert new.token > old.token
        assert not locks.renew(old)
        granted(claim(machine.process(), "b", ("orders",)))

    def test_an_owner_whose_new_claim_is_refused_holds_nothing(self, machine: Machine) -> None:
        locks = machine.process()
        granted(claim(locks, "b", ("billing",)))
        granted(claim(locks, "a", ("orders",)))
        assert isinstance(claim(locks, "a", ("billing",)), ports.Busy)
        granted(claim(locks, "c", ("orders",)))

    def test_releasing_makes_room_and_is_harmless_twice_or_with_an_old_lease(self, machine: Machine) -> None:
        locks = machine.process()
        old = granted(claim(locks, "a"))
        locks.release(old)
        locks.release(old)
        new = granted(claim(locks, "b"))
        locks.release(old)
        assert locks.renew(new)

    def test_a_lease_that_is_not_renewed_runs_out_by_the_waiters_clock(self, machine: Machine) -> None:
        granted(claim(machine.process(), "a", seconds=10.0))
        waiter = machine.process()
        answer = claim(waiter, "b", wait=11.0)
        assert granted(answer).owner == "b"
        assert machine.clock.monotonic() - 1_000.0 == pytest.approx(10.0, abs=0.1)

    def test_a_waiter_that_has_not_watched_for_the_whole_lease_takes_nothing(self, machine: Machine) -> None:
        granted(claim(machine.process(), "a", seconds=10.0))
        machine.clock.advance(3600.0)
        assert isinstance(claim(machine.process(), "b", wait=9.9), ports.Busy)

    def test_several_short_looks_of_one_process_add_up_to_a_lease(self, machine: Machine) -> None:
        granted(claim(machine.process(), "a", seconds=10.0))
        waiter = machine.process()
        assert isinstance(claim(waiter, "b"), ports.Busy)
        machine.clock.advance(10.0)
        granted(claim(waiter, "b"))

    def test_a_renewed_lease_lasts(self, machine: Machine) -> None:
        holder, waiter = machine.process(), machine.process()
        lease = granted(claim(holder, "a", seconds=10.0))
        for _ in range(10):
            assert isinstance(claim(waiter, "b", wait=5.0), ports.Busy)
            assert holder.renew(lease)

    def test_an_unrenewed_lease_that_nobody_wanted_is_still_ours(self, machine: Machine) -> None:
        holder = machine.process()
        lease = granted(claim(holder, "a", seconds=10.0))
        machine.clock.advance(1_000.0)
        assert holder.renew(lease)

    def test_renewing_a_lease_that_was_taken_over_says_so(self, machine: Machine) -> None:
        holder = machine.process()
        lease = granted(claim(holder, "a", seconds=10.0))
        granted(claim(machine.process(), "b", wait=11.0))
        assert not holder.renew(lease)

    @pytest.mark.parametrize("hours", [-24, 24], ids=["back", "forward"])
    def test_a_jump_of_the_wall_clock_neither_ends_nor_stretches_a_lease(self, machine: Machine, hours: int) -> None:
        granted(claim(machine.process(), "a", seconds=10.0))
        waiter = machine.process()
        assert isinstance(claim(waiter, "b"), ports.Busy)
        machine.clock.set_wall(machine.clock.now() + timedelta(hours=hours))
        assert isinstance(claim(waiter, "b", wait=5.0), ports.Busy)
        granted(claim(waiter, "b", wait=5.1))

    def test_tokens_rise_also_when_the_wall_clock_jumps_back(self, machine: Machine) -> None:
        first = granted(claim(machine.process(), "a"))
        machine.clock.set_wall(machine.clock.now() - timedelta(days=365))
        assert granted(claim(machine.process(), "a")).token > first.token

    def test_waiting_ends_in_time_and_says_who_was_in_the_way(self, machine: Machine) -> None:
        granted(claim(machine.process(), "a", seconds=60.0))
        answer = claim(machine.process(), "b", wait=3.0)
        assert isinstance(answer, ports.Busy)
        assert answer.holders == ("a",)
        assert answer.waited == pytest.approx(3.0, abs=0.05)

    def test_a_waiter_that_gave_up_is_in_nobodys_way(self, machine: Machine) -> None:
        locks = machine.process()
        lease = granted(claim(locks, "a", seconds=60.0))
        assert isinstance(claim(machine.process(), "b", wait=1.0), ports.Busy)
        locks.release(lease)
        granted(claim(machine.process(), "c"))

    def test_who_waits_is_served_before_who_comes_later(self, machine: Machine) -> None:
        holder, late = machine.process(), machine.process()
        lease = granted(claim(holder, "a", seconds=60.0))
        answers: list[ports.Lease | ports.Busy] = []

        def release_and_barge() -> None:
            holder.release(lease)
            answers.append(claim(late, "c"))

        machine.clock.after(1.0, release_and_barge)
        granted(claim(machine.process(), "b", wait=5.0))
        assert answers == [ports.Busy(holders=("b",), waited=0.0)]

    def test_sharers_that_keep_coming_do_not_starve_an_exclusive_claim(self, machine: Machine) -> None:
        first = machine.process()
        lease = granted(claim(first, "a", (), ("billing",), seconds=60.0))
        refused: list[ports.Lease | ports.Busy] = []
        for at in (0.5, 1.0, 1.5):
            machine.clock.after(at, lambda at=at: refused.append(claim(machine.process(), f"s{at}", (), ("billing",))))  # type: ignore[misc]
        machine.clock.after(2.0, lambda: first.release(lease))
        granted(claim(machine.process(), "b", ("billing",), wait=5.0))
        assert [isinstance(answer, ports.Busy) for answer in refused] == [True] * 3

    def test_a_claim_that_conflicts_with_nobody_passes_the_queue(self, machine: Machine) -> None:
        granted(claim(machine.process(), "a", seconds=60.0))
        passed: list[ports.Lease | ports.Busy] = []
        machine.clock.after(0.5, lambda: passed.append(claim(machine.process(), "c", ("billing",))))
        claim(machine.process(), "b", wait=1.0)
        granted(passed[0])

    def test_a_waiter_that_died_holds_up_the_queue_for_seconds_only(self, machine: Machine) -> None:
        holder = machine.process()
        lease = granted(claim(holder, "a", seconds=60.0))

        class Killed(BaseException):
            pass

        def kill() -> None:
            raise Killed

        machine.clock.after(1.0, kill)
        with pytest.raises(Killed):
            claim(machine.process(), "b", wait=30.0)
        holder.release(lease)
        started = machine.clock.monotonic()
        granted(claim(machine.process(), "c", wait=30.0))
        assert 0.0 < machine.clock.monotonic() - started < 3.0

    def test_a_claim_that_was_waited_for_lasts_as_long_as_any_other(self, machine: Machine) -> None:
        holder, waiter = machine.process(), machine.process()
        lease = granted(claim(holder, "a", seconds=60.0))
        machine.clock.after(1.0, lambda: holder.release(lease))
        won = granted(claim(waiter, "b", seconds=10.0, wait=5.0))
        assert isinstance(claim(machine.process(), "c", wait=9.9), ports.Busy)
        assert waiter.renew(won)
        waiter.release(won)
        granted(claim(machine.process(), "c"))

    def test_one_release_serves_everybody_whose_way_it_frees(self, machine: Machine) -> None:
        holder = machine.process()
        lease = granted(claim(holder, "a", ("billing",), seconds=60.0))
        answers: list[ports.Lease | ports.Busy] = []

        def wait_for_a_share(owner: str) -> None:
            answers.append(claim(machine.process(), owner, (), ("billing",), wait=5.0))

        machine.clock.after(0.5, lambda: wait_for_a_share("c"))
        machine.clock.after(1.0, lambda: holder.release(lease))
        wait_for_a_share("b")
        assert {granted(answer).owner for answer in answers} == {"b", "c"}
        assert len({granted(answer).token for answer in answers}) == 2
        assert machine.clock.monotonic() - 1_000.0 < 2.0

    def test_a_waiter_that_lives_keeps_its_place_however_long_it_waits(self, machine: Machine) -> None:
        holder, late = machine.process(), machine.process()
        lease = granted(claim(holder, "a", seconds=600.0))
        answers: list[ports.Lease | ports.Busy] = []
        for at in range(1, 30):
            machine.clock.after(float(at), lambda: answers.append(claim(late, "c")))
        machine.clock.after(29.5, lambda: holder.release(lease))
        machine.clock.after(29.5, lambda: answers.append(claim(late, "c")))
        granted(claim(machine.process(), "b", wait=60.0))
        assert answers == [*[ports.Busy(holders=("a", "b"), waited=0.0)] * 29, ports.Busy(holders=("b",), waited=0.0)]

    def test_a_waiter_that_stood_still_for_long_queues_again_at_the_end(self, machine: Machine) -> None:
        holder, other = machine.process(), machine.process()
        lease = granted(claim(holder, "a", seconds=600.0))
        order: list[str] = []

        def other_waits_and_wins() -> None:
            machine.clock.after(10.0, lambda: holder.release(lease))
            won = granted(claim(other, "c", wait=60.0))
            order.append("c")
            other.release(won)

        machine.clock.after(1.0, other_waits_and_wins)
        granted(claim(machine.process(), "b", wait=120.0))
        assert order == ["c"]

    def test_the_later_claim_of_an_owner_ends_its_earlier_wait(self, machine: Machine) -> None:
        granted(claim(machine.process(), "x", seconds=60.0))
        machine.clock.after(1.0, lambda: granted(claim(machine.process(), "a", ("billing",))))
        answer = claim(machine.process(), "a", wait=5.0)
        assert isinstance(answer, ports.Busy)
        assert answer.holders == ("a",)
        assert answer.waited < 2.0

    @pytest.mark.parametrize(
        ("owner", "exclusive", "shared", "seconds"),
        [
            ("a", (), (), 10.0),
            ("", ("orders",), (), 10.0),
            ("a", ("",), (), 10.0),
            ("a", ("orders",), ("",), 10.0),
            ("a", ("orders",), (), 0.0),
            ("a", ("orders",), (), float("nan")),
            ("a", ("orders",), (), float("inf")),
        ],
        ids=["nothing", "nobody", "unnamed", "unnamed neighbour", "no time", "NaN", "for ever"],
    )
    def test_an_empty_or_endless_claim_is_a_defect_of_the_caller(
        self, machine: Machine, owner: str, exclusive: tuple[str, ...], shared: tuple[str, ...], seconds: float
    ) -> None:
        with pytest.raises(ValueError, match=r"lock|lease"):
            claim(machine.process(), owner, exclusive, shared, seconds=seconds)

    @pytest.mark.parametrize("fenced", [True, False], ids=["fenced", "control: not fenced"])
    def test_a_holder_that_slept_through_its_lease_loses_no_update_of_its_successor(
        self, machine: Machine, fenced: bool
    ) -> None:
        resource = Resource(fenced=fenced)
        old = granted(claim(machine.process(), "a", seconds=10.0))
        read = resource.claim(old.token)
        new = granted(claim(machine.process(), "b", wait=11.0))
        resource.write(new.token, [*resource.claim(new.token), "b"])
        if fenced:
            with pytest.raises(Fenced):
                resource.write(old.token, [*read, "a"])
            assert resource.value == ["b"]
        else:
            resource.write(old.token, [*read, "a"])
            assert resource.value == ["a"], "without fencing the successor's update is lost"
