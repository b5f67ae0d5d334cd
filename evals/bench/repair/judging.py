"""Judges given patches: what becomes of a right fix, and of a wrong one, when a model sends it."""

import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import JsonValue

from evals.bench import reporting
from evals.bench.repair import bugs, given, incident, oracle, stage
from evals.bench.repair.attempt import Attempt
from evals.bench.repair.given import Given
from graph.config.settings import Settings
from incident.value import Value
from tools import ports
from tools.clock import SystemClock

REFUSED = 0.10
"""Most of the right fixes that may be refused."""
ROUND = 2.0
"""Most time of a round with rivals over its first proof, in the median."""

Fate = Literal["acts", "offered", "refused"]


class Judged(Value):
    """One given patch, and what became of it."""

    bug: str
    label: str
    right: bool
    """By its author: the known fix, or a patch that is known to be wrong."""
    fate: Fate
    attempt: Attempt


def judge(patch: Given, base: Settings, runtime: ports.Runtime) -> Judged:
    """Send one patch through a whole incident, and mark it with the hidden tests."""
    clock, traffic = SystemClock(), bugs.traffic(patch.bug.service)
    # A second try would send the same again.
    retry = base.limits.retry.model_copy(update={"max_attempts": 1})
    own = base.model_copy(update={"limits": base.limits.model_copy(update={"retry": retry})})
    with tempfile.TemporaryDirectory(prefix="suture-judge-") as healed, tempfile.TemporaryDirectory() as hidden:
        folder = Path(healed)
        world = stage.BugWorld(folder, patch.bug, traffic, runtime, clock)
        attempt, changes = incident.heal(patch.bug, world, incident.settings_of(folder, own), clock, given.model(patch))
        if changes:
            judged = oracle.Oracle(Path(hidden), patch.bug, traffic, runtime)
            marked = judged.judge(folder / "repository", world.commit, Path(hidden) / "trials", changes[0])
            attempt = attempt.model_copy(update={"correct": marked.correct, "failed_hidden": marked.wrong})
    return Judged(bug=patch.bug.name, label=patch.label, right=patch.right, fate=fate(attempt), attempt=attempt)


def fate(attempt: Attempt) -> Fate:
    """Fate of a patch under full autonomy."""
    if attempt.let_through:
        return "acts"
    return "offered" if attempt.offered else "refused"


def report(found: Sequence[Judged], file: Path | None, seed: int, *, quick: bool) -> int:
    """Print what became of every patch; exit code 1 when a target is missed."""
    rows = [(item.bug, item.label[:60], item.fate, _why(item)) for item in found]
    reporting.table("given patches", ("bug", "patch", "", "why"), rows)
    good, bad = [item for item in found if item.right], [item for item in found if not item.right]
    counted = [
        (
            name,
            str(len(items)),
            *(str(sum(item.fate == one for item in items)) for one in ("acts", "offered", "refused")),
        )
        for name, items in (("right fixes", good), ("wrong patches", bad))
    ]
    reporting.table("what becomes of them", ("", "given", "act alone", "a person is asked", "refused"), counted)
    refused = sum(item.fate == "refused" for item in good) / len(good) if good else None
    odd = sum(not item.attempt.correct for item in good if item.attempt.proposed)
    rounds = [item.attempt.round / item.attempt.first_proof for item in found if _asked_rivals(item)]
    targets = [
        reporting.Target(name="right fixes refused, share", measured=refused, bound=REFUSED),
        reporting.Target(
            name="wrong patches that act", measured=float(sum(item.fate == "acts" for item in bad)), bound=0.0
        ),
        reporting.Target(name="known fixes that a hidden test fails", measured=float(odd), bound=0.0),
        reporting.Target(
            name=f"a round with rivals over its first proof, median of {len(rounds)}",
            measured=statistics.median(rounds) if rounds else None,
            bound=ROUND,
        ),
    ]
    each: list[JsonValue] = [item.model_dump(mode="json") for item in found]
    return reporting.conclude(targets, {"judged": each}, file=file, seed=seed, quick=quick)


def _asked_rivals(item: Judged) -> bool:
    """True where something stayed unknown after the only candidate's proof: then rivals are asked."""
    return item.fate == "offered" and item.attempt.first_proof > 0


def _why(item: Judged) -> str:
    return "" if item.fate == "acts" else ("; ".join(item.attempt.losers) or item.attempt.ended)[:400]
