"""What every store of traces promises.  Subclasses say how one is made over a simulated world."""

from datetime import timedelta

import pytest

from incident.evidence import Missing, Neighbours
from tests.contract.bench import Build, Contract
from tools import ports

SECONDS = timedelta(seconds=1)


class TracesContract(Contract[ports.Traces]):
    """Each test gets the traces of a simulated world whose service `orders` has a bug that wakes."""

    @pytest.mark.parametrize("service", ["orders", "storefront"])
    def test_failing_traces_are_whole_and_the_newest_come_last(self, build: Build[ports.Traces], service: str) -> None:
        bench = build()
        bench.clock.advance(20)
        now = bench.clock.now()
        found = bench.port.failing(service, now - 10 * SECONDS, now, 5)
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

    def test_no_failing_trace_is_an_empty_answer(self, build: Build[ports.Traces]) -> None:
        bench = build(wakes_in=None)
        now = bench.clock.now()
        assert bench.port.failing("stock", now - SECONDS, now - SECONDS / 2, 5) == ()
        assert bench.port.failing("billing-api", now - SECONDS, now, 5) == ()
        assert bench.port.failing("orders", now - 60 * SECONDS, now, 0) == ()

    def test_neighbours_are_callers_callees_hosts_outside_and_everything_above(
        self, build: Build[ports.Traces]
    ) -> None:
        bench = build()
        assert bench.port.neighbours("orders") == Neighbours(
            service="orders", callers=("storefront",), callees=("stock",), dependents=("storefront",)
        )
        assert bench.port.neighbours("stock") == Neighbours(
            service="stock",
            callers=("orders",),
            callees=(),
            external=("db.example:5432",),
            dependents=("orders", "storefront"),
        )
        assert isinstance(bench.port.neighbours("billing-api"), Missing)

    def test_whole_traces_are_told_healthy_ones_too(self, build: Build[ports.Traces]) -> None:
        bench = build()
        bench.clock.advance(20)
        now = bench.clock.now()
        found = bench.port.whole("orders", now - 10 * SECONDS, now, 200)
        assert {trace[-1].status for trace in found} == {"error", "unset"}
        for trace in found:
            assert len({span.trace_id for span in trace}) == 1
            assert [span.service for span in trace] == ["storefront", "storefront", "orders"]
            assert trace[0].attributes["http.response.status_code"] in ("200", "502")
        failing = bench.port.failing("orders", now - 10 * SECONDS, now, 200)
        assert {trace[0].trace_id for trace in failing if trace[0].start > found[0][0].start} <= {
            trace[0].trace_id for trace in found
        }

    def test_calls_are_counted_with_errors_and_times(self, build: Build[ports.Traces]) -> None:
        bench = build()
        bench.clock.advance(20)
        now = bench.clock.now()
        found = bench.port.calls(now - 10 * SECONDS, now)
        assert not isinstance(found, Missing)
        (call,) = [one for one in found if one.callee == "orders"]
        assert (call.caller, call.operation) == ("storefront", "POST /orders")
        assert 0 < call.errors < call.count
        assert call.wire_ms == pytest.approx(2.0)
        assert call.own_ms == pytest.approx(16.0)
