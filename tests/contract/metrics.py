"""What every store of samples promises.  Subclasses say how one is made over a simulated world."""

import itertools
from datetime import timedelta

import pytest

from incident import series
from incident.errors import Unavailable
from incident.evidence import Condition, Measurement, Missing, Signals
from incident.workload import Commit, Deploy, Effect, SetWeights
from tests.contract.bench import Bench, Build, Contract
from tools import ports
from tools.scripted import Outage, Trouble
from tools.scripted.state import Behaviour

ALERT = {"alertname": "HighErrorRate", "service": "orders", "severity": "critical", "instance": "a"}
WINDOW = timedelta(seconds=20)
SECOND = timedelta(seconds=1)


def rule(bench: Bench[ports.Metrics]) -> Condition:
    found = bench.port.rule("HighErrorRate", ALERT)
    assert isinstance(found, Condition)
    return found


def measured(bench: Bench[ports.Metrics]) -> Measurement:
    found = bench.port.measure(rule(bench))
    assert isinstance(found, Measurement)
    return found


class MetricsContract(Contract[ports.Metrics]):
    """Each test gets a store over a simulated world whose service `orders` has a bug that wakes."""

    def test_the_rule_of_an_alert_is_found_by_name_and_labels(self, build: Build[ports.Metrics]) -> None:
        found = rule(build())
        assert (found.service, found.threshold, found.comparison) == ("orders", 0.05, ">")
        assert found.breached(0.15)

    def test_a_bare_alert_without_the_rules_own_labels_finds_it_too(self, build: Build[ports.Metrics]) -> None:
        assert isinstance(build().port.rule("HighErrorRate", {"job": "orders"}), Condition)

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
    def test_a_rule_that_the_world_does_not_serve_is_missing(
        self, build: Build[ports.Metrics], name: str, labels: dict[str, str]
    ) -> None:
        assert isinstance(build().port.rule(name, labels), Missing)

    def test_several_rules_that_fit_are_missing(self, build: Build[ports.Metrics]) -> None:
        found = build().port.rule("HighErrorRate", {"job": "orders", "caller": "storefront"})
        assert isinstance(found, Missing)
        assert "2" in found.reason

    def test_the_condition_is_measured_while_the_bug_sleeps_and_when_it_woke(self, build: Build[ports.Metrics]) -> None:
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

    def test_an_alert_fires_only_after_its_time(self, build: Build[ports.Metrics]) -> None:
        bench = build()
        fired = []
        for _ in range(15):
            bench.clock.advance(1)
            fired.append(any(labels["service"] == "orders" for labels in bench.port.firing()))
        assert fired == sorted(fired)
        assert 5 < fired.index(True) < 12

    def test_callers_of_the_sick_service_fire_too(self, build: Build[ports.Metrics]) -> None:
        bench = build()
        bench.clock.advance(30)
        assert {labels["service"] for labels in bench.port.firing()} == {"orders", "storefront"}

    def test_a_condition_that_the_world_does_not_serve_is_missing(self, build: Build[ports.Metrics]) -> None:
        bench = build()
        easier = rule(bench).model_copy(update={"threshold": 0.9})
        assert isinstance(bench.port.measure(easier), Missing)

    def test_too_few_requests_say_nothing(self, build: Build[ports.Metrics]) -> None:
        bench = build(rate=1.0)
        assert isinstance(bench.port.measure(rule(bench)), Missing)

    def test_signals_count_what_happened_in_the_window(self, build: Build[ports.Metrics]) -> None:
        bench = build(wakes_in=10.0)
        start = bench.clock.now()
        bench.clock.advance(20)
        found = bench.port.signals("orders", start, start + WINDOW)
        assert isinstance(found, Signals)
        assert found.requests == 1600
        assert found.errors == pytest.approx(1600 * 0.003 + 800 * 0.15, abs=2)
        assert found.version is None

    def test_signals_of_versions_add_up_to_those_of_the_service(self, build: Build[ports.Metrics]) -> None:
        bench = build()
        start = bench.clock.now()
        platform = bench.simulated.platform
        first = platform.change(
            "orders",
            Deploy(version="v2", source=Commit(commit="f" * 40), config_from="v1"),
            revision="r1",
            effect=Effect(),
        )
        platform.change("orders", SetWeights(weights={"v1": 75, "v2": 25}), revision=first.revision, effect=Effect())
        bench.clock.advance(20)
        found = [bench.port.signals("orders", start, bench.clock.now(), name) for name in ("v1", "v2", None)]
        counts = [(one.requests, one.errors) for one in found if isinstance(one, Signals)]
        assert [requests for requests, _ in counts] == [1200, 400, 1600]
        assert counts[0][1] + counts[1][1] == counts[2][1]
        assert counts[1][1] < counts[0][1]

    def test_signals_of_what_is_unknown_are_missing(self, build: Build[ports.Metrics]) -> None:
        bench = build()
        now = bench.clock.now()
        assert isinstance(bench.port.signals("billing-api", now - WINDOW, now), Missing)
        assert isinstance(bench.port.signals("orders", now - WINDOW, now, "v9"), Missing)
        assert isinstance(bench.port.signals("orders", now + WINDOW, now + 2 * WINDOW), Missing)
        assert isinstance(bench.port.range("billing-api", "errors", now - WINDOW, now), Missing)
        assert isinstance(bench.port.range("orders", "errors", now - WINDOW, now, "v9"), Missing)

    @pytest.mark.parametrize("signal", ["requests", "errors"])
    def test_a_series_of_increments_adds_up_to_the_signals(self, build: Build[ports.Metrics], signal: str) -> None:
        bench = build(wakes_in=5.0)
        bench.clock.advance(20)
        now = bench.clock.now()
        points = bench.port.range("orders", signal, now - WINDOW, now)
        found = bench.port.signals("orders", now - WINDOW, now)
        assert isinstance(points, series.Series)
        assert isinstance(found, Signals)
        assert sum(value for _, value in points.points) == (found.requests if signal == "requests" else found.errors)
        assert [at for at, _ in points.points] == sorted(at for at, _ in points.points)
        assert (len(points.points), points.step_seconds) == (20, 1.0)

    def test_memory_is_a_level_and_not_an_increment(self, build: Build[ports.Metrics]) -> None:
        bench = build()
        now = bench.clock.now()
        points = bench.port.range("orders", "memory_bytes", now - WINDOW, now)
        assert isinstance(points, series.Series)
        assert all(value == pytest.approx(60e6) for _, value in points.points)

    def test_every_name_that_is_told_is_a_series_of_that_unit_and_kind(self, build: Build[ports.Metrics]) -> None:
        bench = build()
        bench.clock.advance(20)
        now = bench.clock.now()
        names = bench.port.names("orders")
        assert isinstance(names, series.Metrics)
        assert tuple(metric.name for metric in names.metrics[: len(series.GOLDEN)]) == series.GOLDEN
        for metric in names.metrics:
            found = bench.port.range("orders", metric.name, now - WINDOW, now)
            assert isinstance(found, series.Series)
            assert found.metric == metric

    def test_a_name_that_is_not_told_is_missing(self, build: Build[ports.Metrics]) -> None:
        bench = build()
        now = bench.clock.now()
        assert isinstance(bench.port.range("orders", "moods", now - WINDOW, now), Missing)
        assert isinstance(bench.port.names("billing-api"), Missing)

    def test_no_error_beside_requests_is_zero_errors(self, build: Build[ports.Metrics]) -> None:
        bench = build(wakes_in=None, patched=Behaviour(), sick=Behaviour())
        bench.clock.advance(20)
        now = bench.clock.now()
        found = bench.port.range("orders", "errors", now - WINDOW, now)
        assert isinstance(found, series.Series)
        assert {value for _, value in found.points} == {0.0}

    def test_no_requests_have_no_share_of_errors(self, build: Build[ports.Metrics]) -> None:
        bench = build(rate=0.0)
        now = bench.clock.now()
        assert isinstance(bench.port.range("orders", "error_ratio", now - WINDOW, now), Missing)

    def test_the_rules_own_expression_is_told_over_time(self, build: Build[ports.Metrics]) -> None:
        bench = build(wakes_in=30.0)
        bench.clock.advance(60)
        now = bench.clock.now()
        found = bench.port.of(rule(bench), now - 3 * WINDOW, now)
        assert isinstance(found, series.Series)
        assert len(found.points) == 60
        assert found.points[-1] == (now, measured(bench).value)
        breached = [rule(bench).breached(value) for _, value in found.points]
        assert breached == sorted(breached)
        assert {False, True} == set(breached)

    def test_an_expression_that_the_world_does_not_serve_is_missing(self, build: Build[ports.Metrics]) -> None:
        bench = build()
        now = bench.clock.now()
        easier = rule(bench).model_copy(update={"threshold": 0.9})
        assert isinstance(bench.port.of(easier, now - WINDOW, now), Missing)

    @pytest.mark.parametrize("step", [1.0, 15.0, 60.0])
    def test_no_sample_is_counted_twice_or_lost_at_any_step(self, build: Build[ports.Metrics], step: float) -> None:
        bench = build(scrape_seconds=step, wakes_in=None)
        start = bench.clock.now()
        looks = [start]
        for seconds in (7.0, 15.0, 1.0, 60.0, 61.5, 0.5, 90.0, 5.0):
            bench.clock.advance(seconds)
            looks.append(bench.clock.now())
        parts = [bench.port.signals("orders", one, other) for one, other in itertools.pairwise(looks)]
        whole = bench.port.signals("orders", start, looks[-1])
        points = bench.port.range("orders", "requests", start, looks[-1])
        assert isinstance(whole, Signals)
        assert isinstance(points, series.Series)
        assert sum(part.requests for part in parts if isinstance(part, Signals)) == whole.requests
        assert sum(value for _, value in points.points) == whole.requests
        assert (
            len(points.points) == len({at for at, _ in points.points}) == int((whole.end - whole.start) / SECOND / step)
        )
        assert rule(bench).step_seconds == step

    def test_a_store_that_does_not_answer_is_unavailable(self, build: Build[ports.Metrics]) -> None:
        bench = build()
        now = bench.clock.now()
        bench.simulated.stage.trouble = Trouble(outages=(Outage(part="metrics", start=now, end=now + WINDOW),))
        with pytest.raises(Unavailable):
            bench.port.signals("orders", now - WINDOW, now)
