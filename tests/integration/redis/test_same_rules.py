"""The script's rules are those of `tools.locks.places`: both stores answer the same questions alike."""

import itertools
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evals.bench.redis_server import RedisServer
from tests.integration.redis.virtual import LONGEST, Sleep, past
from tools import ports
from tools.locks import redis_locks, sqlite_locks
from tools.scripted.clock import ManualClock

pytestmark = pytest.mark.timeout(120)

NAMES = st.lists(st.sampled_from("abc"), max_size=2, unique=True)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("claim"), st.sampled_from("xyz"), NAMES, NAMES),
        st.tuples(st.sampled_from(["renew", "release"]), st.sampled_from("xyz")),
        st.tuples(st.just("pass"), st.sampled_from([1.0, 6.0])),
    ),
    min_size=3,
    max_size=12,
)
_NUMBERS = itertools.count()


class Both:
    """The same steps on one store, told as what a caller sees; numbers differ, so only their order is told."""

    def __init__(self, locks: ports.Locks, clock: ManualClock) -> None:
        self._locks, self._clock = locks, clock
        self._held: dict[str, ports.Lease] = {}
        self._last = 0

    def do(self, step: tuple[object, ...]) -> object:
        match step:
            case ("claim", str(owner), list(exclusive), list(shared)):
                self._held.pop(owner, None)
                answer = self._locks.acquire(owner, exclusive=exclusive or ["d"], shared=shared, seconds=5.0, wait=0.0)
                if isinstance(answer, ports.Busy):
                    return answer
                self._held[owner] = answer
                rises, self._last = answer.token > self._last, answer.token
                return rises, answer.exclusive, answer.shared
            case ("renew", str(owner)):
                return owner in self._held and self._locks.renew(self._held[owner])
            case ("release", str(owner)):
                if owner in self._held:
                    self._locks.release(self._held[owner])
                return None
            case ("pass", float(seconds)):
                self._clock.advance(seconds)
                return None
        raise AssertionError(step)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=STEPS)
def test_both_stores_answer_alike(
    tmp_path_factory: pytest.TempPathFactory, shared_server: RedisServer, steps: list[tuple[object, ...]]
) -> None:
    """Redis watches only who is in the way, so it may take a dead holder for living for one more lease; never the reverse."""
    folder: Path = tmp_path_factory.mktemp("locks")
    prefix = f"{{r{next(_NUMBERS)}}}:locks"
    past(shared_server.url, prefix)
    clocks = ManualClock(), ManualClock()
    file = sqlite_locks.open(folder / "locks.db", clocks[0])
    remote = redis_locks.open(
        shared_server.url, clocks[1], longest=LONGEST, bell=lambda _: Sleep(clocks[1]), prefix=prefix
    )
    one, two = Both(file, clocks[0]), Both(remote, clocks[1])
    try:
        for step in steps:
            answers = one.do(step), two.do(step)
            if ("pass", 6.0) in steps and isinstance(answers[1], ports.Busy) and not isinstance(answers[0], ports.Busy):
                return  # Redis is the more careful one, and from here on the two hold different things
            assert answers[0] == answers[1]
    finally:
        file.close()
        remote.close()
