"""A recording keeps what every adapter promises, as far as a folder can: it is written anew at each question."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from graph import record
from graph.setup.worlds import PORTS
from incident.errors import Refused
from incident.evidence import Missing, Neighbours
from tests.contract.bench import Build
from tests.contract.captures import CapturesContract
from tests.contract.logs import LogsContract, errors
from tests.contract.surroundings import ChangesContract, PlacesContract
from tests.contract.traces import TracesContract
from tools import ports, recorded
from tools.scripted import ScriptedWorld
from tools.scripted.clock import ManualClock
from tools.unset import Unset

BEFORE = timedelta(seconds=100)
KEPT = ("platform", "changes")
"""Ports that are recorded beside the one under test."""


class Rerecorded:
    """One port of a world, which is recorded as it is whenever the port is asked; other telemetry is left out for speed."""

    def __init__(self, simulated: ScriptedWorld, clock: ManualClock, folder: Path, port: str) -> None:
        self._clock, self._folder, self._port = clock, folder, port
        self._asked = 0
        self._simulated = ScriptedWorld(simulated.stage, simulated.dump().history, simulated.dump().runtime)
        for name in set(PORTS) - {*KEPT, port}:
            setattr(self._simulated, name, Unset(PORTS[name], "it is not recorded", Refused))

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def asked(*given: Any, **more: Any) -> Any:
            self._asked += 1
            out = self._folder / f"{self._port}-{self._asked}"
            alert = {"labels": {"alertname": "Odd", "service": "orders"}, "startsAt": self._clock.now().isoformat()}
            record.recorded(self._simulated, json.dumps(alert).encode(), out, BEFORE)
            port = getattr(recorded.connect(recorded.address(out)), self._port)
            return getattr(port, name)(*given, **more)

        return asked


class TestCaptures(CapturesContract):
    def make(self, simulated: ScriptedWorld, clock: ManualClock, folder: Path) -> ports.Captures:
        return cast("ports.Captures", Rerecorded(simulated, clock, folder, "captures"))


class TestLogs(LogsContract):
    def make(self, simulated: ScriptedWorld, clock: ManualClock, folder: Path) -> ports.Logs:
        return cast("ports.Logs", Rerecorded(simulated, clock, folder, "logs"))

    def test_an_error_names_the_place_in_the_repository(self, build: Build[ports.Logs]) -> None:
        """Without the repository in its folder an error has frames, and no place."""
        bench = build()
        bench.clock.advance(10)
        sick = [log for log in errors(bench, 10) if log.exception == "AttributeError"]
        assert {(log.signature, log.frames[-1].function) for log in sick} == {(None, "discount")}


class TestTraces(TracesContract):
    def make(self, simulated: ScriptedWorld, clock: ManualClock, folder: Path) -> ports.Traces:
        return cast("ports.Traces", Rerecorded(simulated, clock, folder, "traces"))

    def test_neighbours_are_callers_callees_hosts_outside_and_everything_above(
        self, build: Build[ports.Traces]
    ) -> None:
        """They are those that the recorded spans show."""
        bench = build()
        bench.clock.advance(10)
        assert bench.port.neighbours("orders") == Neighbours(
            service="orders", callers=("storefront",), callees=(), dependents=("storefront",)
        )
        assert isinstance(bench.port.neighbours("billing-api"), Missing)


class TestChanges(ChangesContract):
    def make(self, simulated: ScriptedWorld, clock: ManualClock, folder: Path) -> ports.Changes:
        return cast("ports.Changes", Rerecorded(simulated, clock, folder, "changes"))


class TestPlaces(PlacesContract):
    def make(self, simulated: ScriptedWorld, clock: ManualClock, folder: Path) -> ports.Places:
        return cast("ports.Places", Rerecorded(simulated, clock, folder, "places"))

    def test_a_service_has_pods_and_what_it_depends_on(self, build: Build[ports.Places]) -> None:
        """What it depends on is what the recorded spans show, and here there are none."""
        found = build().port.of("stock")
        assert not isinstance(found, Missing)
        assert [(pod.name, pod.version) for pod in found.pods] == [("stock-v1", "v1")]
