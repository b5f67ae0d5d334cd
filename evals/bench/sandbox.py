"""Cost of a run in the sandbox before its program begins: the same program inside, minus outside.

A round runs every contender once, so that a busy machine is busy for all, and the difference is taken within the round.
The tree is empty: what packing a larger one costs depends on it.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from evals.bench import reporting
from evals.bench.reporting import Target
from tools import ports
from tools.sandbox import bwrap

Run = Callable[[], None]

PROGRAMS: Mapping[str, tuple[str, ...]] = {
    "true": ("/bin/true",),
    "python -c pass": ("/usr/bin/python3", "-I", "-c", "pass"),
}

BARE, HERE = "outside", "as limited here"

MOST = 0.150
"""Seconds that the start of a sandboxed run may cost, as the issue asks."""


def outside(argv: tuple[str, ...]) -> Run:
    """The program as an ordinary process."""

    def run() -> None:
        subprocess.run(argv, check=True, capture_output=True)

    return run


def inside(argv: tuple[str, ...], sandbox: bwrap.Bubblewrap, tree: Path) -> Run:
    """The program in a sandbox of its own."""
    job = ports.Job(argv=argv, tree=str(tree))

    def run() -> None:
        ran = sandbox.run(job)
        if ran.exit_code != 0:
            raise RuntimeError(f"{argv[0]} did not run: {ran}")

    return run


def measured(runs: Mapping[tuple[str, str], Run], rounds: int) -> dict[tuple[str, str], list[float]]:
    """Seconds of every run, the contenders taking turns; the first round warms up and does not count."""
    times: dict[tuple[str, str], list[float]] = {key: [] for key in runs}
    for turn in range(rounds + 1):
        for key, run in runs.items():
            begun = time.perf_counter()
            run()
            if turn:
                times[key].append(time.perf_counter() - begun)
    return times


def costs(times: Mapping[tuple[str, str], Sequence[float]]) -> dict[tuple[str, str], list[float]]:
    """Seconds inside minus seconds outside, round by round."""
    return {
        (program, way): [within - bare for within, bare in zip(found, times[program, BARE], strict=True)]
        for (program, way), found in times.items()
        if way != BARE
    }


def main(arguments: Sequence[str]) -> int:
    """Measure and judge."""
    given = reporting.parser("sandbox", __doc__ or "").parse_args(arguments)
    ways = {HERE: bwrap.Bubblewrap(), "by user limits": bwrap.Bubblewrap(groups=False)}
    here = f"here: {ways[HERE].enforcement()}; load {os.getloadavg()[0]:.1f}"
    with tempfile.TemporaryDirectory() as empty:
        runs: dict[tuple[str, str], Run] = {}
        for program, argv in PROGRAMS.items():
            runs[program, BARE] = outside(argv)
            runs.update({(program, way): inside(argv, sandbox, Path(empty)) for way, sandbox in ways.items()})
        times = measured(runs, 10 if given.quick else 60)
    found = costs(times)
    rows = [
        (
            f"{program}, {way}",
            f"{1e3 * statistics.median(times[program, BARE]):.1f}",
            f"{1e3 * statistics.median(times[program, way]):.1f}",
            f"{1e3 * statistics.median(cost):.1f}",
            f"{1e3 * statistics.quantiles(cost, n=10)[8]:.1f}",
        )
        for (program, way), cost in found.items()
    ]
    reporting.table(f"start of a run, milliseconds ({here})", ("run", "outside", "inside", "cost, median", "p90"), rows)
    targets = [
        Target(name=f"start of {program}, {way}, s", measured=round(statistics.median(cost), 4), bound=MOST)
        for (program, way), cost in found.items()
    ]
    figures = json.loads(
        json.dumps(
            {f"{program}, {way}": {"cost": cost, "load": os.getloadavg()[0]} for (program, way), cost in found.items()}
        )
    )
    return reporting.conclude(targets, figures, file=given.json, seed=given.seed, quick=given.quick)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
