"""Kinds of rules over pages as services really serve them: each breaches, and each has a near miss that does not."""

from collections.abc import Callable

import pytest
from pydantic import TypeAdapter

from evals.lab.metrics import exposition, rules
from evals.lab.metrics.rules import Rule, Rules
from evals.lab.metrics.samples import Samples, Scrape, Target
from incident.evidence import Missing

RULE: TypeAdapter[Rule] = TypeAdapter(Rule)
Numbers = dict[str, float]


def page(ok: float, refused: float = 0, fast: float = 0, paid: float = 0, orders: float = 0, depth: float = 0) -> str:
    """A page of counters; `fast` of the answers came within 100 ms, all within 1 s."""
    both = ok + refused
    return f"""
# TYPE http_requests_total counter
http_requests_total{{service="orders",version="1",route="POST /orders",status="200"}} {ok}
http_requests_total{{service="orders",version="1",route="POST /orders",status="422"}} {refused}
# TYPE http_request_duration_seconds histogram
http_request_duration_seconds_bucket{{service="orders",version="1",route="POST /orders",le="0.1"}} {fast}
http_request_duration_seconds_bucket{{service="orders",version="1",route="POST /orders",le="1.0"}} {both}
http_request_duration_seconds_bucket{{service="orders",version="1",route="POST /orders",le="+Inf"}} {both}
# TYPE paid_cents_total counter
paid_cents_total{{service="orders",version="1",kind="card"}} {paid}
paid_cents_total{{service="orders",version="1",kind="gift"}} {paid}
# TYPE placed_total counter
placed_total{{service="orders",version="1",kind="card"}} {orders}
# TYPE queue_depth gauge
queue_depth{{service="orders",version="1"}} {depth}
process_resident_memory_bytes 1000
process_cpu_seconds_total 1
"""


def value(rule: dict[str, object], at: Callable[[float], str], seconds: int = 30) -> float | Missing:
    """The rule's value after so many seconds of pages."""
    samples, target = Samples(), Target("orders", "1", 0.0)
    samples.begin(target)
    for second in range(1, seconds + 1):
        target.scrapes.append(Scrape(float(second), exposition.read(at(float(second)))))
    found = RULE.validate_python({"alert": "A", "service": "orders", **rule}).value(samples, float(seconds))
    return found if isinstance(found, Missing) else found[0]


def test_client_errors_are_the_share_of_refusals_and_no_others() -> None:
    rule: dict[str, object] = {"kind": "client_errors", "above": 0.1}
    assert value(rule, lambda t: page(ok=8 * t, refused=2 * t)) == pytest.approx(0.2)
    assert value(rule, lambda t: page(ok=10 * t)) == 0.0
    assert isinstance(value(rule, lambda t: page(ok=0.1 * t)), Missing)


def test_latency_is_a_quantile_in_seconds() -> None:
    rule: dict[str, object] = {"kind": "latency", "quantile": 0.5, "above": 0.25}
    assert value(rule, lambda t: page(ok=10 * t, fast=10 * t)) == pytest.approx(0.05)
    assert value(rule, lambda t: page(ok=10 * t, fast=0)) == pytest.approx(0.55)
    assert isinstance(value(rule, lambda _: page(ok=0)), Missing)


def test_a_counter_is_its_growth_per_second_of_the_series_that_match() -> None:
    rule: dict[str, object] = {"kind": "metric", "series": "paid_cents_total", "type": "counter", "below": 100}
    assert value({**rule, "labels": {"kind": "ca.*"}}, lambda t: page(ok=10 * t, paid=50 * t)) == pytest.approx(
        50, rel=0.2
    )
    assert value(rule, lambda t: page(ok=10 * t, paid=50 * t)) == pytest.approx(100, rel=0.2)
    assert isinstance(value({**rule, "labels": {"kind": "c"}}, lambda t: page(ok=10 * t)), Missing)


def test_a_ratio_of_counters_is_how_much_of_one_for_each_of_the_other() -> None:
    rule: dict[str, object] = {
        "kind": "metric",
        "series": "paid_cents_total",
        "per": "placed_total",
        "labels": {"kind": "card"},
        "type": "counter",
        "below": 1000,
    }
    assert value(rule, lambda t: page(ok=10 * t, paid=50 * t, orders=5 * t)) == pytest.approx(10)
    assert isinstance(value(rule, lambda t: page(ok=10 * t, paid=50 * t)), Missing), "nothing was ordered: no ratio"


def test_a_gauge_is_its_newest_value_and_needs_no_requests_when_it_says_so() -> None:
    rule: dict[str, object] = {"kind": "metric", "series": "queue_depth", "type": "gauge", "above": 50}
    assert value({**rule, "at_least": 0}, lambda t: page(ok=0, depth=2 * t)) == 60
    assert isinstance(value(rule, lambda t: page(ok=0, depth=2 * t)), Missing)


def test_absence_is_one_when_samples_or_a_series_are_gone_and_else_zero() -> None:
    rule: dict[str, object] = {"kind": "absence"}
    assert value(rule, lambda t: page(ok=t)) == 0.0
    assert value({**rule, "series": "nothing_total"}, lambda t: page(ok=t)) == 1.0
    samples, target = Samples(), Target("orders", "1", 0.0)
    samples.begin(target)
    target.scrapes.append(Scrape(1.0, exposition.read(page(ok=1))))
    stale = RULE.validate_python({"alert": "A", "service": "orders", **rule}).value(samples, 60.0)
    assert not isinstance(stale, Missing)
    assert stale[0] == 1.0


def test_a_rule_of_the_same_name_and_service_takes_the_place_of_an_ordinary_one() -> None:
    own = RULE.validate_python({"alert": rules.NAME, "service": "orders", "kind": "errors", "above": 0.5})
    known = Rules((*rules.ordinary(["orders", "billing"]), own), Samples())
    assert {one.service: one.threshold for one in known.conditions} == {"orders": 0.5, "billing": 0.05}


@pytest.mark.parametrize("kind", ["errors", "client_errors", "latency", "metric", "absence"])
def test_each_kind_has_an_expression_and_a_sentence_about_the_service(kind: str) -> None:
    more: dict[str, dict[str, object]] = {
        "latency": {"quantile": 0.99, "above": 1},
        "metric": {"series": "a_total", "per": "b_total", "type": "counter", "below": 1},
        "absence": {},
    }
    rule = RULE.validate_python({"alert": "A", "service": "orders", "kind": kind, **more.get(kind, {"above": 0.1})})
    assert 'service="orders"' in rule.condition.expression
    assert "orders" in rule.told()
    assert rule.condition.labels == {"alertname": "A", "service": "orders", "severity": "critical"}


@pytest.mark.parametrize(
    ("rule", "measures"),
    [
        ({"kind": "errors", "above": 0.1}, ("1", "ratio")),
        ({"kind": "client_errors", "above": 0.1}, ("1", "ratio")),
        ({"kind": "latency", "quantile": 0.5, "above": 0.25}, ("s", "percentile")),
        ({"kind": "metric", "series": "queue_depth", "type": "gauge", "above": 1}, ("1", "gauge")),
        ({"kind": "metric", "series": "placed_total", "type": "counter", "below": 1}, ("1/s", "gauge")),
        ({"kind": "absence"}, ("1", "gauge")),
    ],
)
def test_a_rule_over_time_has_the_unit_and_kind_of_what_it_measures(
    rule: dict[str, object], measures: tuple[str, str]
) -> None:
    one = RULE.validate_python({"alert": "A", "service": "orders", **rule})
    assert Rules((one,), Samples()).measures(one.condition) == measures
