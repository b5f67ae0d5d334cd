"""How far an incident goes in a world that somebody else started, and what happens when its port changes hands.

Every command is a process of its own with an environment of its own, as people, supervisors and webhooks start them.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

ROOT = Path(__file__).parents[3]
SURROUNDINGS = {
    name: value for name, value in os.environ.items() if not name.startswith(("SUTURE_", "OPENAI_", "REDIS"))
}

pytestmark = pytest.mark.timeout(1500)


@contextmanager
def served(folder: Path, *arguments: str) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """A simulated world as a process: its address, and the process."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tools.scripted", str(folder), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    with process.stdin, process.stdout:
        yield str(json.loads(process.stdout.readline())["url"]), process
        process.kill()
        process.wait()


class Home:
    """One SUTURE_HOME, and the commands that are started on it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.home = folder, folder / "home"
        self.began = datetime.now(UTC).isoformat()

    def alert(self, name: str = "alert", **labels: str) -> str:
        file = self.folder / f"{name}.json"
        named = {"alertname": "HighErrorRate", "service": "orders", **labels}
        file.write_text(json.dumps({"labels": named, "startsAt": self.began}))
        return str(file)

    def ran(self, module: str, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            env={**SURROUNDINGS, "SUTURE_HOME": str(self.home), **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=900,
        )

    def said(self, module: str, *arguments: str, **environment: str) -> dict[str, Any]:
        """What a command says as JSON."""
        ran = self.ran(module, *arguments, "--json", **environment)
        assert ran.stdout, ran.stderr
        found: dict[str, Any] = json.loads(ran.stdout)
        return found

    def answers(self) -> int:
        return (self.home / "audit.jsonl").read_text().count('"action":"answered"')


def weights(url: str) -> dict[str, int]:
    versions = httpx.get(f"{url}/services/orders", trust_env=False).json()["versions"]
    return {version["name"]: version["weight"] for version in versions}


BAD_RELEASE = ("--deployed-ago", "40", "--wakes-in", "-300")
SICK = {"v1": 0, "v2": 100}


def test_another_environment_cannot_answer_in_a_persons_place(tmp_path: Path) -> None:
    """The alert comes again, as Alertmanager repeats it, and a supervisor resumes what it finds: nobody approved."""
    at = Home(tmp_path)
    with served(tmp_path / "world", *BAD_RELEASE) as (url, _):
        first = at.said("graph.run", at.alert(), SUTURE_WORLD_URL=url, SUTURE_AUTONOMY="approve", SUTURE_PROFILE="lab")
        assert first["outcome"] == "waiting", first
        incident = first["incidents"][0]["id"]
        for module, words, environment in (
            ("graph.run", (at.alert(),), {}),
            ("graph.run", (at.alert(),), {"SUTURE_AUTONOMY": "auto", "SUTURE_PROFILE": "lab"}),
            ("graph.resume", (incident,), {"SUTURE_AUTONOMY": "auto"}),
            ("graph.run", (at.alert("other", pod="b"),), {"SUTURE_AUTONOMY": "auto", "SUTURE_PROFILE": "lab"}),
        ):
            again = at.said(module, *words, SUTURE_WORLD_URL=url, **environment)
            assert again["outcome"] == "waiting", again
            assert weights(url) == SICK
        assert at.answers() == 0


def test_control_the_same_world_is_healed_when_somebody_says_that_it_may_be(tmp_path: Path) -> None:
    at = Home(tmp_path)
    with served(tmp_path / "world", *BAD_RELEASE) as (url, _):
        alone = {"SUTURE_AUTONOMY": "auto", "SUTURE_PROFILE": "lab"}
        assert at.said("graph.run", at.alert(), SUTURE_WORLD_URL=url, **alone)["outcome"] == "healed"
        assert weights(url)["v1"] == 100


def test_a_world_that_somebody_else_started_is_named_and_not_changed(tmp_path: Path) -> None:
    at = Home(tmp_path)
    with served(tmp_path / "world", *BAD_RELEASE) as (url, _):
        ran = at.ran("graph.run", at.alert(), SUTURE_WORLD_URL=url)
        assert ran.returncode == 6, ran.stderr
        again = at.ran("graph.run", at.alert(), SUTURE_WORLD_URL=url)
        assert weights(url) == SICK
        doctor = at.ran("graph.doctor", SUTURE_WORLD_URL=url).stdout
    (report,) = (at.home / "incidents").glob("*/report.md")
    for text in (ran.stdout, again.stdout, report.read_text()):
        assert "a scripted world (simulated" in text.splitlines()[0]
        assert "real processes" not in text
    assert "autonomy propose" in ran.stdout.splitlines()[0]
    assert "propose" in doctor
    assert "standard" in doctor


class Impostor(ThreadingHTTPServer):
    """Somebody at a port that was a world's: it repeats what that world said of itself, and notes what it is asked."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, port: int, heard: dict[str, Any]) -> None:
        super().__init__(("127.0.0.1", port), _Repeating)
        self.heard, self.asked = heard, list[str]()


class _Repeating(BaseHTTPRequestHandler):
    server: Impostor

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        known = self.server.heard.get(self.path.partition("?")[0])
        content = json.dumps(known).encode()
        self.send_response(404 if known is None else 200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class names it)
        """Nothing."""


@contextmanager
def impostor(port: int, heard: dict[str, Any]) -> Iterator[Impostor]:
    standing = Impostor(port, heard)
    thread = threading.Thread(target=standing.serve_forever, daemon=True)
    thread.start()
    try:
        yield standing
    finally:
        standing.shutdown()
        standing.server_close()
        thread.join()


def test_who_listens_at_a_port_that_was_a_worlds_is_asked_who_it_is_and_nothing_else(tmp_path: Path) -> None:
    """The remembered address of an incident that waits: its world is gone, and somebody answers as it did."""
    at = Home(tmp_path)
    places = ("/world", "/services", "/services/orders", "/services/orders/runtime", "/rules", "/alerts")
    with served(tmp_path / "world", *BAD_RELEASE) as (url, process):
        first = at.said("graph.run", at.alert(), SUTURE_WORLD_URL=url, SUTURE_AUTONOMY="approve", SUTURE_PROFILE="lab")
        heard = {place: httpx.get(f"{url}{place}", trust_env=False).json() for place in places}
        ((incident, plan),) = ((item["id"], item["plan"]) for item in first["incidents"])
        process.kill()
        process.wait()
        with impostor(int(url.rpartition(":")[2]), heard) as stranger:
            for module, words, environment in (
                ("graph.approve", (incident, "--plan", plan, "--as", "ada"), {}),
                ("graph.resume", (incident,), {}),
                ("graph.run", (at.alert("new", pod="b"),), {"SUTURE_WORLD_URL": url, "SUTURE_AUTONOMY": "auto"}),
            ):
                ran = at.ran(module, *words, **environment)
                assert ran.returncode == 2, ran.stderr
                assert "does not prove to be" in ran.stderr
            assert set(stranger.asked) == {"/world"}
    assert at.answers() == 0


def test_control_the_same_address_is_gone_back_to_while_its_world_lives(tmp_path: Path) -> None:
    at = Home(tmp_path)
    with served(tmp_path / "world", *BAD_RELEASE) as (url, _):
        first = at.said("graph.run", at.alert(), SUTURE_WORLD_URL=url, SUTURE_AUTONOMY="approve", SUTURE_PROFILE="lab")
        (incident,) = (item["id"] for item in first["incidents"])
        assert at.said("graph.resume", incident)["outcome"] == "waiting"
