"""A calm world, and what makes a run void: each cause with the near miss that is none."""

from datetime import UTC, datetime

import pytest

from evals import report
from evals.lab import calm
from evals.lab.calm import Death, Watch
from evals.lab.metrics.samples import Window
from evals.scenarios.play import Played
from incident.evidence import Missing


def window(errors: int = 0, seconds: float = 0.02) -> Window:
    buckets = ((seconds * 0.9, 0.0), (seconds * 1.1, 100.0), (float("inf"), 100.0))
    return Window(0, 3, 100, errors, 0.1, 1.0, buckets)


READY = {"orders": True, "billing": True}
GOOD = {"orders": window(), "billing": window()}


def test_a_calm_world_waits_for_nothing() -> None:
    assert calm.waits_for(READY, GOOD, GOOD, late=0.01) == ""


@pytest.mark.parametrize(
    ("ready", "now", "late", "told"),
    [
        ({"orders": True, "billing": False}, GOOD, 0.0, "billing does not answer"),
        (READY, GOOD, 2.0, "the load generator is 2.0 s late"),
        (READY, {"orders": window()}, 0.0, "no samples of billing"),
        (READY, {**GOOD, "billing": Missing(reason="stale")}, 0.0, "no samples of billing"),
        (READY, {**GOOD, "orders": window(errors=2)}, 0.0, "2 of 100 requests to orders fail"),
        (READY, {**GOOD, "orders": window(seconds=0.2)}, 0.0, "the median time of orders still grows"),
    ],
)
def test_a_world_that_is_not_calm_says_what_it_waits_for(
    ready: dict[str, bool], now: dict[str, Window | Missing], late: float, told: str
) -> None:
    assert told in calm.waits_for(ready, GOOD, now, late)


def test_small_or_falling_times_and_a_rare_error_are_calm() -> None:
    now = {"orders": window(errors=1, seconds=0.04), "billing": window(seconds=0.002)}
    assert calm.waits_for(READY, GOOD, now, late=0.5) == ""


OURS = {("orders", "v1"), ("orders", "v2-bad")}


def test_what_misbehaves_by_itself_makes_a_run_void_once() -> None:
    watch = Watch()
    for _ in range(2):
        watch.turn(6.0)
        watch.arrivals(1.5)
        watch.died(Death("orders", "v1", -9), (), OURS)
    assert watch.void == [
        "the machine stalled for 5 s",
        "the load generator was 1.5 s late",
        "orders v1 ended by itself with code -9",
    ]


def test_what_the_fault_or_the_healer_ends_and_small_delays_do_not() -> None:
    watch = Watch()
    watch.turn(1.4)
    watch.arrivals(0.9)
    watch.died(Death("orders", "v1", -9), ("orders",), OURS)
    watch.died(Death("orders", "v1-canary", 1), (), OURS)
    assert watch.void == []


def test_a_void_run_is_counted_apart_and_told() -> None:
    good = Played(
        scenario=1,
        title="High error rate",
        seed=3,
        isolated=True,
        scripted="",
        passed=True,
        outcome="healed",
        exit_code=0,
        started=datetime(2026, 1, 31, tzinfo=UTC),
        seconds=61.0,
        findings=(),
    )
    runs = [good, good.model_copy(update={"passed": False, "void": ("the machine stalled for 5 s",)})]
    told = report.summary(runs)
    assert (told["passed"], told["failed"], told["void"]) == (1, 0, 1)
    assert report.verdict(runs[1]) == "void"
    assert "too many" in report.voids(runs)
    assert "too many" not in report.voids([good] * 20 + [runs[1]])
    assert "void: the machine stalled for 5 s" in report.remarks(runs[1])
