"""Two containers, or a container and its host, on one SUTURE_HOME: a live incident is nobody else's to work on."""

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.integration.stores.namespaces import ROOT, inside
from tools import embedded
from tools.clock import SystemClock

pytestmark = pytest.mark.timeout(900)


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A served world with a sick service, and a home that lies nowhere else."""
    command = [sys.executable, "-m", "tools.scripted", str(tmp_path / "world"), "--wakes-in=-300", "--deployed-ago=40"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
    assert process.stdin is not None
    assert process.stdout is not None
    own = {key: value for key, value in os.environ.items() if not key.startswith(("SUTURE_", "OPENAI_"))}
    with process.stdin, process.stdout:
        url = str(json.loads(process.stdout.readline())["url"])
        told = {"SUTURE_HOME": str(tmp_path / "home"), "SUTURE_WORLD_URL": url, "SUTURE_AUTONOMY": "auto"}
        told["SUTURE_PROFILE"] = "lab"
        yield {**own, **told}
        process.kill()
        process.wait()


@pytest.fixture
def alert(tmp_path: Path) -> str:
    file = tmp_path / "alert.json"
    labels = {"alertname": "HighErrorRate", "service": "orders"}
    file.write_text(json.dumps({"labels": labels, "startsAt": datetime.now(UTC).isoformat()}))
    return str(file)


def started(alert: str, environment: dict[str, str]) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "graph.run", alert, "--json"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def contained(environment: dict[str, str], *command: str) -> "subprocess.CompletedProcess[str]":
    """A command in a PID namespace of its own."""
    return subprocess.run(
        inside(sys.executable, "-m", *command),
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def weights(environment: dict[str, str]) -> dict[str, int]:
    found = embedded.connect(environment["SUTURE_WORLD_URL"], SystemClock()).platform.read("orders")
    return {version.name: version.weight for version in found.versions if version.weight}


def eventually(environment: dict[str, str], statement: str) -> None:
    """Wait until the ledger or the index answers with something."""
    home = Path(environment["SUTURE_HOME"])
    for _ in range(3000):
        for name in ("ledger.db", "incidents.db"):
            with (
                contextlib.suppress(sqlite3.Error),
                contextlib.closing(sqlite3.connect(f"file:{home / name}?mode=ro", uri=True)) as database,
            ):
                if database.execute(statement).fetchone():
                    return
        time.sleep(0.05)
    raise AssertionError(f"never: {statement}")


def test_a_stopped_worker_is_left_alone_by_another_container_and_ends_what_it_began(
    environment: dict[str, str], alert: str
) -> None:
    """Neither its scanner nor the repeated alert takes the incident: nothing is done twice."""
    first = started(alert, environment)
    try:
        eventually(environment, "SELECT 1 FROM incidents WHERE holder <> ''")
        first.send_signal(signal.SIGSTOP)
        scanned = contained(environment, "graph.resume", "--json")
        assert json.loads(scanned.stdout)["incidents"] == [], scanned.stderr
        assert "left alone" in scanned.stderr
        assert "another PID namespace" in scanned.stderr
        repeated = contained(environment, "graph.run", alert, "--json")
        assert repeated.returncode == 0
        assert "already works on" in json.loads(repeated.stdout)["reason"]
    finally:
        first.send_signal(signal.SIGCONT)
        out, err = first.communicate(timeout=600)
    assert first.returncode == 0, err
    assert json.loads(out)["outcome"] == "healed"
    chain = (Path(environment["SUTURE_HOME"]) / "audit.jsonl").read_text()
    assert '"action":"resumed"' not in chain
    assert chain.count('"kind":"received"') == 1


def test_a_home_that_is_moved_away_below_a_running_worker_ends_with_everything_taken_back(
    environment: dict[str, str], alert: str
) -> None:
    """As for a backup that is put back: what it would still write, nobody would see."""
    home = Path(environment["SUTURE_HOME"])
    before = weights(environment)
    first = started(alert, environment)
    try:
        eventually(environment, "SELECT 1 FROM effects WHERE outcome IS NOT NULL")
        home.rename(home.with_name("moved-away"))
        out, err = first.communicate(timeout=600)
    finally:
        first.kill()
    assert first.returncode == 5, out + err
    assert '"action":"undone"' in err, "standard error is the one place where that can be told"
    assert weights(environment) == before
