"""The recording that is shipped, made anew by ``python -m tests.unit.recordings.shipped`` from the simulated world."""

import json
import shutil
from datetime import timedelta
from pathlib import Path

from graph import record
from tools.scripted.clock import ManualClock
from tools.scripted.world import incident_world

FOLDER = Path(__file__).parents[2] / "recordings" / "bad-release"
"""A release of orders after which a sixth of the requests fails."""


def make(folder: Path) -> tuple[str, ...]:
    """Record the world in this folder; sentences about what is not in it."""
    clock = ManualClock()
    live = incident_world(clock, wakes_in=-300.0, deployed_ago=2.0, rate=4.0, scrape_seconds=5.0)
    clock.advance(90)
    labels = {"alertname": "HighErrorRate", "service": "orders", "severity": "critical"}
    alert = {"labels": labels, "startsAt": (clock.now() - timedelta(seconds=50)).isoformat()}
    return record.recorded(live, json.dumps(alert).encode(), folder, timedelta(minutes=3))


if __name__ == "__main__":
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.parent.mkdir(exist_ok=True)
    make(FOLDER)
