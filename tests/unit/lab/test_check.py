"""Verdict of a check: what falls short, what is void, and when a rule reached what."""

import pytest

from evals.lab import check
from evals.lab.check import Checked, Reached
from incident.evidence import Condition

FIRED = Reached(alert="A", service="orders", threshold=0.05, highest=0.2, breached_after=14, fired_after=19)
GOOD = Checked(fault="odd-thing", first_event=12, rules=(FIRED,))


def test_a_fault_that_fires_after_its_first_event_and_leaves_nothing_passes() -> None:
    assert GOOD.shortcomings == ()
    assert "passes" in check.report(GOOD)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"rules": ()}, "no rule fired"),
        ({"rules": (FIRED.model_copy(update={"fired_after": None}),)}, "no rule fired"),
        ({"first_event": 30.0}, "before the first event"),
        ({"failed_tests": ("the base: FAILED x",)}, "own tests fail in the base"),
        ({"traces": ("GET /world names 'odd-thing'",)}, "names"),
        ({"mistakes": ("fault.yaml: summary is missing: add it",)}, "summary"),
    ],
)
def test_everything_else_falls_short_with_a_sentence(changed: dict[str, object], told: str) -> None:
    short = GOOD.model_copy(update=changed)
    assert any(told in one for one in short.shortcomings)
    assert "FAILS" in check.report(short)


def test_a_void_check_is_neither_passed_nor_failed() -> None:
    told = check.report(GOOD.model_copy(update={"void": ("the machine stalled for 5 s",), "rules": ()}))
    assert "void, try again" in told
    assert "FAILS" not in told
    assert "passes" not in told


@pytest.mark.parametrize(
    ("comparison", "values", "highest"), [(">", (1.0, 9.0, 6.0), 9.0), ("<", (9.0, 1.0, 3.0), 1.0)]
)
def test_the_worst_value_and_the_first_times_are_kept(
    comparison: str, values: tuple[float, ...], highest: float
) -> None:
    fields = {"name": "A", "service": "orders", "expression": "x", "window_seconds": 10.0, "for_seconds": 5.0}
    condition = Condition.model_validate({**fields, "comparison": comparison, "threshold": 5.0})
    found = None
    for second, value in enumerate(values):
        found = check._reached(found, condition, value, float(second), fires=second > 0)
    assert found is not None
    assert (found.highest, found.fired_after) == (highest, 1.0)
    assert found.breached_after == 1.0
