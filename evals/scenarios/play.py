"""Plays one scenario: a fresh world, a fresh home, the healer, the people; then everybody looks."""

import contextlib
import json
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import httpx

from evals.judging import asking, observations, registry
from evals.judging.labs import Lab
from evals.judging.seen import Finding, Said, Seen, Snapshot
from evals.lab import oracles
from evals.scenarios import script as scripting
from evals.scenarios import stage
from evals.scenarios.healer import Healer, written
from evals.scenarios.spec import Scenario
from evals.scenarios.stage import Places
from evals.scenarios.stepping_in import Person
from incident.value import Value

MOST_VOID = 3
"""Runs of one scenario and seed of which all were void, after which it has not passed."""


class Played(Value):
    """Result of one run."""

    scenario: int
    title: str
    seed: int
    isolated: bool
    scripted: str
    passed: bool
    outcome: str
    exit_code: int | None
    incident: str = ""
    started: datetime
    seconds: float
    """From the start of the world to its end."""
    healer_seconds: float = 0.0
    findings: tuple[Finding, ...]
    void: tuple[str, ...] = ()
    """Ways in which the world itself misbehaved: such a run counts for nothing, is never passed, and is repeated."""
    unsupported: int = 0
    """Sentences that people were told and that the record does not support."""
    kept: str = ""
    """Folder of the run, when it was kept."""


def play(scenario: Scenario, seed: int, *, isolated: bool, keep: bool = False, more: Sequence[Path] = ()) -> Played:
    """Play it once.  A failed run is not tried again.

    `keep` leaves the folder of a failed run; `more` are further folders of faults, hidden from the healer as ours are.
    """
    begun, started = time.monotonic(), datetime.now(UTC)
    places = Places(root=Path(tempfile.mkdtemp(prefix=f"suture-eval-{scenario.id:02}-")))
    places.root.chmod(0o755)  # the sandbox's user must find its way through
    try:
        seen, void = _seen(scenario, places, seed, isolated=isolated, more=more)
        findings = registry.hear(scenario.calls(), seen)
    except stage.Void as error:
        seen, void, findings = None, (str(error),), ()
    except (stage.NoWorld, httpx.HTTPError) as error:
        seen, void = None, ()
        findings = (Finding(judge="world", passed=False, detail=f"{type(error).__name__}: {error}"),)
    passed = not void and bool(findings) and all(item.passed for item in findings)
    kept = keep and not passed
    if kept and seen is not None:
        written(places.root / "seen.json", seen.model_dump_json(indent=1))
    if not kept:
        shutil.rmtree(places.root, ignore_errors=True)
    healer = seen.last("healer") if seen else None
    return Played(
        scenario=scenario.id,
        title=scenario.title,
        seed=seed,
        isolated=isolated,
        scripted=scenario.scripted,
        passed=passed,
        outcome=seen.closed.ending.outcome.value if seen and seen.closed else "none",
        exit_code=healer.exit_code if healer else None,
        incident=seen.incident if seen else "",
        started=started,
        seconds=round(time.monotonic() - begun, 1),
        healer_seconds=round(healer.seconds, 1) if healer else 0.0,
        findings=findings,
        void=void,
        unsupported=len(seen.doubts or ()) if seen else 0,
        kept=str(places.root) if kept else "",
    )


def attempts(
    scenario: Scenario, seed: int, *, isolated: bool, keep: bool = False, more: Sequence[Path] = ()
) -> Iterator[Played]:
    """Play it until a run is not void, `MOST_VOID` times at most.  A run that failed is not tried again."""
    for _ in range(MOST_VOID):
        played = play(scenario, seed, isolated=isolated, keep=keep, more=more)
        yield played
        if not played.void:
            return


def _seen(
    scenario: Scenario, places: Places, seed: int, *, isolated: bool, more: Sequence[Path]
) -> tuple[Seen, tuple[str, ...]]:
    """Play it and look, and say what makes it void; the last look is after everything was taken down."""
    fault = scenario.fault(more)
    hidden = (*more, scenario.folder.parent)
    with stage.world(places, scenario.lab, seed, more) as up, _lab(up.url) as lab:
        written(places.root / "payload.json", json.dumps(up.payload))
        environment = _environment(scenario, places, fault)
        healer = Healer(places, up.url, environment, isolated=isolated, hidden=hidden)
        before = lab.snapshot()
        said, person = _heal(scenario, places, lab, healer)
        seen = _looked(scenario, places, lab, before, fault)
        incident = seen.incident or "none"
        checks = (
            healer.run("replay", "graph.replay", incident),
            healer.run("audit", "graph.audit", "verify"),
        )
        glimpses = person.glimpses if person else ()
        stepped = person.said if person else ()
        seen = seen.model_copy(update={"said": (*stepped, said, *checks), "glimpses": glimpses})
        void = stage.void(places)
    return seen.model_copy(update={"leftovers": stage.leftovers(places.root, up.url)}), void


def _heal(scenario: Scenario, places: Places, lab: Lab, healer: Healer) -> tuple[Said, Person | None]:
    person = None
    if scenario.people is not None:
        person = Person(scenario.people, lab, healer, lambda: observations.incident_of(places.home))
        person.start()
    payload = str(places.root / "payload.json")
    process = healer.start("graph.run", payload, *scenario.arguments)
    try:
        return healer.finish("healer", process, within=scenario.seconds), person
    finally:
        if person is not None:
            person.end()


def _looked(scenario: Scenario, places: Places, lab: Lab, before: Snapshot, fault: Path | None) -> Seen:
    """Look at the world at once and again after a while, and ask the hidden requests in between."""
    after = lab.snapshot()
    oracle = oracles.load(fault) if fault else None
    asked = asking.ask(oracle, lab.doors(), asking.over_http) if oracle else ()
    time.sleep(scenario.settle_seconds)
    settled = lab.snapshot()
    return observations.gather(places.home, lab, before=before, after=after, settled=settled).model_copy(
        update={"asked": asked}
    )


def _environment(scenario: Scenario, places: Places, fault: Path | None) -> dict[str, str]:
    if scenario.script is None or fault is None:
        return dict(scenario.environment)
    script = written(places.root / "script.json", scripting.text(scenario.script, fault))
    return {**scenario.environment, "SUTURE_MODEL": f"scripted:{script}"}


@contextlib.contextmanager
def _lab(url: str) -> Iterator[Lab]:
    lab = Lab(url)
    try:
        yield lab
    finally:
        lab.close()
