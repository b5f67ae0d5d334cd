"""Runs the demo and the scenarios many times: ``python -m evals.soak [--demos N] [--rounds M] [--json FILE]``.

A failure stops nothing and counts; only a run whose own world misbehaved is repeated.  Seeds grow by one with each round.
"""

import argparse
import functools
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import AwareDatetime, JsonValue

from evals import isolation
from evals.scenarios import play, spec
from evals.scenarios.stage import PROJECT
from incident.value import Value

LONGEST = 600.0
"""Seconds after which one demo is stopped and has failed."""


class Ran(Value):
    """One run."""

    what: str
    kind: Literal["demo", "scenario"]
    seed: int
    started: AwareDatetime
    seconds: float
    passed: bool
    void: int = 0
    """Runs before it, and itself, in which the world misbehaved by itself."""
    detail: str
    """Reason that it fell short; empty when nothing did."""


Run = Callable[[], Ran]


def demo(seed: int) -> Ran:
    """The demo once, in a folder of its own."""
    begun, started = time.monotonic(), datetime.now(UTC)
    with tempfile.TemporaryDirectory(prefix="suture-soak-") as name:
        Path(name).chmod(0o755)  # the sandbox's user must find its way through
        argv = [sys.executable, "-m", "evals.demo", "--seed", str(seed), "--build", f"{name}/demo"]
        try:
            ran = subprocess.run(argv, cwd=PROJECT, capture_output=True, text=True, check=False, timeout=LONGEST)
            code, words = ran.returncode, (ran.stdout.strip() + "\n" + ran.stderr.strip()).strip()[-400:]
        except subprocess.TimeoutExpired:
            code, words = -1, f"it took more than {LONGEST:.0f} s"
    seconds = round(time.monotonic() - begun, 1)
    detail = "" if code == 0 else f"exit code {code}: {words}"
    return Ran(what="demo", kind="demo", seed=seed, started=started, seconds=seconds, passed=code == 0, detail=detail)


def scenario(chosen: spec.Scenario, seed: int, *, isolated: bool) -> Ran:
    """One scenario once."""
    *void, played = play.attempts(chosen, seed, isolated=isolated)
    return Ran(
        what=f"{chosen.id} {chosen.title}",
        kind="scenario",
        seed=seed,
        started=played.started,
        seconds=played.seconds,
        passed=played.passed,
        void=len(void) + bool(played.void),
        detail="; ".join(
            (*played.void, *(f"{item.judge}: {item.detail}" for item in played.findings if not item.passed))
        )[:400],
    )


def rounds(demos: int, repeats: int, first_seed: int, run_scenario: Callable[[spec.Scenario, int], Ran]) -> list[Run]:
    """Everything that is to be run, the demos first."""
    known = spec.every()
    runs: list[Run] = [functools.partial(demo, seed) for seed in range(first_seed, first_seed + demos)]
    for seed in range(first_seed, first_seed + repeats):
        runs += [functools.partial(run_scenario, one, seed) for one in known]
    return runs


def summary(runs: Sequence[Ran], *, isolated: bool) -> dict[str, JsonValue]:
    """Figures per kind of run, and every run."""
    return {
        "runs": len(runs),
        "failed": sum(not run.passed for run in runs),
        "isolated": isolated,
        "by": {
            what: figures([run for run in runs if run.what == what]) for what in dict.fromkeys(r.what for r in runs)
        },
        "results": [run.model_dump(mode="json") for run in runs],
    }


def figures(runs: Sequence[Ran]) -> JsonValue:
    """Number of runs that passed, and their times in seconds."""
    times = [run.seconds for run in runs]
    return {
        "runs": len(runs),
        "passed": sum(run.passed for run in runs),
        "median_seconds": statistics.median(times) if times else None,
        "longest_seconds": max(times, default=None),
        "seeds": [run.seed for run in runs],
    }


def soak(runs: Sequence[Run], tell: Callable[[Ran], object]) -> list[Ran]:
    """Run everything in turn; a failure is told like a success, and the next one follows."""
    done: list[Ran] = []
    for run in runs:
        done.append(run())
        tell(done[-1])
    return done


def main(arguments: Sequence[str]) -> int:
    """Run it all; exit code 1 when anything failed."""
    parser = argparse.ArgumentParser(prog="python -m evals.soak", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--demos", type=int, default=20, metavar="N", help="demos (default 20)")
    parser.add_argument("--rounds", type=int, default=5, metavar="M", help="rounds of all scenarios (default 5)")
    parser.add_argument("--seed", type=int, default=1, help="of the first round (default 1)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every run there, after each")
    given = parser.parse_args(arguments)
    isolated = isolation.possible()
    if given.json:
        given.json.parent.mkdir(parents=True, exist_ok=True)
    done: list[Ran] = []

    def tell(ran: Ran) -> None:
        done.append(ran)
        verdict = "passed" if ran.passed else f"FAILED ({ran.detail})"
        sys.stderr.write(f"{ran.what}, seed {ran.seed}: {verdict} after {ran.seconds:.0f} s\n")
        if given.json:
            given.json.write_text(json.dumps(summary(done, isolated=isolated), indent=1) + "\n", encoding="utf-8")

    planned = rounds(given.demos, given.rounds, given.seed, lambda one, seed: scenario(one, seed, isolated=isolated))
    soak(planned, tell)
    failed = sum(not ran.passed for ran in done)
    sys.stdout.write(f"{len(done) - failed} of {len(done)} runs passed{'' if isolated else ' (NOT ISOLATED)'}\n")
    return 0 if done and not failed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
