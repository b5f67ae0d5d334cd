"""Verdict of a check: what falls short, what is void, and when a rule reached what."""

import subprocess
from pathlib import Path

import pytest

from evals.lab import check, command, faults, runtime
from evals.lab.check import Checked, Reached
from evals.lab.faults import Description
from evals.lab.metrics.rules import ErrorShare
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


def fault(*alerts: str) -> faults.Fault:
    """A fault with rules of its own, of these alerts."""
    rules = tuple(ErrorShare(alert=alert, service="orders", above=0.05) for alert in alerts)
    return faults.named(Path("odd-thing"), Description(summary="x", rules=rules))


@pytest.mark.parametrize(
    ("own", "first", "lost", "disturbed"),
    [
        ((), 30.0, {}, True),  # an ordinary rule fired early
        (("A",), 30.0, {}, False),  # the same rule is the fault's own: it is for the author to mend
        ((), 12.0, {}, False),
        ((), None, {}, False),
        ((), 12.0, {"gave up": 0, "turned away": 0}, False),
        ((), 12.0, {"gave up": 3}, True),
        (("A",), 12.0, {"turned away": 1}, True),
    ],
)
def test_what_the_fault_did_not_do_before_its_first_event_makes_a_check_void(
    own: tuple[str, ...], first: float | None, lost: dict[str, int], disturbed: bool
) -> None:
    found = GOOD.model_copy(update={"first_event": first})
    void = tuple(check.disturbed(fault(*own), found, lost))
    assert bool(void) is disturbed
    assert not found.model_copy(update={"void": ("x",)}).shortcomings


def test_an_overlay_is_named_as_another_cause_only_when_there_is_one() -> None:
    found = GOOD.model_copy(update={"first_event": 30.0})
    with_overlay = fault().model_copy(update={"overlay": "base"})
    assert "overlay" in "".join(check.disturbed(with_overlay, found, {}))
    assert "overlay" not in "".join(check.disturbed(fault(), found, {}))


def test_own_tests_that_do_not_end_are_void(monkeypatch: pytest.MonkeyPatch) -> None:
    def late(*_: object, **__: object) -> None:
        raise subprocess.TimeoutExpired("pytest", check.TESTS_WITHIN)

    folder = faults.folder_of("short-fraud-patience")
    monkeypatch.setattr(runtime, "ensure", lambda *_: runtime.Shop(python=Path("python"), mounts=()))
    monkeypatch.setattr(subprocess, "run", late)
    with pytest.raises(command.Void, match="own tests"):
        next(check.own_tests(faults.read(folder)))
    found = check.check(folder.name, (), seed=1, tell=lambda _: None)
    assert found.void
    assert not found.shortcomings


def test_a_rule_of_the_faults_own_that_keeps_the_world_from_calm_is_named_as_such() -> None:
    cause = "it did not get calm within 90 s: A of orders is pending"
    assert "own" in check._hint(fault("A"), cause)
    assert check._hint(fault("B"), cause) == ""
