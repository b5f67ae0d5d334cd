"""The lab's lifetime, through its command line and with the real shop: nothing of it outlives its main process."""

import contextlib
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from evals.lab import places

pytestmark = pytest.mark.timeout(180)
ROOT = Path(__file__).parents[3]
FAULT = "null-membership"

Process = tuple[int, str]
"""Process id and start time: together they name a process for ever."""


def lab(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "evals.lab", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=150, check=False)


def up(world: Path, *arguments: str) -> dict[str, str]:
    ran = lab("up", "--world", str(world), "--json", *arguments)
    assert ran.returncode == 0, ran.stderr
    card: dict[str, str] = json.loads(ran.stdout)
    return card


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "world"
    yield folder
    lab("down", "--world", str(folder))
    shutil.rmtree(folder, ignore_errors=True)


def main_pid(world: Path) -> int:
    return int(json.loads((world / "world.json").read_text())["pid"])


def family(pid: int) -> set[Process]:
    """A process and all its descendants."""
    children: dict[int, list[int]] = {}
    started: dict[int, str] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                children.setdefault(int(fields[1]), []).append(int(entry.name))
                started[int(entry.name)] = fields[19]
    found, waiting = set(), [pid]
    while waiting:
        one = waiting.pop()
        found.add((one, started[one]))
        waiting += children.get(one, [])
    return found


def alive(processes: set[Process]) -> set[Process]:
    """Those that still run; a zombie that nobody reaped yet has ended."""
    living = set()
    for pid, started in processes:
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            if fields[19] == started and fields[0] != "Z":
                living.add((pid, started))
    return living


def listening(processes: set[Process]) -> set[int]:
    """Ports on which these processes listen."""
    inodes = set()
    for pid, _ in processes:
        with contextlib.suppress(OSError):
            inodes |= {os.readlink(entry) for entry in Path(f"/proc/{pid}/fd").iterdir()}  # noqa: PTH115 (a socket is no path)
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {int(line[1].split(":")[1], 16) for line in lines if line[3] == "0A" and f"socket:[{line[9]}]" in inodes}


def taken(ports: set[int]) -> set[int]:
    """Those of the ports on which somebody answers."""
    found = set()
    for port in ports:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            found.add(port)
    return found


def gone(processes: set[Process], seconds: float = 5.0) -> bool:
    deadline = time.monotonic() + seconds
    while alive(processes) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not alive(processes)


def test_a_world_outlives_its_starter_and_ends_when_told(world: Path) -> None:
    card = up(world)
    processes = family(main_pid(world))
    ports = listening(processes)
    assert len(processes) > 20
    assert len(ports) > 18
    assert httpx.get(f"{card['url']}/world").json()["id"] == card["id"]
    assert json.loads(lab("status", "--world", str(world)).stdout)["running"] is True
    assert lab("down", "--world", str(world)).returncode == 0
    assert gone(processes, 1.0)
    assert taken(ports) == set()
    assert json.loads(lab("status", "--world", str(world)).stdout) == {"running": False}
    assert lab("down", "--world", str(world)).returncode == 0


def test_sigkill_of_the_main_process_leaves_no_process_and_no_port(world: Path) -> None:
    up(world)
    processes = family(main_pid(world))
    ports = listening(processes)
    os.kill(main_pid(world), signal.SIGKILL)
    assert gone(processes)
    assert taken(ports) == set()
    assert json.loads(lab("status", "--world", str(world)).stdout) == {"running": False}
    up(world)  # the folder can be used again


def test_a_world_without_its_router_is_no_world_and_ends(world: Path) -> None:
    up(world)
    processes = family(main_pid(world))
    router = next(
        pid for pid, _ in processes if b"evals.lab.traffic.router" in Path(f"/proc/{pid}/cmdline").read_bytes()
    )
    os.kill(router, signal.SIGKILL)
    assert gone(processes, 10.0)
    log = places.private(world) / "lab.log"
    assert "ended by itself" in log.read_text()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_the_world(world: Path, number: signal.Signals) -> None:
    up(world)
    processes = family(main_pid(world))
    pid = main_pid(world)
    os.kill(pid, number)
    with contextlib.suppress(ProcessLookupError):  # it may have ended already
        os.kill(pid, number)
    assert gone(processes)
    assert not (world / "world.json").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
@pytest.mark.parametrize("after", [0.3, 2.0, 4.0])
def test_a_starter_that_is_stopped_before_the_alert_takes_the_world_with_it(
    world: Path, number: signal.Signals, after: float
) -> None:
    command = [sys.executable, "-m", "evals.lab", "up", "--world", str(world), "--wait-alert"]
    starter = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, start_new_session=True)
    assert starter.stderr is not None
    assert select.select([starter.stderr], [], [], 60)[0]
    time.sleep(after)
    processes = family(starter.pid)
    starter.send_signal(number)
    starter.wait(30)
    assert gone(processes, 15.0)
    assert not (world / "world.json").exists()


def test_two_worlds_at_once_do_not_meet(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("one", "two")]
    commands = [[sys.executable, "-m", "evals.lab", "up", "--world", str(folder), "--json"] for folder in folders]
    started = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for command in commands]
    try:
        cards = [json.loads(process.communicate(timeout=150)[0]) for process in started]
        assert cards[0]["id"] != cards[1]["id"]
        families = [family(main_pid(folder)) for folder in folders]
        assert not families[0] & families[1]
        assert lab("down", "--world", str(folders[0])).returncode == 0
        assert gone(families[0], 1.0)
        assert alive(families[1]) == families[1]
        assert httpx.get(f"{cards[1]['url']}/services").status_code == 200
    finally:
        for folder in folders:
            lab("down", "--world", str(folder))


def test_a_folder_has_at_most_one_world(world: Path) -> None:
    card = up(world)
    refused = lab("up", "--world", str(world))
    assert refused.returncode == 2
    assert "a world runs there" in refused.stderr
    assert httpx.get(f"{card['url']}/world").json()["id"] == card["id"]


def test_a_lease_that_is_renewed_holds_and_one_that_is_not_ends_the_world(world: Path) -> None:
    # Long enough for a slow machine to bring the world up and ask again; shorter than the renewals together.
    card = up(world, "--lease", "12")
    processes = family(main_pid(world))
    for _ in range(5):
        assert httpx.post(f"{card['url']}/lease", json={"seconds": 12}).status_code == 200
        time.sleep(3)
    assert alive(processes) == processes
    assert gone(processes, 20.0)


def test_nothing_that_the_healer_can_read_tells_what_is_wrong(world: Path) -> None:
    card = up(world, "--fault", FAULT)
    told = FAULT.encode()
    for pid, _ in family(main_pid(world)):
        for name in ("cmdline", "environ"):
            assert told not in Path(f"/proc/{pid}/{name}").read_bytes()
    for file in world.rglob("*"):
        assert FAULT not in file.name
        assert not file.is_file() or told not in file.read_bytes(), file
    for path in ("world", "services", "services/payment", "services/payment/runtime", "rules", "alerts"):
        assert FAULT not in httpx.get(f"{card['url']}/{path}").text
    private = places.private(world)
    assert world not in private.parents
    assert private.stat().st_mode & 0o077 == 0


def test_steering_goes_through_the_private_folder_only(world: Path) -> None:
    card = up(world)
    fired = lab("fire", "--world", str(world), "--service", "ledger", "--seconds", "60")
    assert json.loads(fired.stdout) == {"ok": True}
    alerts = httpx.get(f"{card['url']}/alerts").json()["alerts"]
    assert [one["labels"]["service"] for one in alerts] == ["ledger"]
    time.sleep(11)
    rule = next(one for one in httpx.get(f"{card['url']}/rules").json() if one["service"] == "ledger")
    measured = httpx.post(f"{card['url']}/measure", json=rule).json()
    assert measured["firing"] is True
    assert measured["value"] == 0.0
    assert lab("fire", "--world", str(world), "--service", "nobody").returncode == 1
    assert lab("shift", "--world", str(world), "--kinds", '{"quote_partner": 2}').returncode == 1
    assert lab("deploy", "--world", str(world)).returncode == 1
    elsewhere = lab("fire", "--world", str(world), "--service", "ledger", "--private", str(world / "x"))
    assert elsewhere.returncode == 1
    for path in ("fire", "shift", "deploy", "configure"):
        assert httpx.post(f"{card['url']}/{path}", json={}).status_code == 404


@pytest.mark.parametrize("arguments", [("--fault", "nonsense"), ("--sidecar", "/nowhere.lab.yaml")])
def test_bad_input_starts_nothing(world: Path, arguments: tuple[str, str]) -> None:
    ran = lab("up", "--world", str(world), *arguments)
    assert ran.returncode == 2
    assert len(ran.stderr.strip().splitlines()) == 1
    assert not world.exists()
