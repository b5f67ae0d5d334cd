"""What every log, trace store and store of recorded requests promises."""

from datetime import timedelta

import pytest

from incident.evidence import ErrorLog, Missing, Neighbours, Signals
from incident.workload import Commit, Deploy, Effect, SetWeights
from tests.unit.contract.benches import Bench
from tests.unit.contract.conftest import Build

SECONDS = timedelta(seconds=1)


def errors(bench: Bench, seconds: float, version: str | None = None) -> tuple[ErrorLog, ...]:
    now = bench.clock.now()
    found = bench.world.logs.errors("orders", now - seconds * SECONDS, now, version)
    assert not isinstance(found, Missing)
    return found


def canary(bench: Bench) -> None:
    """A tenth of the traffic goes to a version that does not have the bug."""
    deploy = Deploy(version="v2", source=Commit(commit="f" * 40), config_from="v1")
    first = bench.world.platform.change("orders", deploy, revision="r1", effect=Effect())
    bench.world.platform.change(
        "orders", SetWeights(weights={"v1": 90, "v2": 10}), revision=first.revision, effect=Effect()
    )


def test_every_counted_error_is_logged_once_oldest_first(build: Build) -> None:
    bench = build()
    for _ in range(20):
        bench.clock.advance(1)
        logged = errors(bench, 20)
    counted = bench.world.metrics.signals("orders", bench.clock.now() - 20 * SECONDS, bench.clock.now())
    assert isinstance(counted, Signals)
    assert sum(log.at > bench.clock.now() - 20 * SECONDS for log in logged) == counted.errors > 200
    assert [log.at for log in logged] == sorted(log.at for log in logged)
    assert len({log.trace_id for log in logged}) == len(logged)


def test_an_error_names_the_place_in_the_repository(build: Build) -> None:
    bench = build()
    bench.clock.advance(10)
    sick = [log for log in errors(bench, 10) if log.exception == "AttributeError"]
    assert {log.signature for log in sick} == {sick[0].signature}
    place = sick[0].signature
    assert place is not None
    assert (place.path, place.function, place.route) == ("services/orders/pricing.py", "discount", "POST /orders")
    code = bench.scripted.repository.text("main", place.path).split("\n")[place.line - 1]
    assert code.strip() == sick[0].frames[-1].code
    assert sick[0].frames[0].path == "services/orders/app.py"


def test_only_the_window_and_the_version_that_were_asked_for_are_told(build: Build) -> None:
    bench = build()
    canary(bench)
    bench.clock.advance(60)
    now = bench.clock.now()
    part = bench.world.logs.errors("orders", now - 30 * SECONDS, now - 20 * SECONDS)
    assert not isinstance(part, Missing)
    assert part
    assert all(now - 30 * SECONDS <= log.at <= now - 20 * SECONDS for log in part)
    assert {log.version for log in errors(bench, 60, "v1")} == {"v1"}
    assert {(log.version, log.exception) for log in errors(bench, 60, "v2")} == {("v2", "TimeoutError")}


def test_an_earlier_window_can_be_asked_for_later(build: Build) -> None:
    bench = build()
    bench.clock.advance(30)
    late = errors(bench, 5)
    assert set(late) < set(errors(bench, 25))
    assert errors(bench, 5) == late


def test_a_version_without_errors_is_quiet_and_not_missing(build: Build) -> None:
    bench = build()
    canary(bench)
    bench.clock.advance(1)
    assert errors(bench, 1, "v2") == ()


def test_the_log_of_an_unknown_service_is_missing(build: Build) -> None:
    bench = build()
    now = bench.clock.now()
    assert isinstance(bench.world.logs.errors("billing-api", now - SECONDS, now), Missing)


@pytest.mark.parametrize("service", ["orders", "storefront"])
def test_failing_traces_are_whole_and_the_newest_come_last(build: Build, service: str) -> None:
    bench = build()
    bench.clock.advance(20)
    now = bench.clock.now()
    found = bench.world.traces.failing(service, now - 10 * SECONDS, now, 5)
    assert len(found) == 5
    assert [trace[0].start for trace in found] == sorted(trace[0].start for trace in found)
    assert found[-1][0].start > now - SECONDS
    for trace in found:
        assert len({span.trace_id for span in trace}) == 1
        assert any(span.error and span.service == service for span in trace)
        assert [(span.service, span.kind, span.peer) for span in trace] == [
            ("storefront", "server", None),
            ("storefront", "client", "orders"),
            ("orders", "server", None),
        ]


def test_no_failing_trace_is_an_empty_answer(build: Build) -> None:
    bench = build(wakes_in=None)
    now = bench.clock.now()
    assert bench.world.traces.failing("stock", now - SECONDS, now - SECONDS / 2, 5) == ()
    assert bench.world.traces.failing("billing-api", now - SECONDS, now, 5) == ()
    assert bench.world.traces.failing("orders", now - 60 * SECONDS, now, 0) == ()


def test_neighbours_are_callers_callees_hosts_outside_and_everything_above(build: Build) -> None:
    bench = build()
    assert bench.world.traces.neighbours("orders") == Neighbours(
        service="orders", callers=("storefront",), callees=("stock",), dependents=("storefront",)
    )
    assert bench.world.traces.neighbours("stock") == Neighbours(
        service="stock",
        callers=("orders",),
        callees=(),
        external=("db.example:5432",),
        dependents=("orders", "storefront"),
    )
    assert isinstance(bench.world.traces.neighbours("billing-api"), Missing)


def test_recorded_requests_are_told_by_outcome_and_the_newest_are_kept(build: Build) -> None:
    bench = build()
    bench.clock.advance(30)
    now = bench.clock.now()
    failed = bench.world.captures.recorded("orders", "failed", now - 20 * SECONDS, now, limit=7)
    assert len(failed) == 7
    assert {capture.outcome for capture in failed} == {"failed"}
    assert [capture.at for capture in failed] == sorted(capture.at for capture in failed)
    assert failed[-1].at > now - SECONDS
    ok = bench.world.captures.recorded("orders", "ok", now - 20 * SECONDS, now - SECONDS / 100)
    assert {capture.outcome for capture in ok} == {"ok"}
    assert len(ok) == 80


def test_recorded_requests_are_the_bytes_that_were_recorded(build: Build) -> None:
    bench = build()
    bench.clock.advance(10)
    now = bench.clock.now()
    failed = bench.world.captures.recorded("orders", "failed", now - 10 * SECONDS, now)
    assert isinstance(failed[0].body, dict)
    assert failed[0].body["customer"] == {"id": "c-000002", "membership": None}
    assert failed[0].calls[0].body == {"available": 7}


def test_recorded_requests_of_a_version_are_its_own(build: Build) -> None:
    bench = build()
    canary(bench)
    bench.clock.advance(60)
    now = bench.clock.now()
    ok = bench.world.captures.recorded("orders", "ok", now - 60 * SECONDS, now, "v2")
    assert {capture.version for capture in ok} == {"v2"}
    assert bench.world.captures.recorded("orders", "failed", now - 60 * SECONDS, now, "v2") == ()


def test_nothing_recorded_is_an_empty_answer(build: Build) -> None:
    bench = build()
    now = bench.clock.now()
    assert bench.world.captures.recorded("billing-api", "failed", now - SECONDS, now) == ()
    assert bench.world.captures.recorded("orders", "failed", now - 90 * SECONDS, now - 80 * SECONDS) == ()
