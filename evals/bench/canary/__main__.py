"""Canary tests against the information bound, an oracle and today's tools: ``python -m evals.bench.canary``.

Looks at the policy's own arithmetic; `evals.bench.canary.mirror` checks that it is.  Simulated traffic, fixed seeds.
"""

import itertools
import math
import sys
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from typing import TypeVar

from pydantic import JsonValue

from evals.bench import reporting
from evals.bench.canary import information, mirror, promotion, rollback, rollouts, today
from evals.bench.reporting import Target
from incident.value import Value

T = TypeVar("T", bound=Value)

CANARIES = (
    *(today.Canary(name=cell.name, **cell.model_dump(), good=True) for cell in information.NULLS if cell.share == 0.1),
    *(today.Canary(name=cell.name, **cell.model_dump(), good=False) for cell in information.GRID if cell.share == 0.1),
    today.Canary(name="stable 15 %, cured", stable=0.15, canary=0.003, share=0.1, good=True),
    today.Canary(name="stable 15 %, canary 2 %", stable=0.15, canary=0.02, share=0.1, good=True),
    today.Canary(name="stable 15 %, canary 8 %", stable=0.15, canary=0.08, share=0.1, good=False),
    today.Canary(name="stable 15 %, cures nothing", stable=0.15, canary=0.15, share=0.1, good=False),
)
"""Canaries for today's tools.  2 % beside an alert at 5 % is called good, in their favour."""


AGAIN = 10
"""Times as many canaries for the cell that fared worst."""


def main(arguments: Sequence[str]) -> int:
    """Run everything and say which targets are met."""
    given = reporting.parser("canary", __doc__ or "").parse_args(arguments)
    runs = 1_000 if given.quick else 10_000
    with ProcessPoolExecutor(max_workers=2) as pool:
        seeds = itertools.count(given.seed * 100_000, 10)

        def each(job: Callable[..., T], cells: Iterable[tuple[object, ...]], *sizes: int) -> list[Future[T]]:
            return [pool.submit(job, *cell, next(seeds), *sizes) for cell in cells]

        quiet = each(
            rollback.false_alarms, [(cell,) for cell in information.NULLS], runs, 200 if given.quick else 1_000
        )
        found = each(rollback.detect, [(cell,) for cell in information.GRID], runs)
        shown = each(promotion.show, promotion.CELLS, runs)
        ended = each(rollouts.roll_out, [(patch,) for patch in rollouts.PATCHES], runs // 25)
        verdicts = each(today.judge, [(tool, canary) for canary in CANARIES for tool in today.TOOLS], runs // 5)
        tests = _all(quiet), _all(found), _all(shown)
        whole = _all(ended), _all(verdicts)
    worst = max(tests[2], key=lambda one: one.wrong)
    again = promotion.again(worst, next(seeds), AGAIN * runs)
    apart = mirror.furthest(given.seed, 200)
    _print_tests(*tests)
    _print_whole(*whole)
    targets = _targets(apart, *tests, (worst, again), whole[0])
    figures: dict[str, JsonValue] = {
        "false_rollbacks": _json(tests[0]),
        "rollbacks": _json(tests[1]),
        "promotions": _json(tests[2]),
        "sick_stable": _json(whole[0]),
        "today": _json(whole[1]),
    }
    return reporting.conclude(targets, figures, file=given.json, seed=given.seed, quick=given.quick)


def _all(futures: Sequence[Future[T]]) -> list[T]:
    return [future.result() for future in futures]


def _json(values: Sequence[Value]) -> list[JsonValue]:
    return [value.model_dump(mode="json") for value in values]


def _targets(
    apart: float,
    quiet: Sequence[rollback.Quiet],
    found: Sequence[rollback.Found],
    shown: Sequence[promotion.Shown],
    unlucky: tuple[promotion.Shown, promotion.Shown],
    ended: Sequence[rollouts.Ended],
) -> list[Target]:
    worst, again = unlucky  # the worst of many cells has met bad luck, too
    bad = [one for one in ended if one.patch.right == "roll_back"]
    return [
        Target(name="mirror and policy apart by", measured=apart, bound=mirror.CLOSE),
        Target(name="false rollback, worst cell", measured=max(one.policy for one in quiet), bound=rollback.ALPHA),
        Target(
            name="requests over the bound, the test", measured=max(one.test / one.bound for one in found), bound=1.45
        ),
        Target(name="the same, the whole policy", measured=max(one.policy / one.bound for one in found), bound=1.45),
        Target(name="worse canaries never found", measured=max(one.missed for one in found), bound=0.0),
        Target(name="promotion over the bound", measured=max(one.mean / one.bound for one in shown), bound=1.2),
        Target(
            name="wrong promotion at the margin, all cells together",
            measured=sum(one.wrong for one in shown) / len(shown),
            bound=promotion.BETA,
        ),
        Target(
            name="the same, worst cell (bound plus 3 standard errors)",
            measured=worst.wrong,
            bound=promotion.BETA + _noise(worst.runs),
        ),
        Target(
            name=f"the same cell, {again.runs:,} others (bound plus 3 standard errors)",
            measured=again.wrong,
            bound=promotion.BETA + _noise(again.runs),
        ),
        Target(
            name="sick stable: bad canaries promoted", measured=max(one.promoted for one in bad), bound=promotion.BETA
        ),
        Target(
            name="sick stable: right endings, worst case",
            measured=min(one.right for one in ended if one.right is not None),
            bound=0.95,
            at_most=False,
        ),
    ]


def _noise(runs: int) -> float:
    """Three standard errors of a share that is beta."""
    return 3.0 * math.sqrt(promotion.BETA * (1.0 - promotion.BETA) / runs)


def _print_tests(
    quiet: Sequence[rollback.Quiet], found: Sequence[rollback.Found], shown: Sequence[promotion.Shown]
) -> None:
    reporting.table(
        f"false rollback of a canary as good as stable, looked at after every event ({quiet[0].runs:,} runs each)",
        ("both versions", "requests watched", "comparison alone", "whole policy"),
        [(one.cell.name, f"{one.requests:,.0f}", f"{one.test:.2%}", f"{one.policy:.2%}") for one in quiet],
    )
    reporting.table(
        f"requests to roll back a worse canary, as multiples of the bound ({found[0].runs:,} runs each)",
        ("stable → canary at its share", "bound", "comparison alone", "whole policy", "knows both rates"),
        [
            (one.cell.name, f"{one.bound:,.0f}", *(f"{x / one.bound:.2f}" for x in (one.test, one.policy, one.oracle)))
            for one in found
        ],
    )
    reporting.table(
        f"requests to show that a canary is no worse, as multiples of the bound ({shown[0].runs:,} runs each)",
        ("rate of both", "bound", "mean", "wrong at the margin"),
        [(one.name, f"{one.bound:,.0f}", f"{one.mean / one.bound:.2f}", f"{one.wrong:.2%}") for one in shown],
    )


def _print_whole(ended: Sequence[rollouts.Ended], verdicts: Sequence[today.Verdict]) -> None:
    reporting.table(
        f"a patch beside a stable version that fails 15 %, 80 requests a second ({ended[0].runs:,} rollouts each)",
        ("the canary", "should", "promoted", "rolled back", "requests", "seconds"),
        [
            (
                one.patch.name,
                one.patch.right.replace("_", " ") or "either",
                f"{one.promoted:.1%}",
                f"{one.rolled_back:.1%}",
                f"{one.requests:,.0f}",
                f"{one.seconds:.0f}",
            )
            for one in ended
        ],
    )
    for good, title in ((True, "false rollbacks"), (False, "misses")):
        chosen = [canary for canary in CANARIES if canary.good is good]
        reporting.table(
            f"{title} of today's tools, and requests of the service until roll back",
            ("canary", *today.TOOLS),
            [(canary.name, *(_cell(one) for one in verdicts if one.canary == canary)) for canary in chosen],
        )


def _cell(one: today.Verdict) -> str:
    return f"{one.wrong:.1%}" + ("" if one.requests is None else f" ({one.requests:,.0f})")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
