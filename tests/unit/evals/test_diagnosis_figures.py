"""Figures of the bench of diagnosis: shares, exact bounds, calibration, and the parts that suspects have in a truth."""

import pytest

from evals.bench.diagnosis import figures, tables
from evals.bench.diagnosis.cases import Case
from evals.bench.diagnosis.truth import Reading, Truth
from policies.suspects.scores import Suspect

CASE = Case(
    seed=1,
    kind="a kind",
    services=6,
    place=1,
    first="right",
    confidence=0.9,
    nobody=False,
    wrong=0,
    baseline=None,
    cpu_seconds=0.1,
)


def test_the_upper_bound_of_nothing_seen_is_the_rule_of_three() -> None:
    assert figures.upper(0, 100) == pytest.approx(1 - 0.05 ** (1 / 100))
    assert figures.upper(100, 100) == 1.0
    assert figures.upper(0, 0) is None


def test_the_upper_bound_of_five_in_a_hundred_is_the_tabulated_one() -> None:
    assert figures.upper(5, 100) == pytest.approx(0.1023, abs=2e-4)


def test_confidences_that_come_true_as_often_as_they_say_are_calibrated() -> None:
    stated = [(share / 10, number < share) for share in (1, 3, 5, 7, 9) for number in range(10)] * 4
    assert figures.calibration(stated) == pytest.approx(0.0, abs=0.02)


def test_confidences_that_say_too_much_are_not() -> None:
    assert figures.calibration([(0.95, number % 2 == 0) for number in range(100)]) == pytest.approx(0.45, abs=0.02)


def test_too_few_cases_give_no_calibration() -> None:
    assert figures.calibration([(0.9, True)] * 9) is None
    assert figures.interval([], 1) is None


def test_the_interval_holds_the_error() -> None:
    stated = [(0.8, number % 4 != 0) for number in range(200)]
    error, between = figures.calibration(stated), figures.interval(stated, 1)
    assert error is not None
    assert between is not None
    assert between[0] <= error <= between[1] + 0.05


def test_points_lost_compare_the_same_worlds() -> None:
    assert figures.lost([True, True, True, False], [True, False, True, False]) == 25.0
    assert figures.lost([], []) is None


def target(name: str, cases: list[Case], quiet: list[Case]) -> float | None:
    told = {one.name: one.measured for one in tables.targets("development", cases, quiet, [1.0])}
    return next(measured for label, measured in told.items() if name in label)


def test_only_a_right_suspect_in_its_place_counts() -> None:
    places = [CASE.model_copy(update={"place": place}) for place in (1, 2, 3, 4, 0)]
    assert target("right cause first", places, []) == pytest.approx(0.2)
    assert target("first three", places, []) == pytest.approx(0.6)


def test_a_conviction_on_a_quiet_window_counts_as_a_wrong_one() -> None:
    calm = CASE.model_copy(update={"kind": "quiet", "nobody": True, "first": None})
    bad = calm.model_copy(update={"nobody": False, "wrong": 1})
    less, more = target("wrong convictions", [CASE], [calm]), target("wrong convictions", [CASE], [bad])
    assert less is not None
    assert more is not None
    assert more > less
    assert target("quiet windows", [CASE], [calm, bad]) == 0.5


def test_what_was_not_tried_is_not_measured() -> None:
    assert target("last link hidden", [CASE], []) is None
    assert target("messages removed", [CASE], []) is None
    assert target("quiet windows", [CASE], []) is None


def test_every_figure_of_development_kinds_is_called_one() -> None:
    assert all(one.name.startswith("development: ") for one in tables.targets("development", [CASE], [CASE], [1.0]))


@pytest.mark.parametrize(
    ("suspect", "part"),
    [
        (Suspect(kind="change", name="deploy 2", service="a", at=5.0), "right"),
        (Suspect(kind="change", name="deploy 2", service="a", at=6.0), "innocent"),
        (Suspect(kind="service", name="a", service="a"), "near"),
        (Suspect(kind="service", name="b", service="b"), "innocent"),
        (Suspect(kind="outside", name="record body.id|value|7", service="a"), "right"),
        (Suspect(kind="outside", name="record body.id|value|7", service="b"), "right"),
        (Suspect(kind="outside", name="record body.note|value|x", service="a"), "innocent"),
    ],
)
def test_a_suspect_is_right_near_or_innocent(suspect: Suspect, part: Reading) -> None:
    truth = Truth(
        kind="a kind",
        right=(
            Suspect(kind="change", name="deploy 2", service="a", at=5.0),
            Suspect(kind="outside", name="record body.id|value|"),
        ),
        near=(Suspect(kind="service", name="a", service="a"),),
    )
    assert truth.of(suspect) == part
