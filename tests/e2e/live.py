"""One live world with a fresh home, and everything that judges look at afterwards."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from evals.judging import asking, observations, registry
from evals.judging.labs import Lab
from evals.judging.registry import Call
from evals.judging.seen import Said, Seen, Snapshot
from evals.lab import faults, oracles
from evals.lab.command import Start
from evals.lab.oracles import Oracle
from evals.scenarios import stage
from evals.scenarios.healer import Healer, written
from evals.scenarios.stage import Places

SETTLE = 8.0
"""Seconds for which the world is watched after an ending."""
PATIENCE = 120.0
"""Seconds within which an awaited moment must come."""


@dataclass
class Live:
    """A world whose alert fires, and the commands that were run on it."""

    places: Places
    lab: Lab
    before: Snapshot
    payload: Path
    oracle: Oracle
    said: list[Said] = field(default_factory=list)

    def healer(self, **environment: str) -> Healer:
        """Starts commands without sight of the answers."""
        return Healer(self.places, self.lab.url, environment, isolated=True)

    def heal(self, *arguments: str, **environment: str) -> Said:
        """Run ``graph.run`` to its end."""
        said = self.healer(**environment).run("healer", "graph.run", str(self.payload), *arguments, within=180)
        self.said.append(said)
        return said

    def incident(self) -> str:
        """Id of the one incident."""
        found = observations.incident_of(self.places.home)
        assert found, "there is not exactly one incident"
        return found

    def asked(self) -> str:
        """Digest of the plan that the one incident asks a person about."""
        return str(json.loads(self.healer().run("list", "graph.list", "--json").stdout)[0]["plan"])

    def share(self, service: str, share: int) -> bool:
        """Whether some version of the service has this share of the traffic."""
        return share in {version.weight for version in self.lab.workload(service).versions}

    def look(self) -> Seen:
        """Look now and after a while, ask the hidden requests, check the records."""
        after = self.lab.snapshot()
        asked = asking.ask(self.oracle, self.lab.doors(), asking.over_http)
        time.sleep(SETTLE)
        settled = self.lab.snapshot()
        seen = observations.gather(self.places.home, self.lab, before=self.before, after=after, settled=settled)
        healer = self.healer()
        checks = (
            healer.run("replay", "graph.replay", seen.incident or "none"),
            healer.run("audit", "graph.audit", "verify"),
        )
        return seen.model_copy(update={"asked": asked, "said": (*self.said, *checks)})


@contextmanager
def world(root: Path, fault: str, expect: str, seed: int = 1, folder: Path | None = None) -> Iterator[Live]:
    """A world with this fault (of another folder), the alert of this service firing; nothing of it remains."""
    places = Places(root=root)
    start = Start(fault=fault, expect={"service": expect})
    more = () if folder is None else (folder,)
    with stage.world(places, start, seed, more) as up:
        lab = Lab(up.url)
        try:
            payload = written(root / "payload.json", json.dumps(up.payload))
            oracle = oracles.load(faults.folder_of(fault, more))
            assert oracle is not None
            yield Live(places, lab, lab.snapshot(), payload, oracle)
        finally:
            lab.close()
    assert stage.leftovers(root, up.url) == ()


def until(moment: Callable[[], object], what: str, patience: float = PATIENCE) -> None:
    """Wait for a moment; fails when it does not come."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if moment():
            return
        time.sleep(0.1)
    raise AssertionError(f"{what} did not come within {patience:.0f} s")


def judged(seen: Seen, *calls: Call) -> list[str]:
    """What the judges find wrong; the ones that no run may do without are asked, too."""
    always = (registry.call(name) for name in registry.ALWAYS if name not in ("ending", "no_leftovers"))
    return [f"{item.judge}: {item.detail}" for item in registry.hear((*calls, *always), seen) if not item.passed]


def ending(outcome: str, exit_code: int) -> Call:
    """The promised ending."""
    return registry.call("ending", {"outcomes": [outcome], "exit_codes": [exit_code]})


NULL_MEMBERSHIP_HEALED = (
    ending("healed", 0),
    registry.call("remedy", {"kinds": ["patch"]}),
    registry.call("oracle_answers"),
    registry.call("callers_healthy", {"services": ["payment", "checkout", "gateway"]}),
    registry.call("others_untouched", {"service": "payment"}),
    registry.call(
        "only_function_differs",
        {
            "service": "payment",
            "path": "services/payment/assessment.py",
            "function": "assess",
            "tests": "services/payment/tests",
        },
    ),
)
"""What is promised for the null dereference."""
