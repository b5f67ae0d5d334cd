"""Answers of the embedded world that are malformed, stale, contradictory or about something else."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from incident import series
from incident.errors import Unavailable, Unsure
from incident.evidence import Condition, Measurement, Missing, Ratios, Signals
from incident.workload import Annotate, Effect
from tools.embedded.client import Client
from tools.embedded.metrics import EmbeddedMetrics
from tools.embedded.platform import EmbeddedPlatform
from tools.scripted.clock import EPOCH, ManualClock

SECONDS = timedelta(seconds=1)
CONDITION = {
    "name": "HighErrorRate",
    "service": "orders",
    "expression": "x",
    "comparison": ">",
    "threshold": 0.05,
    "window_seconds": 10,
    "for_seconds": 5,
    "labels": {"alertname": "HighErrorRate", "service": "orders"},
}
SIGNALS = {
    "service": "orders",
    "version": None,
    "start": EPOCH.isoformat(),
    "end": (EPOCH + 20 * SECONDS).isoformat(),
    "requests": 100,
    "errors": 5,
}
MEASUREMENT = {"value": 0.1, "samples": 50, "at": EPOCH.isoformat(), "firing": True}
WORKLOAD = {
    "service": "orders",
    "revision": "r3",
    "versions": [
        {"name": "v1", "commit": "c", "weight": 100, "ready": True, "config": {}, "started_at": EPOCH.isoformat()}
    ],
    "effect": {},
}


def http(content: str, status: int = 200, clock: ManualClock | None = None) -> Client:
    transport = httpx.MockTransport(lambda _: httpx.Response(status, text=content))
    return Client("http://127.0.0.1:1", clock or ManualClock(), transport)


def metrics(body: object, age: float = 0.0) -> EmbeddedMetrics:
    """Metrics whose world gives one answer, asked `age` seconds after the epoch of virtual time."""
    clock = ManualClock()
    clock.advance(age)
    transport = httpx.MockTransport(
        lambda _: httpx.Response(200, text=body) if isinstance(body, str) else httpx.Response(200, json=body)
    )
    return EmbeddedMetrics(Client("http://127.0.0.1:1", clock, transport), clock)


def measured(body: object, age: float = 0.0) -> Measurement | Missing:
    return metrics(body, age).measure(Condition.model_validate(CONDITION))


def signals(body: object, age: float = 20.0) -> Signals | Ratios | Missing:
    return metrics(body, age).signals("orders", EPOCH, EPOCH + 20 * SECONDS)


@pytest.mark.parametrize("age", [0.0, 4.9])
def test_control_a_fresh_measurement_is_one(age: float) -> None:
    assert isinstance(measured(MEASUREMENT, age), Measurement)


@pytest.mark.parametrize("age", [5.1, 60.0])
def test_a_stale_measurement_is_missing(age: float) -> None:
    found = measured(MEASUREMENT, age)
    assert isinstance(found, Missing)
    assert "stale" in found.reason


@pytest.mark.parametrize(
    "body",
    [
        {"missing": "no samples"},
        {"missing": None},
        {},
        [],
        "null",
        {**MEASUREMENT, "value": None},
        {**MEASUREMENT, "value": "much"},
        {**MEASUREMENT, "at": "now"},
        {**MEASUREMENT, "at": (EPOCH + 60 * SECONDS).isoformat()},
        '{"value": NaN, "samples": 50, "at": "2026-01-01T00:00:00Z", "firing": false}',
        '{"value": Infinity, "samples": 50, "at": "2026-01-01T00:00:00Z", "firing": false}',
    ],
)
def test_a_measurement_that_is_no_number_of_now_is_missing(body: object) -> None:
    assert isinstance(measured(body), Missing)


def test_control_good_signals_are_signals() -> None:
    found = signals(SIGNALS)
    assert isinstance(found, Signals)
    assert found.error_rate == pytest.approx(0.05)


def test_shares_without_counts_are_told_as_such() -> None:
    shares = {key: value for key, value in SIGNALS.items() if key not in ("requests", "errors")}
    found = signals({**shares, "kind": "ratios", "error_ratio": 0.05})
    assert isinstance(found, Ratios)
    assert isinstance(signals({**shares, "kind": "ratios", "error_ratio": 1.05}), Missing)


@pytest.mark.parametrize(
    "change",
    [
        {"service": "billing-api"},
        {"version": "v1"},
        {"errors": 101},
        {"errors": -1},
        {"requests": -5, "errors": -6},
        {"end": (EPOCH + 14 * SECONDS).isoformat()},
        {"end": "soon"},
        {"requests": None},
        {"extra": 1},
    ],
)
def test_signals_that_cannot_be_of_this_window_are_missing(change: dict[str, object]) -> None:
    assert isinstance(signals({**SIGNALS, **change}), Missing)


def test_a_window_that_ends_in_the_future_is_judged_by_the_present() -> None:
    early = {**SIGNALS, "end": (EPOCH + 9 * SECONDS).isoformat()}
    assert isinstance(signals(early, age=10.0), Signals)
    assert isinstance(signals(early, age=20.0), Missing)


def points(points: object, step: float = 1.0, change: Mapping[str, object] = {}) -> series.Series | Missing:
    metric = {"name": "errors", "unit": "1", "kind": "counter"}
    body = {"service": "orders", "version": None, "metric": metric, "step_seconds": step, "points": points, **change}
    return metrics(body, 20.0).range("orders", "errors", EPOCH, EPOCH + 20 * SECONDS)


@pytest.mark.parametrize(
    "told",
    [
        [],
        [[EPOCH.isoformat(), 1.0]],
        [[(EPOCH + 19 * SECONDS).isoformat(), None]],
        [[(EPOCH + 19 * SECONDS).isoformat()]],
        "none",
        None,
    ],
)
def test_a_series_that_is_empty_stale_or_malformed_is_missing(told: object) -> None:
    assert isinstance(points(told), Missing)


@pytest.mark.parametrize("change", [{"service": "stock"}, {"version": "v1"}, {"step_seconds": 0.0}, {"extra": 1}])
def test_a_series_of_something_else_is_missing(change: dict[str, object]) -> None:
    told = [[(EPOCH + 19 * SECONDS).isoformat(), 1.0]]
    assert isinstance(points(told), series.Series)
    assert isinstance(points(told, change=change), Missing)


def test_a_series_is_stale_by_its_own_step() -> None:
    told = [[(EPOCH + 2 * SECONDS).isoformat(), 1.0]]
    assert isinstance(points(told, 15.0), series.Series)
    assert isinstance(points(told, 1.0), Missing)


def test_a_series_with_nan_is_missing() -> None:
    body = '{"points": [["2026-01-01T00:00:19Z", NaN]]}'
    assert isinstance(metrics(body, 20.0).range("orders", "errors", EPOCH, EPOCH + 20 * SECONDS), Missing)


def test_a_series_comes_out_in_order_and_each_point_once() -> None:
    found = points([[(EPOCH + second * SECONDS).isoformat(), second] for second in (19, 17, 18, 18)])
    assert isinstance(found, series.Series)
    assert [value for _, value in found.points] == [17, 18, 19]


@pytest.mark.parametrize("body", [None, {}, {"alerts": None}, {"alerts": [1]}, {"alerts": [{"labels": None}]}, []])
def test_malformed_alerts_are_unavailable_and_not_silence(body: object) -> None:
    with pytest.raises(Unavailable):
        metrics(body).firing()


def test_only_firing_alerts_fire() -> None:
    alerts = [{"status": status, "labels": {"service": status}} for status in ("firing", "resolved")]
    assert metrics({"alerts": alerts}).firing() == ({"service": "firing"},)


@pytest.mark.parametrize("body", [None, {}, [{}], [{**CONDITION, "threshold": None}]])
def test_malformed_rules_are_unavailable(body: object) -> None:
    with pytest.raises(Unavailable):
        metrics(body).rule("HighErrorRate", {"service": "orders"})


def platform(body: object, status: int = 200) -> EmbeddedPlatform:
    transport = httpx.MockTransport(lambda _: httpx.Response(status, json=body))
    return EmbeddedPlatform(Client("http://127.0.0.1:1", ManualClock(), transport), "w1", Path("/srv"))


def test_control_a_good_workload_is_one() -> None:
    assert platform(WORKLOAD).read("orders").revision == "r3"


@pytest.mark.parametrize(
    "body",
    [None, [], {}, {**WORKLOAD, "service": "billing-api"}, {**WORKLOAD, "revision": None}, {**WORKLOAD, "more": 1}],
)
def test_a_malformed_workload_is_unavailable(body: object) -> None:
    with pytest.raises(Unavailable):
        platform(body).read("orders")


@pytest.mark.parametrize("body", [None, {}, {**WORKLOAD, "service": "billing-api"}])
def test_a_change_whose_answer_cannot_be_read_is_unsure(body: object) -> None:
    with pytest.raises(Unsure):
        platform(body).change("orders", Annotate(), revision="r3", effect=Effect())


@pytest.mark.parametrize("status", [201, 204, 302, 403, 418])
def test_a_change_with_an_unknown_answer_is_unsure(status: int) -> None:
    with pytest.raises(Unsure):
        platform({"error": "?"}, status).change("orders", Annotate(), revision="r3", effect=Effect())


@pytest.mark.parametrize("status", [400, 403, 409, 418, 422])
def test_a_read_with_an_unknown_answer_is_unavailable(status: int) -> None:
    with pytest.raises(Unavailable):
        platform({"error": "?"}, status).read("orders")


def test_the_history_of_another_service_is_left_out() -> None:
    changes = [
        {"service": service, "at": (EPOCH + offset * SECONDS).isoformat(), "what": "deploy"}
        for service, offset in (("orders", 3), ("stock", 2), ("orders", 1), ("orders", -1))
    ]
    found = platform(changes).history("orders", EPOCH)
    assert [change.at for change in found] == [EPOCH + SECONDS, EPOCH + 3 * SECONDS]
