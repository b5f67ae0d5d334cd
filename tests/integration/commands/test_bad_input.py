"""Bad input gets one sentence and exit code 2, prints no traceback, and leaves nothing behind."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.commands import forked

pytestmark = pytest.mark.timeout(180)
ROOT = Path(__file__).parents[3]
OWN = {key: value for key, value in os.environ.items() if not key.startswith(("SUTURE_", "OPENAI_"))}
STARTS_AT = "2026-01-31T12:00:00Z"


def webhook(status: str = "firing", version: str = "4", **labels: str) -> str:
    named = {"alertname": "HighErrorRate", **(labels or {"service": "orders"})}
    return json.dumps({"version": version, "alerts": [{"status": status, "labels": named, "startsAt": STARTS_AT}]})


class Shell:
    """Somebody at a prompt with an own, empty home."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.alert = folder / "alert.json"

    def run(self, module: str, *arguments: str, **environment: str) -> forked.Ran:
        return forked.run(module, *arguments, environment={**OWN, "SUTURE_HOME": str(self.home), **environment})

    def heal(self, payload: str, *arguments: str, **environment: str) -> forked.Ran:
        self.alert.write_text(payload)
        return self.run("graph.run", str(self.alert), *arguments, **environment)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a simulated world, a healthy one, that is served as a process."""
    yield from served(tmp_path_factory.mktemp("world"), "--healthy")


def served(folder: Path, how: str) -> Iterator[str]:
    command = [sys.executable, "-m", "tools.scripted", str(folder), how]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
    assert process.stdin is not None
    assert process.stdout is not None
    yield str(json.loads(process.stdout.readline())["url"])
    process.stdin.close()
    process.wait()
    process.stdout.close()


def refused(ran: "forked.Ran | subprocess.CompletedProcess[str]", begins: str) -> None:
    """One sentence that begins so, exit code 2, and nothing else."""
    assert ran.returncode == 2, ran.stderr
    assert ran.stdout == ""
    assert ran.stderr.startswith(f"suture: {begins}")
    assert ran.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("payload", "begins"),
    [
        pytest.param("not json", "payload is 'not json'", id="not-json"),
        pytest.param("{}", "payload is 'an empty JSON object'", id="no-alert"),
        pytest.param('{"version": "4",}', "payload is '{", id="malformed-json"),
        pytest.param("groups:\n- name: a\n", "payload is 'a YAML file of rules'", id="rule-file"),
        pytest.param('{"routing_key": "k", "event_action": "trigger"}', "payload is 'a PagerDuty", id="pagerduty"),
        pytest.param(webhook(version="5"), "version is '5'", id="another-version"),
        pytest.param('{"version": "4"}', "alerts is None", id="no-alerts"),
        pytest.param("[" + " " * 33_554_432, "payload is 'more than 33554432 bytes'", id="too-large"),
        pytest.param(webhook(), "SUTURE_WORLD_URL is ''", id="no-world"),
    ],
)
def test_a_bad_payload_is_refused_and_nothing_is_written(shell: Shell, payload: str, begins: str) -> None:
    refused(shell.heal(payload), begins)
    assert not shell.home.exists()


def test_a_missing_file_is_named(shell: Shell) -> None:
    refused(shell.run("graph.run", "no-such-file.json"), "alert is 'no-such-file.json'")
    assert not shell.home.exists()


def test_standard_input_is_read_and_refused_alike_by_an_interpreter_of_its_own(shell: Shell) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "graph.run", "-"],
        cwd=ROOT,
        env={**OWN, "SUTURE_HOME": str(shell.home)},
        input="[]",
        capture_output=True,
        text=True,
        check=False,
    )
    refused(ran, "payload is 'an empty JSON list'")
    assert not shell.home.exists()


@pytest.mark.parametrize(
    ("environment", "begins"),
    [
        pytest.param({"SUTURE_AUTONOMY": "alone"}, "SUTURE_AUTONOMY is 'alone'", id="autonomy"),
        pytest.param({"LOG_LEVEL": "loud"}, "LOG_LEVEL is 'loud'", id="log-level"),
        pytest.param({"SUTURE_WORLD_URL": "ftp://x"}, "SUTURE_WORLD_URL is 'ftp://x'", id="world"),
        pytest.param({"SUTURE_WORLD_URL": "http://127.0.0.1:9"}, "SUTURE_WORLD_URL is 'http", id="silent-world"),
        pytest.param({"SUTURE_MODEL": "scripted:gone.json"}, "SUTURE_MODEL is 'gone.json'", id="script"),
        pytest.param({"OPENAI_MODEL": "m"}, "OPENAI_", id="model-without-endpoint"),
    ],
)
def test_a_bad_setting_is_refused_and_nothing_is_written(
    shell: Shell, environment: dict[str, str], begins: str
) -> None:
    refused(shell.heal(webhook(), **environment), begins)
    assert not shell.home.exists()


def test_a_service_that_the_world_does_not_know_is_refused(shell: Shell, world: str) -> None:
    ran = shell.heal(webhook(service="nobody"), SUTURE_WORLD_URL=world)
    refused(ran, "labels.service is 'nobody': name one of the services of this world")
    assert not shell.home.exists()


def test_a_service_with_control_characters_is_refused_in_one_visible_line(shell: Shell, world: str) -> None:
    ran = shell.heal(webhook(service="a\u001bb"), SUTURE_WORLD_URL=world)
    refused(ran, "labels.service is 'a\\x1bb': name one of the services of this world")
    assert not shell.home.exists()


def test_two_services_are_a_question_that_is_told_once(shell: Shell, world: str) -> None:
    both = webhook(service="orders", deployment="stock")
    first, second = (shell.heal(both, "--json", SUTURE_WORLD_URL=world) for _ in range(2))
    assert (first.returncode, second.returncode) == (5, 5)
    assert all(name in json.loads(first.stdout)["questions"][0] for name in ("orders", "stock"))
    assert "orders" in first.stderr
    assert second.stderr == ""
    settled = shell.heal(both, "--json", SUTURE_WORLD_URL=world, SUTURE_SERVICE_LABELS="deployment")
    assert [item["service"] for item in json.loads(settled.stdout)["incidents"]] == ["stock"]


@pytest.mark.parametrize("labels", [{"alertname": "Watchdog"}, {"severity": "none", "service": "orders"}], ids=str)
def test_a_heartbeat_ends_as_no_action_without_a_world(shell: Shell, labels: dict[str, str]) -> None:
    ran = shell.heal(webhook(**labels), "--json")
    assert (ran.returncode, json.loads(ran.stdout)["outcome"]) == (0, "no action")
    assert not shell.home.exists()


def test_a_resolved_alert_ends_as_no_action(shell: Shell, world: str) -> None:
    ran = shell.heal(webhook(status="resolved"), "--json", SUTURE_WORLD_URL=world)
    assert (ran.returncode, json.loads(ran.stdout)["outcome"]) == (0, "no action")


def test_the_same_alert_twice_is_one_incident(shell: Shell, world: str) -> None:
    first, second = (shell.heal(webhook(), "--json", SUTURE_WORLD_URL=world) for _ in range(2))
    ids = {item["id"] for ran in (first, second) for item in json.loads(ran.stdout)["incidents"]}
    assert len(ids) == 1
    assert len(list((shell.home / "incidents").iterdir())) == 1
    assert first.returncode == second.returncode


@pytest.mark.parametrize("module", ["explain", "replay", "approve", "control"])
def test_an_unknown_incident_is_refused(shell: Shell, module: str) -> None:
    extra = {"approve": ("--as", "dana"), "control": ("status", "--as", "dana")}.get(module, ())
    refused(shell.run(f"graph.{module}", "inc-nothing", *extra), "incident is 'inc-nothing'")
