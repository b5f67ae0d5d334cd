"""Spans are read from OTLP JSON: ids in hexadecimal, times as text, status unset where nobody set it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from incident.evidence import Missing, Neighbours
from tests.unit.recordings.folders import NOON, at, attributes, nanos, otlp, said, world
from tools import recorded


def span(
    name: str, own: str, parent: str = "", *, start: float = 1, length: float = 0.1, **more: Any
) -> dict[str, Any]:
    return {
        "traceId": "5B8EFFF798038103D269B633813FC60C",
        "spanId": own,
        "parentSpanId": parent,
        "name": name,
        "startTimeUnixNano": nanos(start),
        "endTimeUnixNano": nanos(start + length),
        **more,
    }


def shop(folder: Path, more: Mapping[str, str] = {}, seconds: float = 600) -> recorded.RecordedWorld:
    """A gateway that calls orders without naming it, which calls stock by its host, a database and a queue."""
    edge = otlp("Spans", "spans", span("GET /", "EE19B7EC3C1B1740", "0000000000000000", length=0.5, kind=2),
                span("call", "EE19B7EC3C1B1741", "EE19B7EC3C1B1740", start=1.1, kind="SPAN_KIND_CLIENT"),
                service="edge")  # fmt: skip
    orders = otlp(
        "Spans", "spans",
        span("POST /orders", "EE19B7EC3C1B1742", "EE19B7EC3C1B1741", start=1.15, kind=2, status={"code": 2}),
        span("GET", "EE19B7EC3C1B1743", "EE19B7EC3C1B1742", start=1.16, kind=3, status={},
             attributes=attributes({"server.address": "stock.shop.svc:8080"})),
        span("SELECT", "EE19B7EC3C1B1744", "EE19B7EC3C1B1742", start=1.17, kind=3,
             attributes=attributes({"server.address": "db.example", "db.system": "postgresql"})),
        span("send", "EE19B7EC3C1B1745", "EE19B7EC3C1B1742", start=1.18, kind=4,
             attributes=attributes({"server.address": "mq.example", "messaging.system": "rabbitmq"})),
    )  # fmt: skip
    stock = otlp("Spans", "spans", span("idle", "EE19B7EC3C1B1749", start=30, traceId="AA"), service="stock")
    return world(folder, {"traces/a.jsonl": edge + orders + stock, **more}, at(seconds))


def test_spans_keep_ids_kinds_and_status(tmp_path: Path) -> None:
    (trace,) = shop(tmp_path).traces.failing("orders", NOON, at(60), 5)
    assert [(one.service, one.kind, one.status) for one in trace] == [
        ("edge", "server", "unset"),
        ("edge", "client", "unset"),
        ("orders", "server", "error"),
        ("orders", "client", "unset"),
        ("orders", "client", "unset"),
        ("orders", "producer", "unset"),
    ]
    assert trace[0].trace_id == "5b8efff798038103d269b633813fc60c"
    assert (trace[0].parent_id, trace[1].parent_id) == (None, "ee19b7ec3c1b1740")
    assert trace[0].duration_ms == 500.0


def test_whole_traces_are_told_without_a_failure_too(tmp_path: Path) -> None:
    traces = shop(tmp_path).traces
    assert [trace[0].name for trace in traces.whole("stock", NOON, at(60), 5)] == ["idle"]
    assert traces.failing("stock", NOON, at(60), 5) == ()
    assert traces.whole("orders", at(2), at(60), 5) == traces.whole("orders", NOON, at(60), 0) == ()


def test_neighbours_follow_parents_and_hosts(tmp_path: Path) -> None:
    found = shop(tmp_path)
    assert found.traces.neighbours("orders") == Neighbours(
        service="orders",
        callers=("edge",),
        callees=("stock",),
        external=("db.example", "mq.example"),
        dependents=("edge",),
    )
    below = found.traces.neighbours("stock")
    assert isinstance(below, Neighbours)
    assert below.dependents == ("edge", "orders")
    assert isinstance(found.traces.neighbours("billing"), Missing)
    places = found.places.of("orders")
    assert not isinstance(places, Missing)
    assert (places.databases, places.queues, places.third_parties) == (("db.example",), ("mq.example",), ())
    calls = found.traces.calls(NOON, at(60))
    assert not isinstance(calls, Missing)
    assert ("orders", "stock") in {(call.caller, call.callee) for call in calls}


def test_a_span_is_served_once_it_has_ended(tmp_path: Path) -> None:
    (trace,) = shop(tmp_path, seconds=1.3).traces.whole("orders", NOON, at(60), 5)
    assert "GET /" not in {one.name for one in trace}


def test_broken_spans_are_named_and_the_rest_is_used(tmp_path: Path) -> None:
    more = otlp("Spans", "spans", span("x", ""), {"name": "y"}) + '{"spans": []}\n'
    found = shop(tmp_path, {"traces/b.jsonl": more})
    assert found.traces.failing("orders", NOON, at(60), 5)
    assert said(found) == [
        "traces/b.jsonl: line 1: a span has no ids",
        "traces/b.jsonl: line 1: a span has no usable times",
        "traces/b.jsonl: line 2: it is no OTLP JSON of traces",
    ]
