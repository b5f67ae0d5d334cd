"""Traces, topology and recorded requests on what a workload may write."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import JsonValue

from incident.evidence import Missing, Neighbours
from tools.embedded import lines, topology
from tools.embedded.captures import EmbeddedCaptures
from tools.embedded.topology import Topology
from tools.embedded.traces import MAX_SPANS, EmbeddedTraces

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
SECONDS = timedelta(seconds=1)
KNOWN = ("billing-api", "orders", "stock", "storefront")


def span(service: str, trace: str = "a" * 32, **more: JsonValue) -> dict[str, JsonValue]:
    return {
        "trace_id": trace,
        "span_id": "b" * 16,
        "parent_id": None,
        "service": service,
        "version": "v1",
        "name": "POST /orders",
        "kind": "server",
        "start": NOW.isoformat(),
        "duration_ms": 3.0,
        "error": True,
        "peer": None,
        "status": 500,
        **more,
    }


def write(folder: Path, service: str, *entries: dict[str, JsonValue]) -> None:
    with (folder / f"{service}.v1.7.jsonl").open("a") as file:
        file.writelines(json.dumps(one) + "\n" for one in entries)


def traces(folder: Path) -> EmbeddedTraces:
    files = lines.Folder(folder)
    return EmbeddedTraces(files, Topology(files, lambda: KNOWN))


def neighbours(folder: Path, service: str) -> Neighbours:
    found = traces(folder).neighbours(service)
    assert isinstance(found, Neighbours)
    return found


def call(service: str, peer: JsonValue) -> dict[str, JsonValue]:
    return span(service, kind="client", peer=peer, error=False, status=200)


def test_a_trace_is_followed_through_the_files_of_all_services(tmp_path: Path) -> None:
    write(tmp_path, "storefront", span("storefront"), call("storefront", "orders"), span("storefront", "c" * 32))
    write(tmp_path, "orders", span("orders", start=(NOW + 0.01 * SECONDS).isoformat()))
    (found,) = traces(tmp_path).failing("orders", NOW - SECONDS, NOW + SECONDS, 10)
    assert [one.service for one in found] == ["storefront", "storefront", "orders"]


@pytest.mark.parametrize(
    "more",
    [{"service": "storefront"}, {"version": "v2"}, {"error": False}, {"start": "now"}, {"kind": "sideways"},
     {"duration_ms": None}, {"trace_id": None}, {"start": (NOW - 60 * SECONDS).isoformat()}],
)  # fmt: skip
def test_a_span_that_is_no_failure_of_this_process_in_this_window_finds_nothing(
    tmp_path: Path, more: dict[str, JsonValue]
) -> None:
    write(tmp_path, "orders", {**span("orders"), **more})
    assert traces(tmp_path).failing("orders", NOW - SECONDS, NOW + SECONDS, 10) == ()


def test_an_endless_trace_is_cut(tmp_path: Path) -> None:
    write(tmp_path, "orders", *(span("orders") for _ in range(MAX_SPANS + 50)))
    (found,) = traces(tmp_path).failing("orders", NOW - SECONDS, NOW + SECONDS, 10)
    assert len(found) == MAX_SPANS


def test_hostile_names_are_made_harmless(tmp_path: Path) -> None:
    write(tmp_path, "orders", span("orders", name="POST /\x1b[31m\u202eo\n", peer="h\u200bost"))
    ((found,),) = traces(tmp_path).failing("orders", NOW - SECONDS, NOW + SECONDS, 10)
    assert (found.name, found.peer) == ("POST /o", "host")


def test_neighbours_follow_from_client_spans(tmp_path: Path) -> None:
    write(tmp_path, "storefront", call("storefront", "orders"))
    write(tmp_path, "orders", call("orders", "stock"), call("orders", "db.example:5432"), call("orders", "orders"))
    write(tmp_path, "stock", span("stock"))
    found = neighbours(tmp_path, "orders")
    assert (found.callers, found.callees, found.external) == (("storefront",), ("stock",), ("db.example:5432",))
    assert neighbours(tmp_path, "stock").dependents == ("orders", "storefront")


def test_services_that_call_each_other_in_a_circle_come_to_an_end(tmp_path: Path) -> None:
    for service, peer in (("orders", "stock"), ("stock", "storefront"), ("storefront", "orders")):
        write(tmp_path, service, call(service, peer))
    assert neighbours(tmp_path, "orders").dependents == ("stock", "storefront")


def test_new_calls_are_seen_when_they_are_written(tmp_path: Path) -> None:
    write(tmp_path, "orders", call("orders", "stock"))
    store = traces(tmp_path)
    first = store.neighbours("orders")
    write(tmp_path, "orders", call("orders", "billing-api"))
    second = store.neighbours("orders")
    assert isinstance(first, Neighbours)
    assert isinstance(second, Neighbours)
    assert (first.callees, second.callees) == (("stock",), ("billing-api", "stock"))


@pytest.mark.parametrize(
    "entry",
    [
        call("storefront", "stock"),
        span("orders", peer="stock"),
        call("orders", 5),
        call("orders", ""),
        call("orders", None),
    ],
)
def test_a_line_that_is_no_call_of_this_process_makes_no_neighbour(tmp_path: Path, entry: dict[str, JsonValue]) -> None:
    write(tmp_path, "orders", entry)
    found = neighbours(tmp_path, "orders")
    assert (found.callees, found.external) == ((), ())


def test_a_service_that_invents_hosts_is_not_believed_without_end(tmp_path: Path) -> None:
    write(tmp_path, "orders", *(call("orders", f"h{number}:1") for number in range(topology.MAX_PEERS + 100)))
    assert len(neighbours(tmp_path, "orders").external) == topology.MAX_PEERS


def test_a_service_without_a_span_or_unknown_to_the_platform_is_missing(tmp_path: Path) -> None:
    assert isinstance(traces(tmp_path).neighbours("orders"), Missing)
    write(tmp_path, "orders", call("orders", "stock"))
    write(tmp_path, "invented", call("invented", "orders"))
    assert isinstance(traces(tmp_path).neighbours("invented"), Missing)
    assert isinstance(traces(tmp_path).neighbours("billing-api"), Missing)
    assert neighbours(tmp_path, "orders").callers == ()


def capture(**more: JsonValue) -> dict[str, JsonValue]:
    return {
        "v": 1,
        "at": NOW.isoformat(),
        "service": "orders",
        "version": "v1",
        "route": "POST /orders",
        "trace_id": "a" * 32,
        "outcome": "failed",
        "status": 500,
        "exception": "KeyError",
        "method": "POST",
        "path": "/orders",
        "body": {"a": None, "text": "\u202eas it was\n"},
        **more,
    }


def recorded(folder: Path) -> int:
    store = EmbeddedCaptures(lines.Folder(folder))
    found = store.recorded("orders", "failed", NOW - SECONDS, NOW + SECONDS)
    return 0 if isinstance(found, Missing) else len(found)


def test_a_recorded_request_is_not_touched(tmp_path: Path) -> None:
    write(tmp_path, "orders", capture())
    store = EmbeddedCaptures(lines.Folder(tmp_path))
    answer = store.recorded("orders", "failed", NOW - SECONDS, NOW + SECONDS)
    assert not isinstance(answer, Missing)
    (found,) = answer
    assert found.body == {"a": None, "text": "\u202eas it was\n"}


@pytest.mark.parametrize(
    "more",
    [{"service": "stock"}, {"version": "v2"}, {"outcome": "ok"}, {"outcome": "fine"}, {"at": "now"}, {"v": 2},
     {"status": "x"}, {"unknown": 1}, {"calls": [{}]}, {"at": (NOW + 5 * SECONDS).isoformat()}],
)  # fmt: skip
def test_a_recorded_request_that_is_malformed_or_somebody_elses_is_left_out(
    tmp_path: Path, more: dict[str, JsonValue]
) -> None:
    write(tmp_path, "orders", {**capture(), **more}, capture())
    assert recorded(tmp_path) == 1
