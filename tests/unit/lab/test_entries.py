"""What stands at the lab's doors: leases, payloads, sidecars, private folders."""

import json
import stat
from pathlib import Path

import pytest

from evals.lab import command, faults, lease, places, runtime, webhook
from evals.lab.lease import Lease
from evals.lab.metrics import rules
from evals.lab.metrics.rules import Firing
from incident import alert
from incident.errors import BadInput

ALERTS = Path(command.__file__).parents[1] / "alerts"
EXAMPLES = sorted(ALERTS.glob("*.json"))


def test_a_lease_ends_when_it_is_not_renewed() -> None:
    held = Lease(30, now=100)
    assert not held.over(129.9)
    assert held.over(130)


def test_a_renewal_moves_the_end() -> None:
    held = Lease(30, now=100)
    held.renew(120, now=120)
    assert not held.over(239)
    assert held.over(240)


def test_a_world_without_a_lease_ends_after_two_hours_whatever_is_renewed() -> None:
    held = Lease(None, now=0)
    held.renew(7200, now=7000)
    assert held.over(lease.UNATTENDED)


@pytest.mark.parametrize("seconds", [0, -1, 8000])
def test_a_renewal_out_of_bounds_is_refused(seconds: float) -> None:
    with pytest.raises(ValueError, match="seconds must lie"):
        Lease(30, now=0).renew(seconds, now=0)


def test_the_webhook_is_what_intake_reads() -> None:
    known = [rule.condition for rule in rules.ordinary(["orders", "billing-api"])]
    body = webhook.payload([Firing(condition, "much fails", 1.5) for condition in known], "http://127.0.0.1:1")
    read = alert.parse(json.dumps(body).encode())
    assert [one.labels["service"] for one in read.firing()] == ["orders", "billing-api"]
    assert {one.fingerprint for one in read.alerts} == {alert.fingerprint_of(c.labels) for c in known}
    assert body["commonLabels"] == {"alertname": "HighErrorRate", "severity": "critical"}


def test_nothing_firing_is_an_empty_list() -> None:
    body = webhook.payload((), "http://127.0.0.1:1")
    assert (body["alerts"], body["status"]) == ([], "resolved")


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_has_a_sidecar_that_starts_what_it_shows(path: Path) -> None:
    shown = alert.parse(path.read_bytes()).firing()
    start = command.start_of(path.with_suffix(".lab.yaml"))
    assert start.expect["service"] in {one.labels["service"] for one in shown}
    assert (start.fault is None) != (start.false_alarm is None)
    if start.fault is not None:
        assert faults.load(start.fault).name == start.fault


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 4


@pytest.mark.parametrize("text", ["fault: [1]", "unknown: 1", "- a", "{", "seed: many"])
def test_a_sidecar_that_does_not_fit_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "x.lab.yaml"
    file.write_text(text)
    with pytest.raises(BadInput):
        command.start_of(file)


def test_a_sidecar_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        command.start_of(tmp_path / "none.lab.yaml")


def test_a_world_does_not_settle_in_a_folder_with_other_things(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(places.Occupied, match="thesis"):
        places.World(tmp_path).clear()
    assert (tmp_path / "thesis.txt").exists()


def test_a_new_world_clears_what_an_old_one_left(tmp_path: Path) -> None:
    world = places.World(tmp_path / "w")
    world.clear()
    world.announce("http://127.0.0.1:1", 1, "x")
    (world.root / "logs" / "old.jsonl").write_text("{}")
    world.clear()
    assert not world.card.exists()
    assert list((world.root / "logs").iterdir()) == []


def test_the_private_folder_is_the_owners_alone_and_outside_the_world(tmp_path: Path) -> None:
    world = tmp_path / "w"
    private = places.private(world, tmp_path / "private")
    places.make_private(private)
    assert world not in private.parents
    assert [stat.S_IMODE(path.stat().st_mode) for path in (private, private.parent)] == [0o700, 0o700]


def test_an_interpreter_below_a_private_home_cannot_be_reached_by_others(tmp_path: Path) -> None:
    python = tmp_path / "home" / "python"
    python.parent.mkdir()
    python.touch(0o755)
    python.parent.chmod(0o700)
    assert not runtime.reachable(python)
    assert runtime.reachable(Path("/bin/sh").resolve())
