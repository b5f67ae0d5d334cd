"""What every store of recorded requests promises.  Subclasses say how one is made over a simulated world."""

from datetime import timedelta
from typing import Any

from incident.capture import Capture
from incident.evidence import Missing
from tests.contract.bench import Bench, Build, Contract
from tools import ports

SECONDS = timedelta(seconds=1)


def recorded(bench: Bench[ports.Captures], *asked: Any, **limits: Any) -> tuple[Capture, ...]:
    found = bench.port.recorded(*asked, **limits)
    assert not isinstance(found, Missing)
    return found


class CapturesContract(Contract[ports.Captures]):
    """Each test gets the recorded requests of a simulated world whose service `orders` has a bug that wakes."""

    def test_recorded_requests_are_told_by_outcome_and_the_newest_are_kept(self, build: Build[ports.Captures]) -> None:
        bench = build()
        bench.clock.advance(30)
        now = bench.clock.now()
        failed = recorded(bench, "orders", "failed", now - 20 * SECONDS, now, limit=7)
        assert len(failed) == 7
        assert {capture.outcome for capture in failed} == {"failed"}
        assert [capture.at for capture in failed] == sorted(capture.at for capture in failed)
        assert failed[-1].at > now - SECONDS
        ok = recorded(bench, "orders", "ok", now - 20 * SECONDS, now - SECONDS / 100)
        assert {capture.outcome for capture in ok} == {"ok"}
        assert len(ok) == 80

    def test_recorded_requests_are_the_bytes_that_were_recorded(self, build: Build[ports.Captures]) -> None:
        bench = build()
        bench.clock.advance(10)
        now = bench.clock.now()
        failed = recorded(bench, "orders", "failed", now - 10 * SECONDS, now)
        assert isinstance(failed[0].body, dict)
        assert failed[0].body["customer"] == {"id": "c-000002", "membership": None}
        assert failed[0].calls[0].body == {"available": 7}

    def test_recorded_requests_of_a_version_are_its_own(self, build: Build[ports.Captures]) -> None:
        bench = build()
        bench.canary()
        bench.clock.advance(60)
        now = bench.clock.now()
        ok = recorded(bench, "orders", "ok", now - 60 * SECONDS, now, "v2")
        assert {capture.version for capture in ok} == {"v2"}
        assert recorded(bench, "orders", "failed", now - 60 * SECONDS, now, "v2") == ()

    def test_nothing_recorded_is_an_empty_answer_and_nobody_who_records_a_missing_one(
        self, build: Build[ports.Captures]
    ) -> None:
        bench = build()
        now = bench.clock.now()
        assert isinstance(bench.port.recorded("billing-api", "failed", now - SECONDS, now), Missing)
        assert recorded(bench, "orders", "failed", now - 90 * SECONDS, now - 80 * SECONDS) == ()
