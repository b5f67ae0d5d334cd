"""``python -m graph.resume`` as a command, on an incident whose process was killed right after it was opened."""

import contextlib
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from evals.scenarios.stage import PROJECT
from graph import replay
from graph.config import leave, settings
from graph.runtime import cases, unfinished
from graph.setup import stores, worlds
from incident.alert import parse
from tools import ports

pytestmark = pytest.mark.timeout(420)

ALERT = {"labels": {"alertname": "HighErrorRate", "service": "orders"}, "startsAt": "2026-01-01T00:00:00Z"}
DEAD = "999999999:1"


class Place(NamedTuple):
    """A home with one incident in a healthy world: it ends at its first node, as a false alarm."""

    environment: dict[str, str]
    shared: stores.Stores
    incident: str
    world: "subprocess.Popen[bytes]"

    def resume(self) -> tuple[int, Any, str]:
        """Let the scanner look once: (exit code, what it said, what went wrong)."""
        command = [sys.executable, "-m", "graph.resume", "--once", "--json"]
        environment = {**os.environ, **self.environment}
        ran = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)
        return ran.returncode, json.loads(ran.stdout), ran.stderr

    def row(self) -> ports.Row:
        found = self.shared.incidents.find(self.incident)
        assert found is not None
        return found


@pytest.fixture
def place() -> Iterator[Place]:
    with tempfile.TemporaryDirectory(prefix="suture-resume-") as name:
        root = Path(name)
        world = subprocess.Popen(
            [sys.executable, "-m", "tools.scripted", str(root / "world"), "--healthy"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=PROJECT,
        )
        assert world.stdout is not None
        assert world.stdin is not None
        try:
            url = str(json.loads(world.stdout.readline())["url"])
            yield _opened({"SUTURE_HOME": str(root / "home"), "SUTURE_WORLD_URL": url}, world)
        finally:
            world.stdin.close()
            world.stdout.close()
            world.kill()
            world.wait()


def _opened(environment: dict[str, str], world: "subprocess.Popen[bytes]") -> Place:
    """As a process leaves it that is killed before its first checkpoint."""
    chosen = settings.load(environment)
    shared = stores.connect(chosen)
    found = worlds.connect(chosen.world_url)
    (case,) = cases.of(chosen, found, parse(json.dumps(ALERT).encode())).cases
    shared.remember(case.world, chosen.world_url)
    now = shared.clock.now()
    row = ports.Row(
        id=case.incident,
        world=case.world,
        fingerprint=case.alert.identity,
        starts_at=case.alert.starts_at,
        service=case.service,
        status="open",
        opened_at=now,
        changed_at=now,
        opening=leave.Opening(case=case, autonomy="propose", dry_run=False).model_dump(mode="json"),
    )
    assert shared.incidents.claim(row, DEAD) is not None
    return Place(environment, shared, case.incident, world)


def test_it_is_found_and_ends_as_if_nobody_had_been_killed(place: Place) -> None:
    chosen = settings.load(place.environment)
    assert [item.why for item in unfinished.found(place.shared, chosen)] == ["its process is gone"]
    code, said, err = place.resume()
    assert code == 0, err
    assert [(one["incident"], one["outcome"]) for one in said["incidents"]] == [(place.incident, "no action")]
    assert (place.row().status, place.row().holder) == ("closed", "")
    assert len(place.shared.audit.find("resumed", place.incident)) == 1
    journal = stores.folder(place.shared, place.incident)
    replay.unchanged(place.shared.audit, journal, place.incident)
    assert replay.decided_again(journal)[0] > 0
    assert unfinished.found(place.shared, chosen) == ()


def spoiled(place: Place, body: str) -> None:
    with contextlib.closing(sqlite3.connect(f"{place.environment['SUTURE_HOME']}/incidents.db")) as index, index:
        index.execute("UPDATE incidents SET body = ?", (body,))


@pytest.mark.parametrize("readable", [True, False], ids=["as the first versions kept it", "a row that cannot be read"])
def test_one_of_which_nothing_is_known_is_told_once_and_ended(place: Place, readable: bool) -> None:
    """No later try would find more."""
    spoiled(place, place.row().model_copy(update={"opening": {}}).model_dump_json() if readable else "nonsense")
    code, said, err = place.resume()
    assert code == 5, err
    assert [(one["incident"], one["outcome"]) for one in said["incidents"]] == [(place.incident, "escalated")]
    assert "cannot be resumed" in said["incidents"][0]["reason"]
    assert (place.row().status, place.row().holder) == ("closed", "")
    assert place.resume()[1]["incidents"] == [], "it is over"
    (notice,) = (Path(place.environment["SUTURE_HOME"]) / "notices.jsonl").read_text().splitlines()
    assert place.incident in notice


def test_another_alert_of_its_service_finishes_it_first_and_goes_on(place: Place, tmp_path: Path) -> None:
    """Nobody has to know that a process died: the service is not shut until a person finds out."""
    alert = tmp_path / "alert.json"
    alert.write_text(json.dumps({**ALERT, "startsAt": "2026-01-02T00:00:00Z"}))
    command = [sys.executable, "-m", "graph.run", str(alert), "--json"]
    environment = {**os.environ, **place.environment}
    ran = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    ended = json.loads(ran.stdout)["incidents"]
    assert [one["outcome"] for one in ended] == ["no action"] * 2
    assert ended[0]["id"] == place.incident
    assert place.row().status == "closed"
    assert len(place.shared.audit.find("resumed", place.incident)) == 1
    assert "already" not in ended[1]["reason"]


def test_one_whose_world_is_gone_is_reported_and_stays_unfinished(place: Place) -> None:
    place.world.kill()
    place.world.wait()
    code, said, _ = place.resume()
    assert code == 5
    (one,) = said["incidents"]
    assert one["outcome"] == "unresumed"
    assert "does not answer" in one["reason"]
    assert place.row().status == "open"
