"""The alert's own condition comes from the rule file; its value is known only where it was exported."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from incident import series
from incident.evidence import Condition, Measurement, Missing
from tests.unit.recordings.folders import NOON, at, said, world
from tools import recorded
from tools.recorded import rules

START = NOON.timestamp()
RULES = """
groups:
- name: orders
  rules:
  - record: orders:errors:ratio
    expr: a / b
  - alert: HighErrorRate
    expr: sum(rate(http_requests_total{service="orders",code=~"5.."}[1m])) / sum(rate(http_requests_total{service="orders"}[1m])) > 0.05
    for: 30s
    labels: {severity: critical, text: "{{ $value }}"}
"""
VALUE = "\n".join(
    f'orders:errors:ratio{{service="orders"}} {0.0 if tick < 4 else 0.2} {START + 15 * tick}' for tick in range(9)
)
NAMED = '[[rules]]\nalert = "HighErrorRate"\nservice = "orders"\nvalue = "orders:errors:ratio"\n'
LABELS = {"alertname": "HighErrorRate", "service": "orders"}


def of(
    folder: Path, described: str = NAMED, more: Mapping[str, str] = {}, as_of: float = 120
) -> recorded.RecordedWorld:
    return world(folder, {"rules.yml": RULES, "metrics/v.txt": VALUE, "recording.toml": described, **more}, at(as_of))


def condition(found: recorded.RecordedWorld) -> Condition:
    rule = found.metrics.rule("HighErrorRate", LABELS)
    assert isinstance(rule, Condition), rule
    return rule


def test_a_rule_is_cut_at_its_outermost_comparison(tmp_path: Path) -> None:
    rule = condition(of(tmp_path))
    assert (rule.comparison, rule.threshold, rule.window_seconds, rule.for_seconds) == (">", 0.05, 60.0, 30.0)
    assert rule.expression.endswith("[1m]))")
    assert rule.labels == {"alertname": "HighErrorRate", "severity": "critical"}
    assert rule.step_seconds == 15.0


def test_the_value_that_was_exported_is_measured_and_told_over_time(tmp_path: Path) -> None:
    found = of(tmp_path)
    measured = found.metrics.measure(condition(found))
    assert isinstance(measured, Measurement)
    assert (measured.value, measured.firing, measured.at) == (0.2, True, at(120))
    points = found.metrics.of(condition(found), NOON, at(120))
    assert isinstance(points, series.Series)
    assert [value for _, value in points.points] == [0.0] * 3 + [0.2] * 5
    assert [labels["service"] for labels in found.metrics.firing()] == ["orders"]
    early = of(tmp_path, as_of=75)
    again = early.metrics.measure(condition(early))
    assert isinstance(again, Measurement)
    assert (again.value, again.firing) == (0.2, False)


def test_nobody_evaluates_an_expression(tmp_path: Path) -> None:
    found = of(tmp_path, "")
    measured = found.metrics.measure(condition(found))
    assert isinstance(measured, Missing)
    assert "not exported" in measured.reason


def test_a_value_that_ended_early_is_stale(tmp_path: Path) -> None:
    found = of(tmp_path, as_of=600)
    assert isinstance(found.metrics.measure(condition(found)), Missing)


def test_a_rule_of_another_service_name_or_severity_does_not_fit(tmp_path: Path) -> None:
    metrics = of(tmp_path).metrics
    for name, labels in (
        ("Other", LABELS),
        ("HighErrorRate", {**LABELS, "service": "stock"}),
        ("HighErrorRate", {**LABELS, "severity": "warning"}),
        ("HighErrorRate", {}),
    ):
        assert isinstance(metrics.rule(name, labels), Missing)


def test_a_condition_that_the_recording_does_not_have_is_missing(tmp_path: Path) -> None:
    found = of(tmp_path)
    easier = condition(found).model_copy(update={"threshold": 0.9})
    assert isinstance(found.metrics.measure(easier), Missing)
    assert isinstance(found.metrics.of(easier, NOON, at(120)), Missing)


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ('a{x="> 1"} / b >= 0.5', ('a{x="> 1"} / b', ">=", 0.5)),
        ("(a / b) < 1e-3", ("(a / b)", "<", 0.001)),
        ("(a > 5)", ("a", ">", 5.0)),
        ("a > bool 5", ("a", ">", 5.0)),
        ("a > 5 unless b", None),
        ("5 < a", None),
        ("a > b > 5", None),
        ("a == 0", None),
        ("absent(up)", None),
        ("sum(a) by (x) > 2 and on (x) b > 3", None),
    ],
)
def test_only_a_comparison_with_a_number_is_cut(expression: str, found: tuple[str, str, float] | None) -> None:
    assert rules.cut(expression) == found


def test_what_the_file_does_not_say_is_said_by_the_description(tmp_path: Path) -> None:
    text = RULES.replace("> 0.05", "> on () limit")
    assert isinstance(of(tmp_path, "", {"rules.yml": text}).metrics.rule("HighErrorRate", LABELS), Missing)
    more = NAMED + 'comparison = ">"\nthreshold = 0.1\n'
    assert condition(of(tmp_path, more, {"rules.yml": text})).threshold == 0.1


def test_a_broken_rule_file_is_one_sentence(tmp_path: Path) -> None:
    found = of(tmp_path, NAMED, {"rules.yml": "groups: ["})
    assert len(said(found)) == 1
    assert said(found)[0].startswith("rules.yml: it is no YAML")


def test_alerts_that_were_exported_as_firing_are_told(tmp_path: Path) -> None:
    text = "\n".join(
        f'ALERTS{{alertname="Slow",service="stock",alertstate="{state}"}} 1 {START + 15 * tick}'
        for state in ("firing", "pending")
        for tick in range(4)
    )
    found = of(tmp_path, "", {"metrics/alerts.txt": text}, 45)
    assert found.metrics.firing() == ({"alertname": "Slow", "service": "stock"},)
