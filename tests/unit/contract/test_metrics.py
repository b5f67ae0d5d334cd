"""What every store of samples promises."""

from datetime import timedelta

import pytest

from incident.errors import Unavailable
from incident.evidence import Condition, Measurement, Missing, Signals
from incident.workload import Commit, Deploy, Effect, SetWeights
from tests.unit.contract.benches import Bench
from tests.unit.contract.conftest import Build
from tools.scripted import Outage, Trouble

ALERT = {"alertname": "HighErrorRate", "service": "orders", "severity": "critical", "instance": "a"}
WINDOW = timedelta(seconds=20)


def rule(bench: Bench) -> Condition:
    found = bench.world.metrics.rule("HighErrorRate", ALERT)
    assert isinstance(found, Condition)
    return found


def measured(bench: Bench) -> Measurement:
    found = bench.world.metrics.measure(rule(bench))
    assert isinstance(found, Measurement)
    return found


def test_the_rule_of_an_alert_is_found_by_name_and_labels(build: Build) -> None:
    found = rule(build())
    assert (found.service, found.threshold, found.comparison) == ("orders", 0.05, ">")
    assert found.breached(0.15)


def test_a_bare_alert_without_the_rules_own_labels_finds_it_too(build: Build) -> None:
    assert isinstance(build().world.metrics.rule("HighErrorRate", {"job": "orders"}), Condition)


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("HighLatency", ALERT),
        ("HighErrorRate", {**ALERT, "service": "billing-api"}),
        ("HighErrorRate", {**ALERT, "severity": "warning"}),
        ("HighErrorRate", {}),
        ("", {}),
    ],
)
def test_a_rule_that_the_world_does_not_serve_is_missing(build: Build, name: str, labels: dict[str, str]) -> None:
    assert isinstance(build().world.metrics.rule(name, labels), Missing)


def test_several_rules_that_fit_are_missing(build: Build) -> None:
    found = build().world.metrics.rule("HighErrorRate", {"job": "orders", "caller": "storefront"})
    assert isinstance(found, Missing)
    assert "2" in found.reason


def test_the_condition_is_measured_while_the_bug_sleeps_and_when_it_woke(build: Build) -> None:
    bench = build(wakes_in=30.0)
    healthy = measured(bench)
    assert healthy.value < 0.05
    assert not healthy.firing
    bench.clock.advance(60)
    sick = measured(bench)
    assert sick.value == pytest.approx(0.153, abs=0.005)
    assert sick.samples == 800
    assert sick.firing
    assert sick.at == bench.clock.now()


def test_an_alert_fires_only_after_its_time(build: Build) -> None:
    bench = build()
    fired = []
    for _ in range(15):
        bench.clock.advance(1)
        fired.append(any(labels["service"] == "orders" for labels in bench.world.metrics.firing()))
    assert fired == sorted(fired)
    assert 5 < fired.index(True) < 12


def test_callers_of_the_sick_service_fire_too(build: Build) -> None:
    bench = build()
    bench.clock.advance(30)
    assert {labels["service"] for labels in bench.world.metrics.firing()} == {"orders", "storefront"}


def test_a_condition_that_the_world_does_not_serve_is_missing(build: Build) -> None:
    bench = build()
    easier = rule(bench).model_copy(update={"threshold": 0.9})
    assert isinstance(bench.world.metrics.measure(easier), Missing)


def test_too_few_requests_say_nothing(build: Build) -> None:
    bench = build(rate=1.0)
    assert isinstance(bench.world.metrics.measure(rule(bench)), Missing)


def test_signals_count_what_happened_in_the_window(build: Build) -> None:
    bench = build(wakes_in=10.0)
    start = bench.clock.now()
    bench.clock.advance(20)
    found = bench.world.metrics.signals("orders", start, start + WINDOW)
    assert isinstance(found, Signals)
    assert found.requests == 1600
    assert found.errors == pytest.approx(1600 * 0.003 + 800 * 0.15, abs=2)
    assert found.version is None


def test_signals_of_versions_add_up_to_those_of_the_service(build: Build) -> None:
    bench = build()
    start = bench.clock.now()
    platform = bench.world.platform
    first = platform.change(
        "orders", Deploy(version="v2", source=Commit(commit="f" * 40), config_from="v1"), revision="r1", effect=Effect()
    )
    platform.change("orders", SetWeights(weights={"v1": 75, "v2": 25}), revision=first.revision, effect=Effect())
    bench.clock.advance(20)
    found = [bench.world.metrics.signals("orders", start, bench.clock.now(), name) for name in ("v1", "v2", None)]
    counts = [(one.requests, one.errors) for one in found if isinstance(one, Signals)]
    assert [requests for requests, _ in counts] == [1200, 400, 1600]
    assert counts[0][1] + counts[1][1] == counts[2][1]
    assert counts[1][1] < counts[0][1]


def test_signals_of_what_is_unknown_are_missing(build: Build) -> None:
    bench = build()
    now = bench.clock.now()
    assert isinstance(bench.world.metrics.signals("billing-api", now - WINDOW, now), Missing)
    assert isinstance(bench.world.metrics.signals("orders", now - WINDOW, now, "v9"), Missing)
    assert isinstance(bench.world.metrics.signals("orders", now + WINDOW, now + 2 * WINDOW), Missing)
    assert isinstance(bench.world.metrics.series("billing-api", "errors", now - WINDOW, now), Missing)
    assert isinstance(bench.world.metrics.series("orders", "errors", now - WINDOW, now, "v9"), Missing)


@pytest.mark.parametrize("signal", ["requests", "errors"])
def test_a_series_of_increments_adds_up_to_the_signals(build: Build, signal: str) -> None:
    bench = build(wakes_in=5.0)
    bench.clock.advance(20)
    now = bench.clock.now()
    points = bench.world.metrics.series("orders", "requests" if signal == "requests" else "errors", now - WINDOW, now)
    found = bench.world.metrics.signals("orders", now - WINDOW, now)
    assert not isinstance(points, Missing)
    assert isinstance(found, Signals)
    assert sum(value for _, value in points) == (found.requests if signal == "requests" else found.errors)
    assert [at for at, _ in points] == sorted(at for at, _ in points)
    assert len(points) == 20


def test_memory_is_a_level_and_not_an_increment(build: Build) -> None:
    bench = build()
    now = bench.clock.now()
    points = bench.world.metrics.series("orders", "memory_bytes", now - WINDOW, now)
    assert not isinstance(points, Missing)
    assert all(value == pytest.approx(60e6) for _, value in points)


def test_a_store_that_does_not_answer_is_unavailable(build: Build) -> None:
    bench = build()
    now = bench.clock.now()
    bench.scripted.stage.trouble = Trouble(outages=(Outage(part="metrics", start=now, end=now + WINDOW),))
    with pytest.raises(Unavailable):
        bench.world.metrics.signals("orders", now - WINDOW, now)
