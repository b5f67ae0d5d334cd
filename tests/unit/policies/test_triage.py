"""A false alarm is something that was measured."""

from typing import Any

import pytest
from pydantic import ValidationError

from incident.evidence import Missing
from policies import limits
from policies.diagnosis import triage
from tests.unit.policies import given

WELL: dict[str, Any] = {
    "firing": True,
    "condition": given.CONDITION,
    "measurement": given.measured(0.01, firing=True),
    "signals": given.signals(errors=1, requests=500),
    "limits": limits.Triage(),
}


def choice(**changed: Any) -> str:
    return triage.assess(triage.Facts.model_validate(WELL | changed)).choice


def test_a_healthy_service_under_a_firing_alert_is_a_false_alarm() -> None:
    assert choice() == "no_action"


GONE = Missing(reason="no samples")


@pytest.mark.parametrize(
    "changed",
    [
        {"condition": GONE},
        {"measurement": GONE},
        {"signals": GONE},
        {"measurement": given.measured(0.01, samples=49)},
        {"signals": given.signals(errors=0, requests=49)},
        {"signals": given.signals(errors=0, requests=0)},
        {"measurement": given.measured(0.04)},
        {"measurement": given.measured(0.2)},
        {"signals": given.signals(errors=15, requests=500)},
    ],
    ids=[
        "no condition",
        "no measurement",
        "no signals",
        "too few measured",
        "too few requests",
        "no requests",
        "inside but without margin",
        "outside",
        "excess errors",
    ],
)
def test_one_fact_that_is_missing_or_bad_makes_it_an_investigation(changed: dict[str, Any]) -> None:
    assert choice(**changed) == "investigate"


def test_a_resolved_alert_needs_no_margin() -> None:
    edge = given.measured(0.04)
    assert choice(measurement=edge, firing=True) == "investigate"
    assert choice(measurement=edge, firing=False) == "no_action"


def test_a_resolved_alert_with_bad_numbers_is_investigated() -> None:
    assert choice(measurement=given.measured(0.2), firing=False) == "investigate"


@pytest.mark.parametrize(("comparison", "value", "want"), [("<", 0.02, "investigate"), ("<", 0.2, "no_action")])
def test_a_condition_that_fires_below_its_threshold_is_read_the_other_way(
    comparison: str, value: float, want: str
) -> None:
    turned = given.CONDITION.model_copy(update={"comparison": comparison})
    assert choice(condition=turned, measurement=given.measured(value)) == want


def test_nan_never_becomes_a_measurement() -> None:
    with pytest.raises(ValidationError):
        given.measured(float("nan"))


@pytest.mark.parametrize("changed", [{}, {"measurement": GONE, "signals": GONE}], ids=["known", "unknown"])
def test_each_constraint_has_the_name_that_reports_know_it_by(changed: dict[str, Any]) -> None:
    found = triage.assess(triage.Facts.model_validate(WELL | changed)).constraints
    assert [item.name for item in found] == [
        "everything_known",
        "enough_samples",
        "inside_threshold",
        "no_excess_errors",
    ]
