"""Traced calls from spans: who took the time, and who failed by himself."""

from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest

from incident import call_times
from incident.evidence import Span

AT = datetime(2026, 11, 28, 10, tzinfo=UTC)
Kind = Literal["server", "client", "internal", "producer", "consumer"]


def span(name: str, parent: str, service: str, kind: Kind, start: float, took: float, **attributes: str) -> Span:
    return Span(
        trace_id="t",
        span_id=name,
        parent_id=parent or None,
        service=service,
        name=f"{service} work",
        kind=kind,
        start=AT + timedelta(milliseconds=start),
        duration_ms=took,
        attributes=attributes,
    )


TRACE = (
    span("1", "", "front", "server", 0, 100),
    span("2", "1", "front", "client", 10, 50),
    span("3", "2", "price", "server", 12, 40),
    span("4", "1", "front", "client", 30, 50, **{"server.address": "bank"}),
)


def test_a_request_is_split_into_who_worked_and_who_waited() -> None:
    calls = {(one.caller, one.callee): one for one in call_times.of(TRACE)}
    assert calls.keys() == {("", "front"), ("front", "price"), ("front", "bank")}
    # Calls from 10 to 60 and from 30 to 80 ms overlap: 70 ms were waited for.
    assert calls["", "front"].below_ms == (70.0,)
    assert (calls["front", "price"].took_ms, calls["front", "price"].callee_ms) == ((50.0,), (40.0,))
    assert calls["front", "bank"].callee_ms == (None,)


def test_calls_below_an_internal_span_are_the_request_s_own() -> None:
    inner = span("5", "1", "front", "internal", 5, 90)
    moved = tuple(one.model_copy(update={"parent_id": "5"}) if one.kind == "client" else one for one in TRACE)
    (outer,) = (one for one in call_times.of((*moved, inner)) if not one.caller)
    assert outer.below_ms == (70.0,)


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"http.response.status_code": "500"}, True),
        ({"http.status_code": "503"}, True),
        ({"http.response.status_code": "404"}, False),
        ({"rpc.grpc.status_code": "14"}, True),
        ({"rpc.grpc.status_code": "5"}, False),
        ({}, False),
    ],
)
def test_an_unset_status_is_read_from_the_protocol(attributes: dict[str, str], expected: bool) -> None:
    assert call_times.failed(span("1", "", "a", "server", 0, 1, **attributes)) is expected


def test_a_failure_below_is_not_the_caller_s_own() -> None:
    failing = {"http.response.status_code": "500"}
    trace = (
        span("1", "", "front", "server", 0, 100, **failing),
        span("2", "1", "front", "client", 10, 50, **failing),
        span("3", "2", "price", "server", 12, 40, **failing),
    )
    calls = {one.callee: one for one in call_times.of(trace)}
    assert (calls["front"].answered_badly, calls["front"].failed_below) == ((True,), (True,))
    assert (calls["price"].answered_badly, calls["price"].failed_below) == ((True,), (False,))


def test_the_same_span_in_two_traces_counts_once() -> None:
    assert call_times.of((*TRACE, *TRACE)) == call_times.of(TRACE)


@pytest.mark.parametrize(("peer", "below"), [({}, False), ({"server.address": "bank"}, True)], ids=["nobody", "a host"])
def test_a_call_that_names_nobody_is_the_services_own_failure(peer: dict[str, str], below: bool) -> None:
    """It failed before it left the process: a time-out that is no number, an address that is none."""
    asked = span("2", "1", "front", "client", 10, 1, **{"http.response.status_code": "500", **peer})
    (request,) = (one for one in call_times.of((span("1", "", "front", "server", 0, 20), asked)) if not one.caller)
    assert request.failed_below == (below,)
