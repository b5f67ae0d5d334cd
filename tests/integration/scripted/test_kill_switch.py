"""The kill switch between real processes: set by one while another stands between its gate and its first effect.

The healer runs against a served world; it is held up at the lock, which lies between gate and effect.  Whoever sets
the switch has a Redis and a model configured that do not answer: nothing of it may matter.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from graph.effects.service_lock import scoped
from incident.evidence import Change
from tools import embedded
from tools.clock import SystemClock
from tools.locks import sqlite_locks
from tools.ports import Lease
from tools.records import home

ROOT = Path(__file__).parents[3]
DEAD = {"REDIS_URL": "redis://127.0.0.1:1/0", "OPENAI_BASE_URL": "http://127.0.0.1:1/v1", "OPENAI_MODEL": "m"}
SURROUNDINGS = {
    **{name: value for name, value in os.environ.items() if not name.startswith(("SUTURE_", "OPENAI_", "REDIS"))},
    "SUTURE_AUTONOMY": "auto",
    "SUTURE_PROFILE": "lab",
}

pytestmark = pytest.mark.timeout(1500)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[str]:
    """The address of a served world in which a bad version was deployed: going back needs no sandbox."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tools.scripted", str(tmp_path / "world"), "--wakes-in=-300", "--deployed-ago=32"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    with process.stdin, process.stdout:
        yield str(json.loads(process.stdout.readline())["url"])
        process.kill()
        process.wait()


class Installation:
    """One SUTURE_HOME, and the commands that people and supervisors start on it, each in a process of its own."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url = folder, url
        self.home = home.lay_out(folder / "home")
        self.world = embedded.connect(url, SystemClock())
        self.started = SystemClock().now()

    def command(self, module: str, *arguments: str, more: Mapping[str, str] | None = None) -> "subprocess.Popen[str]":
        """Start a command that begins when it is told to by a line on its standard input, with everything imported.

        A healer waits at a lock for a minute at most, and a busy machine may take longer to start an interpreter.
        """
        given = {**SURROUNDINGS, "SUTURE_HOME": str(self.home.root), "SUTURE_WORLD_URL": self.url, **(more or {})}
        begin = f"import sys, {module}; sys.stdin.readline(); raise SystemExit({module}.main())"
        return subprocess.Popen(
            [sys.executable, "-c", begin, *arguments],
            env=given,
            cwd=ROOT,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def said(self, module: str, *arguments: str, more: Mapping[str, str] | None = None) -> tuple[int, str]:
        with self.command(module, *arguments, more=more) as process:
            return self.ended(process)

    def ended(self, process: "subprocess.Popen[str]") -> tuple[int, str]:
        """Let a command begin, and wait for its end: exit code and everything it said."""
        out, complaint = process.communicate("\n", timeout=600)
        return process.returncode, out + complaint

    def alert(self, number: int) -> str:
        """A payload of its own: another start makes another incident of the same trouble, however late it is sent."""
        file = self.folder / f"alert-{number}.json"
        labels = {"alertname": "HighErrorRate", "service": "orders"}
        began = self.started + timedelta(seconds=number)
        file.write_text(json.dumps({"labels": labels, "startsAt": began.isoformat()}))
        return str(file)

    def decided(self, policy: str) -> int:
        """How often a policy is on the record by now."""
        lines = [
            line for file in self.home.incidents.glob("*/decisions.jsonl") for line in file.read_text().splitlines()
        ]
        return sum(f'"policy":"{policy}"' in line for line in lines)

    def changes(self) -> tuple[Change, ...]:
        return self.world.platform.history("orders", self.started - timedelta(seconds=1))

    def hold(self) -> tuple[sqlite_locks.SqliteLocks, Lease]:
        """Take the service, as another incident would."""
        store = sqlite_locks.open(self.home.locks, SystemClock())
        name = scoped(self.world.platform.world(), "orders")
        lease = store.acquire("another", exclusive=(name,), shared=(), seconds=400.0, wait=5.0)
        assert isinstance(lease, Lease)
        return store, lease


def begun(process: "subprocess.Popen[str]") -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def eventually(look: Callable[[], object], seconds: float = 600.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if look():
            return True
        time.sleep(0.1)
    return False


def test_a_switch_set_between_gate_and_effect_stops_it_and_lasts(tmp_path: Path, world: str) -> None:
    """Nothing is changed; a process that starts afterwards is stopped as well, until a person takes the switch back."""
    at = Installation(tmp_path, world)
    store, lease = at.hold()
    stopping = at.command("graph.control", "--stop-all", "--as", "ada", "--reason", "a storm", more=DEAD)
    with stopping, at.command("graph.run", at.alert(1), "--json") as healer:
        begun(healer)
        assert eventually(lambda: at.decided("gates.open") or healer.poll() is not None)
        assert healer.poll() is None, healer.communicate()
        code, said = at.ended(stopping)
        assert code == 0, said
        store.release(lease)
        out, _ = healer.communicate(timeout=600)
    assert healer.returncode == 5, out
    assert "ada" in json.loads(out)["reason"]
    assert at.changes() == ()

    # Everything that knew of it in memory is gone; the switch is still there, and says who set it.
    code, said = at.said("graph.run", at.alert(2), "--json")
    assert code in (4, 5), said
    assert "ada" in said
    assert at.changes() == ()

    code, said = at.said("graph.control", "--start-all", "--as", "ada", more=DEAD)
    assert code == 0, said
    code, said = at.said("graph.doctor", "--json", more=DEAD)
    assert "the kill switch is not set" in said


def test_control_without_the_switch_the_same_healer_acts(tmp_path: Path, world: str) -> None:
    """Once it gets the lock it changes the world; so what stopped it above was the switch."""
    at = Installation(tmp_path, world)
    store, lease = at.hold()
    with at.command("graph.run", at.alert(1), "--json") as healer:
        begun(healer)
        assert eventually(lambda: at.decided("gates.open") or healer.poll() is not None)
        store.release(lease)
        acted = eventually(lambda: bool(at.changes()) or healer.poll() is not None)
        healer.terminate()
        healer.communicate(timeout=600)
    assert acted
    assert at.changes()
