"""The service in another language: its own tests, and what it leaves in its log, spans and metrics."""

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from evals.lab import repository, runtime
from evals.lab.metrics import exposition

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="this machine has no node")
TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return repository.lay_out(tmp_path / "shop", None).root


@pytest.fixture
def served(root: Path, tmp_path: Path) -> Iterator[str]:
    """The service with one damaged review, so that something fails."""
    data = root / "services/ratings/reviews.json"
    kept = json.loads(data.read_text())
    kept["TEA-001"][0]["author"] = 7
    data.write_text(json.dumps(kept))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        "PATH": "/usr/bin:/bin",
        "PORT": str(port),
        "SERVICE_NAME": "ratings",
        "SERVICE_VERSION": "v1",
        "LOG_FILE": str(tmp_path / "log"),
        "SPAN_FILE": str(tmp_path / "spans"),
    }
    command = runtime.line("services/ratings/server.mjs", Path("unused"))
    with subprocess.Popen(command, cwd=root, env=environment) as process:
        url = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                httpx.get(f"{url}/healthz")
                break
            except httpx.TransportError:
                time.sleep(0.05)
        yield url
        process.terminate()
        assert process.wait(10) == 0


def test_its_own_tests_pass(root: Path) -> None:
    ran = subprocess.run(
        ["node", "--test", "services/ratings/tests"], cwd=root, capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode == 0, ran.stdout


def test_answers_are_counted_and_a_failure_leaves_a_real_stack(served: str, tmp_path: Path) -> None:
    traced = {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}
    assert httpx.get(f"{served}/ratings/TEA-002").json()["sku"] == "TEA-002"
    assert httpx.get(f"{served}/ratings/HAT-001").status_code == 404
    assert httpx.get(f"{served}/reviews/TEA-002", params={"most": "0"}).status_code == 422
    assert httpx.get(f"{served}/reviews/TEA-001", headers=traced).status_code in (200, 500)
    httpx.get(f"{served}/reviews/TEA-001", params={"most": "99"}, headers=traced)
    page = exposition.read(httpx.get(f"{served}/metrics").text)
    assert (page.requests, page.errors > 0) == (5, True)
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert lines[0]["message"] == "started"
    failed = next(line for line in lines if line["level"] == "error")
    assert failed["route"] == "GET /reviews/{sku}"
    assert "at initials" in failed["exception"]["stack"] or failed["exception"]["type"] == "TypeError"
    spans = [json.loads(line) for line in (tmp_path / "spans").read_text().splitlines()]
    assert {span["error"] for span in spans if span["trace_id"] == TRACE} >= {True}
