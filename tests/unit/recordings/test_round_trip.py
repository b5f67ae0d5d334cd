"""A world that is recorded answers as it did."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from graph import record
from incident import logs, series
from incident.errors import BadInput, Refused
from incident.evidence import Condition, ErrorLog, Missing, Signals, Span
from tests.unit.graph.sourceless import configured
from tools import ports, recorded
from tools.scripted.clock import ManualClock
from tools.scripted.world import ScriptedWorld, incident_world
from tools.unset import Unset

MINUTE = timedelta(minutes=1)


class Pair(NamedTuple):
    """A world, and the recording of it."""

    live: ScriptedWorld
    again: recorded.RecordedWorld
    now: datetime


def alert(clock: ManualClock) -> bytes:
    labels = {"alertname": "HighErrorRate", "service": "orders"}
    return json.dumps({"labels": labels, "startsAt": (clock.now() - MINUTE / 2).isoformat()}).encode()


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    clock = ManualClock()
    live = incident_world(clock, wakes_in=-300.0, deployed_ago=2.0, rate=4.0, scrape_seconds=5.0)
    clock.advance(60)
    folder = tmp_path_factory.mktemp("recording") / "out"
    record.recorded(live, alert(clock), folder, 4 * MINUTE)
    return Pair(live, recorded.connect(recorded.address(folder)), clock.now())


def test_it_is_read_without_a_gap(pair: Pair) -> None:
    assert pair.again.gaps() == ()
    assert pair.again.as_of == pair.now
    assert pair.again.platform.services() == pair.live.platform.services()


@pytest.mark.parametrize("version", [None, "v1", "v2"])
@pytest.mark.parametrize("name", series.GOLDEN)
def test_series_are_the_same(pair: Pair, name: str, version: str | None) -> None:
    for start, end in ((3 * MINUTE, 0 * MINUTE), (2 * MINUTE, MINUTE)):
        asked = ("orders", name, pair.now - start, pair.now - end, version)
        one, other = pair.live.metrics.range(*asked), pair.again.metrics.range(*asked)
        if isinstance(one, series.Series) and isinstance(other, Missing):
            # A share of nothing is no sample: the last one of a version without requests is stale.
            assert (name, version) == ("error_ratio", "v1")
            assert one.points[-1][0] < pair.now - timedelta(seconds=5 * one.step_seconds)
        else:
            assert one == other or isinstance(one, Missing) is isinstance(other, Missing) is True


def test_counts_are_the_same(pair: Pair) -> None:
    for service in ("orders", "stock"):
        one, other = (world.metrics.signals(service, pair.now - MINUTE, pair.now) for world in pair[:2])
        assert isinstance(one, Signals)
        assert isinstance(other, Signals)
        assert (one.requests, one.errors) == (other.requests, other.errors)


def test_the_rule_its_value_and_the_alert_are_the_same(pair: Pair) -> None:
    labels = {"alertname": "HighErrorRate", "service": "orders"}
    one, other = (world.metrics.rule("HighErrorRate", labels) for world in pair[:2])
    assert isinstance(one, Condition)
    assert one == other
    assert pair.live.metrics.measure(one) == pair.again.metrics.measure(one)
    values = [world.metrics.of(one, pair.now - 2 * MINUTE, pair.now) for world in pair[:2]]
    assert [value.points for value in values if isinstance(value, series.Series)] in ([values[0].points] * 2,)  # type: ignore[union-attr]


def test_lines_and_errors_are_the_same(pair: Pair) -> None:
    one, other = (world.logs.lines("orders", pair.now - MINUTE, pair.now, limit=9999) for world in pair[:2])
    assert isinstance(one, logs.Lines)
    assert one == other
    found = [world.logs.errors("orders", pair.now - MINUTE, pair.now) for world in pair[:2]]
    assert list(map(_told, found[0])) == list(map(_told, found[1]))  # type: ignore[arg-type]


def _told(error: ErrorLog) -> tuple[object, ...]:
    frames = [(frame.path.strip("<>"), frame.line, frame.function, frame.code) for frame in error.frames]
    return error.at, error.version, error.route, error.trace_id, error.exception, error.message, frames


def test_traces_are_the_same_but_for_what_had_not_ended(pair: Pair) -> None:
    end = pair.now - timedelta(seconds=1)
    for ask in ("failing", "whole"):
        one, other = (getattr(world.traces, ask)("orders", pair.now - MINUTE, end, 500) for world in pair[:2])
        # Of two that began at the same time either may come first.
        assert sorted(one, key=_id) == sorted(other, key=_id) != []


def _id(trace: tuple[Span, ...]) -> str:
    return trace[0].trace_id


def test_changes_and_versions_are_the_same(pair: Pair) -> None:
    asked = pair.now - 60 * MINUTE, pair.now
    assert pair.live.changes.within(*asked) == pair.again.changes.within(*asked) != ()
    assert pair.live.platform.history("orders", asked[0]) == pair.again.platform.history("orders", asked[0])
    assert pair.live.platform.read("orders").versions == pair.again.platform.read("orders").versions


def test_recorded_requests_are_the_same(pair: Pair) -> None:
    one, other = (world.captures.recorded("orders", "failed", pair.now - MINUTE, pair.now) for world in pair[:2])
    assert one == other != ()
    assert isinstance(pair.again.captures.recorded("stock", "ok", pair.now - MINUTE, pair.now), Missing)


def test_values_of_settings_and_secrets_in_the_alert_are_not_written(tmp_path: Path) -> None:
    clock = ManualClock()
    live = configured(clock)
    state = live.stage.state
    orders = state.services["orders"]
    change = orders.history[0].model_copy(update={"key": "DSN", "old": "one-old-value", "new": "one-new-value"})
    changed = orders.model_copy(update={"history": (change,)})
    live.stage.state = state.model_copy(update={"services": {**state.services, "orders": changed}})
    content = json.loads(alert(clock)) | {"annotations": {"text": "token=ghp_" + "a1B2" * 9}}
    record.recorded(live, json.dumps(content).encode(), tmp_path / "out", MINUTE / 6)
    whole = "".join(path.read_text() for path in (tmp_path / "out").rglob("*") if path.is_file())
    assert "hidden:" in whole
    assert "one-old-value" not in whole
    assert "one-new-value" not in whole
    assert "a1B2a1B2" not in whole


def test_a_port_that_does_not_answer_is_said_and_stays_missing(tmp_path: Path) -> None:
    clock = ManualClock()
    live = incident_world(clock, rate=4.0)
    live.logs = Unset(ports.Logs, "the port logs is not set", Refused)
    clock.advance(10)
    told = record.recorded(live, alert(clock), tmp_path / "out", MINUTE / 6)
    assert "log of orders: the port logs is not set" in told
    again = recorded.connect(recorded.address(tmp_path / "out"))
    assert isinstance(again.logs.lines("orders", clock.now() - MINUTE, clock.now()), Missing)


def test_a_folder_that_is_there_already_is_refused(tmp_path: Path) -> None:
    clock = ManualClock()
    with pytest.raises(BadInput, match="does not exist yet"):
        record.recorded(incident_world(clock), alert(clock), tmp_path, MINUTE)
