"""Tables and targets of the bench, from its cases."""

import itertools
import statistics
from collections.abc import Sequence

from evals.bench import reporting
from evals.bench.diagnosis import figures
from evals.bench.diagnosis.cases import Case
from evals.bench.reporting import Target

COLUMNS = (
    "kind",
    "worlds",
    "right first",
    "in first three",
    "first holds it",
    "first innocent",
    "says nobody",
    "wrong convictions",
    "hidden: asserted",
    "baseline right",
)


def per_kind(mark: str, cases: Sequence[Case], quiet: Sequence[Case]) -> None:
    """Print a row per kind."""
    ordered = sorted((*cases, *quiet), key=lambda one: (one in quiet, one.kind))
    rows = [_row(kind, list(many)) for kind, many in itertools.groupby(ordered, key=lambda one: one.kind)]
    if cases:
        rows.append(_row("all causes", cases))
    reporting.table(f"{mark} figures: causes ranked by suspects.rank", COLUMNS, rows)


def _row(name: str, many: Sequence[Case]) -> tuple[str, ...]:
    count = len(many)
    hidden = [one.hidden_asserted for one in many if one.hidden_asserted is not None]
    return (
        name,
        str(count),
        _percent(sum(one.place == 1 for one in many), count),
        _percent(sum(1 <= one.place <= 3 for one in many), count),
        _percent(sum(one.first == "near" for one in many), count),
        _percent(sum(one.first == "innocent" for one in many), count),
        _percent(sum(one.nobody for one in many), count),
        f"{sum(one.wrong > 0 for one in many)}",
        f"{sum(hidden)} of {len(hidden)}" if hidden else "-",
        _percent(sum(one.baseline == "right" for one in many), count),
    )


def _percent(hits: int, count: int) -> str:
    return f"{hits / count:.0%}"


def targets(mark: str, cases: Sequence[Case], quiet: Sequence[Case], seconds: Sequence[float]) -> list[Target]:
    """Promises of the bench; every name says which kinds it was measured on."""
    count, both = len(cases), (*cases, *quiet)
    tried = [one for one in cases if one.english is not None]
    hidden = [one for one in cases if one.hidden_asserted is not None]
    english = [one.english is True for one in tried]
    told = (
        ("right cause first", figures.share(sum(one.place == 1 for one in cases), count), 0.75, False),
        (
            "right cause in the first three",
            figures.share(sum(1 <= one.place <= 3 for one in cases), count),
            0.92,
            False,
        ),
        (
            "wrong convictions, upper 95 % bound",
            figures.upper(sum(one.wrong > 0 for one in both), len(both)),
            0.04,
            True,
        ),
        ("quiet windows: says nobody", figures.share(sum(one.nobody for one in quiet), len(quiet)), 0.95, False),
        ("calibration error of the first's confidence", figures.calibration(stated(both)), 0.05, True),
        (
            f"last link hidden ({len(hidden)} worlds): asserted",
            float(sum(one.hidden_asserted is True for one in hidden)) if hidden else None,
            0.0,
            True,
        ),
        (
            "messages in another language: points lost",
            figures.lost(english, [one.other_language is True for one in tried]),
            2.0,
            True,
        ),
        ("messages removed: points lost", figures.lost(english, [one.no_messages is True for one in tried]), 2.0, True),
        ("40 services, an hour: processor seconds", statistics.median(seconds) if seconds else None, 2.0, True),
        (
            "baseline right first: the set counts below",
            figures.share(sum(one.baseline == "right" for one in cases), count),
            0.5,
            True,
        ),
    )
    return [
        Target(name=f"{mark}: {name}", measured=measured, bound=bound, at_most=at_most)
        for name, measured, bound, at_most in told
    ]


def stated(cases: Sequence[Case]) -> list[tuple[float, bool]]:
    """Confidence of each first suspect, and True when it is the cause or holds it."""
    return [(one.confidence, one.first in ("right", "near")) for one in cases if one.first is not None]


def details(mark: str, cases: Sequence[Case], quiet: Sequence[Case], seed: int) -> None:
    """Print what a single figure does not show: the interval of the calibration and the bound of convictions."""
    both = (*cases, *quiet)
    error, between = figures.calibration(stated(both)), figures.interval(stated(both), seed)
    wrong = sum(one.wrong > 0 for one in both)
    rows = [
        (
            "calibration error, 90 % interval",
            "not measured"
            if error is None or between is None
            else f"{error:.3f} ({between[0]:.3f} to {between[1]:.3f})",
        ),
        ("wrong convictions", f"{wrong} of {len(both)}"),
        ("median processor seconds of one ranking", f"{statistics.median(one.cpu_seconds for one in both):.2f}"),
    ]
    reporting.table(f"{mark} figures: details", ("figure", "measured"), rows)
