"""Commands with a settings file in the home folder: a world put together port by port, over a real connection."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[3]


class Installation(NamedTuple):
    """A home folder, and the address of a simulated world that serves the embedded world's interface."""

    home: Path
    url: str

    def run(self, *command: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("SUTURE_", "OPENAI_"))}
        environment = {**kept, "SUTURE_HOME": str(self.home), **variables}
        return subprocess.run(
            [sys.executable, "-m", *command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )

    def configure(self, **keys: str) -> None:
        lines = "".join(f"{name} = {json.dumps(value)}\n" for name, value in {"url": self.url, **keys}.items())
        (self.home / "suture.toml").write_text(f"[world]\n{lines}")


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    (tmp_path / "home").mkdir(mode=0o700)
    command = [sys.executable, "-m", "tools.scripted", str(tmp_path / "world"), "--wakes-in=-300", "--deployed-ago=40"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
    assert process.stdin is not None
    assert process.stdout is not None
    with process.stdin, process.stdout:
        yield Installation(tmp_path / "home", str(json.loads(process.stdout.readline())["url"]))
        process.kill()
        process.wait()


def ended(installation: Installation, folder: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    alert = folder / "alert.json"
    labels = {"alertname": "HighErrorRate", "service": "orders"}
    alert.write_text(json.dumps({"labels": labels, "startsAt": datetime.now(UTC).isoformat()}))
    return installation.run("graph.run", str(alert), "--json", **variables)


def test_the_doctor_says_of_each_port_whether_it_is_unset_unreachable_or_fine(installation: Installation) -> None:
    installation.configure(traces="none", captures="embedded:http://127.0.0.1:1")
    rows = {row["part"]: row for row in json.loads(installation.run("graph.doctor", "--json").stdout)}
    ports = ("platform", "metrics", "logs", "traces", "captures")
    assert [rows[port]["well"] for port in ports] == [True, True, True, None, False]
    assert "orders" in rows["platform"]["says"]
    assert "SUTURE_TRACES" in rows["traces"]["says"]
    assert "cannot be reached" in rows["captures"]["says"]


def test_an_incident_is_worked_on_in_the_world_of_the_file(installation: Installation, tmp_path: Path) -> None:
    installation.configure()
    found = ended(installation, tmp_path)
    assert found.returncode == 6, found.stderr


def test_a_missing_port_ends_with_a_person_and_the_environment_wins(installation: Installation, tmp_path: Path) -> None:
    installation.configure(metrics="none")
    found = ended(installation, tmp_path)
    assert found.returncode == 5, found.stderr
    assert "SUTURE_METRICS" in found.stdout
    found = ended(installation, tmp_path, SUTURE_METRICS=f"embedded:{installation.url}")
    assert found.returncode == 6, found.stderr


def test_a_mistake_in_the_file_is_one_sentence(installation: Installation, tmp_path: Path) -> None:
    installation.configure(metric="none")
    found = ended(installation, tmp_path)
    assert (found.returncode, found.stdout) == (2, "")
    assert "world.metric in" in found.stderr
    assert "use world.metrics" in found.stderr
