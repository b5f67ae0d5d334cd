"""Who holds an incident, across PID namespaces: real processes in namespaces of their own, on one home.

A namespace around another one sees the processes in it; from within, and from beside, nothing can be seen.
"""

import os
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from incident.errors import Superseded
from tests.contract.index import index
from tests.integration.stores.children import child
from tests.integration.stores.namespaces import contained
from tests.integration.stores.rows import row
from tools import ports
from tools.clock import SystemClock
from tools.records import process
from tools.scripted.clock import ManualClock

pytestmark = pytest.mark.timeout(120)

AT = datetime(2026, 1, 1, 12, tzinfo=UTC)

HOLDS = """
import os, sys
from pathlib import Path
from tests.contract.index import index
from tests.integration.stores.rows import row
from tools.clock import SystemClock
from tools.records import process

own = index(Path(sys.argv[1]), SystemClock())
name = process.holder(os.getpid())
print(name if own.claim(row(), name) else "not mine", flush=True)
for line in sys.stdin:
    print(own.beat("inc-1"), flush=True)
"""

LOOKS = """
import os, sys
from pathlib import Path
from tests.contract.index import index
from tests.integration.stores.rows import row
from tools import ports
from tools.scripted.clock import ManualClock
from tools.records import process

clock = ManualClock()
own = None
for line in sys.stdin:
    own = own or index(Path(sys.argv[1]), clock)
    held = own.find("inc-1").holder
    print(process.fate(held, process.here()), own.claim(row(), process.holder(os.getpid())) is not None, flush=True)
    clock.advance(ports.HOLD_SECONDS + 1)
"""


def holds(say: Callable[[str], object], folder: Path) -> None:
    """A worker of our own namespace, that says whether the row is still its own each time it is woken."""
    own = index(folder, SystemClock())
    assert own.claim(row(), process.holder(os.getpid())) is not None
    say("holds")
    os.kill(os.getpid(), signal.SIGSTOP)
    try:
        own.update(row().model_copy(update={"reason": "I am back"}))
    except Superseded:
        say("superseded")
    else:
        say("mine")


def test_a_worker_in_a_container_is_seen_from_around_it_and_lives_even_stopped(tmp_path: Path) -> None:
    with contained(HOLDS, str(tmp_path)) as worker:
        name = worker.heard()
        clock = ManualClock()
        ours = index(tmp_path, clock)
        assert process.parsed(name) is not None
        assert process.fate(name, process.here()) == "alive"
        worker.signal(signal.SIGSTOP)
        for _ in range(3):
            assert ours.claim(row(), "2:2") is None
            clock.advance(10 * ports.HOLD_SECONDS)
        worker.signal(signal.SIGCONT)
        worker.go_on()
        assert worker.heard() == "True"


def test_a_worker_that_died_in_a_container_keeps_its_incident_until_its_lease_ends(tmp_path: Path) -> None:
    """From outside it cannot be told from one that runs in a container beside it."""
    with contained(HOLDS, str(tmp_path)) as worker:
        name = worker.heard()
        worker.signal(signal.SIGKILL)
        worker.process.wait()
    clock = ManualClock()
    ours = index(tmp_path, clock)
    assert process.fate(name, process.here()) == "unknown"
    assert ours.claim(row(), "2:2") is None
    clock.advance(ports.HOLD_SECONDS + 1)
    assert ours.claim(row(), "2:2") is not None


def test_a_container_takes_over_what_is_stopped_outside_only_when_its_lease_has_ended(tmp_path: Path) -> None:
    """And whoever was stopped finds that out at its row when it wakes."""
    with child(holds, tmp_path) as worker:
        assert worker.wait_for_word() == "holds\n"
        os.waitid(os.P_PID, worker.pid, os.WSTOPPED | os.WNOWAIT)
        with contained(LOOKS, str(tmp_path)) as other:
            other.go_on()
            assert other.heard() == "unknown False"
            other.go_on()
            assert other.heard() == "unknown True"
        worker.signal(signal.SIGCONT)
        assert worker.wait_for_word() == "superseded\n"


def test_control_a_process_of_the_same_namespace_is_seen_and_keeps_it_for_ever(tmp_path: Path) -> None:
    with child(holds, tmp_path) as worker:
        assert worker.wait_for_word() == "holds\n"
        os.waitid(os.P_PID, worker.pid, os.WSTOPPED | os.WNOWAIT)
        clock = ManualClock()
        ours = index(tmp_path, clock)
        for _ in range(3):
            assert ours.claim(row(), "2:2") is None
            clock.advance(10 * ports.HOLD_SECONDS)
        worker.signal(signal.SIGCONT)
        assert worker.wait_for_word() == "mine\n"


def test_containers_beside_each_other_do_not_take_each_others_numbers_for_their_own(tmp_path: Path) -> None:
    """In both the worker is process 1: looked up by number alone, each would be the other, or dead."""
    with contained(HOLDS, str(tmp_path)) as worker, contained(LOOKS, str(tmp_path)) as other:
        held = process.parsed(worker.heard())
        assert held is not None
        other.go_on()
        assert other.heard() == "unknown False"
        worker.go_on()
        assert worker.heard() == "True"
        other.go_on()
        assert other.heard() == "unknown False", "it gave a sign of life in between"
        other.go_on()
        assert other.heard() == "unknown True", "and then none"
        worker.go_on()
        assert worker.heard() == "False"


@pytest.mark.parametrize(
    "how",
    [
        pytest.param(("-p",), id="a PID namespace that sees the /proc around it"),
        pytest.param(("-T", "--boottime", "100000"), id="our own PID namespace with another clock"),
        pytest.param(("-p", "--mount-proc", "-T", "--boottime", "100000"), id="a container with another clock"),
    ],
)
def test_whatever_a_workers_place_shows_it_is_never_taken_for_dead(tmp_path: Path, how: tuple[str, ...]) -> None:
    with contained(HOLDS, str(tmp_path), how=how) as worker:
        name = worker.heard()
        held = process.parsed(name)
        assert held is not None
        assert process.fate(name, process.here()) in ("alive", "unknown")
        ours = index(tmp_path, ManualClock())
        assert ours.claim(row(), "2:2") is None
        worker.go_on()
        assert worker.heard() == "True"
