"""Suspects ranked in generated worlds whose cause is known: ``python -m evals.bench.diagnosis``.

Worlds are drawn by seed, simulated, and told as ports would tell them; nothing is started.  Figures of development
kinds are development figures: whoever wrote the mechanisms has seen these kinds.
"""

import sys
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import cast

from pydantic import JsonValue

from evals.bench import reporting
from evals.bench.diagnosis import cases, tables
from evals.bench.diagnosis.cases import Case, Drawn
from evals.bench.diagnosis.grammar import worlds
from evals.bench.diagnosis.grammar.difficulties import Difficulties
from evals.bench.diagnosis.kinds import registry
from evals.bench.diagnosis.kinds.kind import Mark
from policies.suspects import asking, ranking

PER_SEED = 1_000_000
"""Seeds of worlds that one seed of the bench has for itself."""

TIMED = 3
"""Worlds of forty services and an hour that are timed."""


def main(arguments: Sequence[str]) -> int:
    """Draw, rank and judge all worlds, and say which targets are met."""
    parser = reporting.parser("diagnosis", __doc__ or "")
    parser.add_argument("--kinds", choices=("development", "test"), default="development", help="which kinds of causes")
    parser.add_argument("--number", type=int, default=1_000, help="worlds with a cause; a quarter more are quiet")
    parser.add_argument("--jobs", type=int, default=1, help="processes (default 1)")
    parser.add_argument("--variants", type=int, default=2, metavar="N", help="tell every N-th world anew (default 2)")
    given = parser.parse_args(arguments)
    mark: Mark = given.kinds
    kinds = registry.of(mark)
    if not kinds:
        parser.error(f"no {mark} kinds are written yet")
    number = min(given.number, 2 * len(kinds)) if given.quick else given.number
    drawn = [
        Drawn(given.seed * PER_SEED + index, kinds[index % len(kinds)].name, index // len(kinds) % given.variants == 0)
        for index in range(number)
    ]
    calm = [
        Drawn(given.seed * PER_SEED + number + index, registry.QUIET[index % len(registry.QUIET)].name, variants=False)
        for index in range(max(1, number // 4))
    ]
    found = list(_mapped(cases.judge, (*drawn, *calm), given.jobs))
    sick, quiet = found[: len(drawn)], found[len(drawn) :]
    tables.per_kind(mark, sick, quiet)
    tables.details(mark, sick, quiet, given.seed)
    targets = tables.targets(mark, sick, quiet, [_timed(given.seed + index) for index in range(TIMED)])
    figures = cast("JsonValue", {"kinds": mark, "cases": [one.model_dump(mode="json") for one in found]})
    return reporting.conclude(targets, figures, file=given.json, seed=given.seed, quick=given.quick)


def _mapped(judge: Callable[[Drawn], Case], drawn: Iterable[Drawn], jobs: int) -> Iterable[Case]:
    if jobs <= 1:
        yield from map(judge, drawn)
        return
    with ProcessPoolExecutor(max_workers=jobs) as pool:
        yield from pool.map(judge, drawn, chunksize=4)


def _timed(seed: int) -> float:
    """Processor seconds of one ranking of forty services over an hour, with everything told."""
    kind = registry.of("development")[0]
    world = worlds.draw(seed, kind.name, kind.plant, hard=Difficulties(), count=40, step=5.0)
    started = time.process_time()
    ranking.rank(asking.facts(world.observed))
    return time.process_time() - started


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
