"""Each example payload with nothing configured: the run starts the lab itself, and heals it."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from evals.judging import asking, observations, registry
from evals.judging.labs import Lab
from evals.judging.seen import Said, Seen, Snapshot
from evals.lab import faults, oracles
from evals.scenarios import spec, stage
from evals.scenarios.healer import Healer
from evals.scenarios.stage import PROJECT, Places
from graph.setup import lab as example
from tests.e2e import live

pytestmark = pytest.mark.timeout(600)

EXAMPLES = [("payment-high-error-rate", 1), ("pricing-high-error-rate", 2), ("inventory-high-error-rate", 23)]


class Unconfigured(Healer):
    """A user who has set nothing but has a home."""

    def __init__(self, root: Path) -> None:
        super().__init__(Places(root=root), "", {}, isolated=False)
        del self._environment["SUTURE_HOME"]


@pytest.mark.parametrize(("name", "scenario"), EXAMPLES)
def test_an_example_is_healed_with_nothing_configured(root: Path, name: str, scenario: int) -> None:
    home = root / ".local" / "state" / "suture"
    promised = next(item for item in spec.every() if item.id == scenario)
    healer = Unconfigured(root)
    alert = PROJECT / "evals" / "alerts" / f"{name}.json"
    process = healer.start("graph.run", str(alert))
    try:
        live.until(lambda: example.remembered(home, alert) or process.poll() is not None, "the lab of the example", 240)
        started = example.remembered(home, alert)
        assert started is not None, process.communicate()
        lab = Lab(started.url)
        before = lab.snapshot()
        said = healer.finish("healer", process, within=240)
        seen = looked(healer, home, lab, before, said, promised.lab.fault or "")
    finally:
        process.kill()
        for folder in sorted((home / "labs").glob("lab-*")):
            subprocess.run([sys.executable, "-m", "evals.lab", "down", "--world", str(folder)], cwd=PROJECT, check=True)
    found = seen.model_copy(update={"leftovers": stage.leftovers(root, started.url)})
    wrong = [f"{item.judge}: {item.detail}" for item in registry.hear(promised.calls(), found) if not item.passed]
    assert wrong == []
    report = home / "incidents" / found.incident / "report.md"
    for text in (said.stdout, report.read_text()):
        assert "the embedded lab" in text.splitlines()[0]


def looked(healer: Healer, home: Path, lab: Lab, before: Snapshot, said: Said, fault: str) -> Seen:
    """What judges look at, in the home that the run chose."""
    after = lab.snapshot()
    oracle = oracles.load(faults.folder_of(fault)) if fault else None
    asked = asking.ask(oracle, lab.doors(), asking.over_http) if oracle else ()
    time.sleep(live.SETTLE)
    seen = observations.gather(home, lab, before=before, after=after, settled=lab.snapshot())
    checks = (healer.run("replay", "graph.replay", seen.incident), healer.run("audit", "graph.audit", "verify"))
    return seen.model_copy(update={"asked": asked, "said": (said, *checks)})
