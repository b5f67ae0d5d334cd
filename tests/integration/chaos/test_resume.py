"""``python -m graph.resume`` as a command, on an incident whose process was killed right after it was opened."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from evals.scenarios.stage import PROJECT
from graph import grouping, replay, resuming, scanning, settings, wiring
from incident.alert import parse
from tools import ports

pytestmark = pytest.mark.timeout(420)

ALERT = {"labels": {"alertname": "HighErrorRate", "service": "orders"}, "startsAt": "2026-01-01T00:00:00Z"}
DEAD = "999999999:1"


class Place(NamedTuple):
    """A home with one incident in a healthy world: it ends at its first node, as a false alarm."""

    environment: dict[str, str]
    shared: wiring.Books
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
    shared = wiring.books(chosen)
    found = wiring.world(chosen)
    (case,) = grouping.cases(chosen, found, parse(json.dumps(ALERT).encode()))
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
        opening=resuming.Opening(case=case, autonomy="propose", dry_run=False).model_dump(mode="json"),
    )
    assert shared.incidents.claim(row, DEAD) is not None
    return Place(environment, shared, case.incident, world)


def test_it_is_found_and_ends_as_if_nobody_had_been_killed(place: Place) -> None:
    chosen = settings.load(place.environment)
    assert [item.why for item in scanning.unfinished(place.shared, chosen)] == ["its process is gone"]
    code, said, err = place.resume()
    assert code == 0, err
    assert [(one["incident"], one["outcome"]) for one in said["incidents"]] == [(place.incident, "no action")]
    assert (place.row().status, place.row().holder) == ("closed", "")
    assert len(place.shared.audit.find("resumed", place.incident)) == 1
    journal = wiring.journal(place.shared, place.incident)
    replay.unchanged(place.shared.audit, journal, place.incident)
    assert replay.decided_again(journal)[0] > 0
    assert scanning.unfinished(place.shared, chosen) == ()


def test_without_what_it_was_opened_with_it_would_be_lost(place: Place) -> None:
    """The control: a row as versions before kept it."""
    place.shared.incidents.update(place.row().model_copy(update={"opening": {}}))
    code, said, _ = place.resume()
    assert code == 5
    assert "nothing is recorded" in said["incidents"][0]["reason"]
    assert place.row().status == "open"


def test_one_whose_world_is_gone_is_reported_and_stays_unfinished(place: Place) -> None:
    place.world.kill()
    place.world.wait()
    code, said, _ = place.resume()
    assert code == 5
    (one,) = said["incidents"]
    assert one["outcome"] == "unresumed"
    assert "does not answer" in one["reason"]
    assert place.row().status == "open"
