"""Every example of an alert, brought up for real: the right rule fires, by itself, at the promised rate."""

import json
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from incident import alert
from incident.evidence import Condition, Measurement

pytestmark = pytest.mark.timeout(180)
ROOT = Path(__file__).parents[3]

EXPECTED = {
    "payment-high-error-rate": ("payment", 0.10, 0.20),
    "pricing-high-error-rate": ("pricing", 0.05, 0.12),
    "inventory-high-error-rate": ("inventory", 0.25, 0.45),
    "ledger-false-alarm": ("ledger", 0.0, 0.01),
}


def lab(*arguments: str) -> str:
    command = [sys.executable, "-m", "evals.lab", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=150, check=True).stdout


@pytest.mark.parametrize("example", EXPECTED)
def test_an_example_fires_and_its_rate_is_as_promised(tmp_path: Path, example: str) -> None:
    service, low, high = EXPECTED[example]
    world, sidecar = str(tmp_path / "world"), f"evals/alerts/{example}.lab.yaml"
    started = json.loads(lab("up", "--world", world, "--sidecar", sidecar, "--wait-alert", "--json"))
    try:
        fired = alert.parse(json.dumps(started["payload"]).encode()).firing()
        assert service in {one.labels["service"] for one in fired}
        time.sleep(8)
        rules = [Condition.model_validate(rule) for rule in httpx.get(f"{started['url']}/rules").json()]
        rule = next(rule for rule in rules if rule.service == service)
        found = httpx.post(f"{started['url']}/measure", json=rule.model_dump(mode="json")).json()
        measured = Measurement.model_validate(found)
        assert low <= measured.value <= high
        assert measured.firing
    finally:
        lab("down", "--world", world)
