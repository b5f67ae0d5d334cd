"""Workers that are stopped while they hold a lock: updates lost with fencing, and without.

Five workers count up one value by read, modify and write under leases of 300 ms.  The holder is stopped
(SIGSTOP) past the end of its lease at the worst moments, the store is killed, and its counter is set back.
An update counts as lost when it was acknowledged and is not in the value, an effect as double when the
same number was written twice.  The control keeps leases, renewal and margin, and leaves out the fencing.
"""

import multiprocessing
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

from evals.bench import pausing, reporting
from evals.bench.pausing import Course, Outcome
from evals.bench.pausing_stores import STORES
from evals.bench.reporting import Target

FULL, QUICK = Course(pauses=120, kills=5, resets=1), Course(pauses=12, kills=1, resets=1)
CONTROL, QUICK_CONTROL = Course(pauses=30, kills=0, resets=0), Course(pauses=6, kills=0, resets=0)
SEEDS = 5
LEAST_CONTROL = 0.10
"""Share of the acknowledged updates that the control must lose, or the pauses prove nothing."""


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point."""
    parser = reporting.parser("lock_pauses", __doc__ or "")
    parser.add_argument("--store", choices=STORES, action="append", help="only this one")
    arguments = parser.parse_args(argv)
    stores = tuple(arguments.store or STORES)
    seeds = range(arguments.seed, arguments.seed + (2 if arguments.quick else SEEDS))
    course, control = (QUICK, QUICK_CONTROL) if arguments.quick else (FULL, CONTROL)

    def both(store: str) -> list[Outcome]:
        return [*_run(store, seeds, course, fenced=True), *_run(store, seeds, control, fenced=False)]

    with ThreadPoolExecutor(len(stores)) as pool:
        rows = [row for found in pool.map(both, stores) for row in found]
    reporting.table(
        "five workers, leases of 300 ms, the holder stopped past its lease",
        ("store", "fencing", "seed", "updates", "pauses", "kills", "resets", "refused", "lost", "double", "twice"),
        [
            (
                row.store,
                "on" if row.fenced else "off",
                *(
                    str(figure)
                    for figure in (
                        row.seed,
                        row.acknowledged,
                        row.pauses,
                        row.kills,
                        row.resets,
                        row.refused,
                        row.lost,
                        row.double,
                        row.tokens_twice,
                    )
                ),
            )
            for row in rows
        ],
    )
    targets = [target for store in stores for target in _targets(store, rows, course.pauses)]
    figures = [row.model_dump(mode="json") for row in rows]
    return reporting.conclude(targets, list(figures), file=arguments.json, seed=arguments.seed, quick=arguments.quick)


def _run(store: str, seeds: range, course: Course, *, fenced: bool) -> list[Outcome]:
    """All seeds at once, a process each: they mostly wait.  So do the stores, side by side."""
    with (
        tempfile.TemporaryDirectory() as folder,
        ProcessPoolExecutor(len(seeds), multiprocessing.get_context("spawn")) as pool,
    ):
        runs = [
            pool.submit(pausing.trial, store, Path(folder) / str(seed), seed, course, fenced=fenced) for seed in seeds
        ]
        return [run.result() for run in runs]


def _targets(store: str, rows: Sequence[Outcome], pauses: int) -> list[Target]:
    real = [row for row in rows if row.store == store and row.fenced]
    control = [row for row in rows if row.store == store and not row.fenced]
    done = sum(row.acknowledged for row in control)
    return [
        Target(
            name=f"{store}: fewest pauses of a seed", measured=min(r.pauses for r in real), bound=pauses, at_most=False
        ),
        Target(name=f"{store}: lost updates", measured=sum(row.lost for row in real), bound=0),
        Target(name=f"{store}: double effects", measured=sum(row.double for row in real), bound=0),
        Target(name=f"{store}: tokens accepted twice", measured=sum(row.tokens_twice for row in real), bound=0),
        Target(
            name=f"{store}: share lost by the control without fencing",
            measured=sum(row.lost for row in control) / done if done else None,
            bound=LEAST_CONTROL,
            at_most=False,
        ),
    ]


if __name__ == "__main__":
    sys.exit(main())
