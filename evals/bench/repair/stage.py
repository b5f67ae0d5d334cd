"""The world of one planted bug: a real git repository and real captures, with scripted traffic around them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from evals.bench.repair import layout, observations
from evals.bench.repair.planted import Bug, Traffic
from incident.alert import Alert, Payload, fingerprint_of
from incident.capture import Capture
from incident.evidence import Gap
from incident.stacks import Frame
from incident.workload import Alias, Version, Workload
from tools import ports
from tools.git.repository import GitRepository
from tools.scripted import change
from tools.scripted.metrics import NAME, ScriptedMetrics
from tools.scripted.platform import ScriptedPlatform
from tools.scripted.stage import Stage
from tools.scripted.state import Behaviour, Raised, Service, State, Story
from tools.scripted.surroundings import ScriptedChanges, ScriptedPlaces
from tools.scripted.telemetry import ScriptedLogs, ScriptedTraces

RATE = 40.0
"""Requests a second; the failing kind is SICK of them."""
SICK = 0.15
AWAKE = timedelta(seconds=40)
"""Time that the failing kind has been coming when the alert is taken up."""
AGE = timedelta(minutes=20)


class Recorded:
    """`ports.Captures` over what the recorder kept, which the passing of time does not change."""

    def __init__(self, captures: Sequence[Capture]) -> None:
        self._captures = tuple(captures)

    def recorded(
        self,
        service: str,
        outcome: Literal["failed", "ok"],
        start: datetime,
        end: datetime,
        version: str | None = None,
        limit: int = 200,
    ) -> tuple[Capture, ...]:
        """The newest `limit` requests of one outcome, oldest first."""
        found = [
            capture
            for capture in self._captures
            if (capture.service, capture.outcome) == (service, outcome)
            and start <= capture.at <= end
            and version in (None, capture.version)
        ]
        return tuple(found[-limit:]) if limit > 0 else ()


class BugWorld:
    """One service with a planted bug, and a storefront that calls it."""

    name = "a service of the repair bench (its traffic is scripted; its source, captures and sandbox are real)"

    def __init__(self, folder: Path, bug: Bug, traffic: Traffic, runtime: ports.Runtime, clock: ports.Clock) -> None:
        """Lay the service out below `folder`, drive it, and set the stage.  Raises LookupError, Unavailable."""
        self.clock = clock
        tree = folder / "repository"
        self.commit = layout.lay_out(tree, bug.service, bug)
        now = clock.now()
        wakes = now - AWAKE
        self.seen = observations.witness(tree, runtime, bug, traffic, wakes)
        stage = Stage(_state(bug, self.commit, self.seen, now - AGE, wakes), clock)
        self.platform: ports.Platform = ScriptedPlatform(stage, runtime)
        self.metrics: ports.Metrics = ScriptedMetrics(stage)
        self.logs: ports.Logs = ScriptedLogs(stage)
        self.traces: ports.Traces = ScriptedTraces(stage)
        self.captures: ports.Captures = Recorded(self.seen.captures)
        self.changes: ports.Changes = ScriptedChanges(stage)
        self.places: ports.Places = ScriptedPlaces(stage)
        self.repository: ports.Repository = GitRepository(tree)
        labels = {"alertname": NAME, "service": bug.service}
        started = wakes + timedelta(seconds=10)
        alert = Alert(status="firing", labels=labels, starts_at=started, fingerprint=fingerprint_of(labels))
        self.payload = Payload(alerts=(alert,))

    def aliases(self) -> tuple[Alias, ...]:
        """None: nothing here runs under another name."""
        return ()

    def gaps(self) -> tuple[Gap, ...]:
        """Nothing: everything in it can be read."""
        return ()

    def renew(self, seconds: float) -> None:
        """Nothing: it lives as long as the attempt."""


def _state(bug: Bug, commit: str, seen: observations.Seen, began: datetime, wakes: datetime) -> State:
    failure = Raised(exception=seen.failure.type, message=seen.failure.message, frames=shown(seen, bug.service))
    state = State(
        world=f"repair-{bug.name}",
        started_at=began,
        services={},
        wakes_at=wakes,
        behaviours={commit: Behaviour(sick=SICK)},
        stories={bug.service: Story(route=seen.route, sick=failure)},
    )
    front = _service(state, "storefront", "f" * 40, began, calls=(bug.service,), relays={bug.service: 1.0})
    return state.model_copy(
        update={"services": {bug.service: _service(state, bug.service, commit, began), "storefront": front}}
    )


def shown(seen: observations.Seen, service: str) -> tuple[Frame, ...]:
    """The frames down to the innermost one of the service: by that one an error is told apart."""
    own = [at for at, frame in enumerate(seen.failure.frames) if frame.path.startswith(f"services/{service}/")]
    return seen.failure.frames[: own[-1] + 1] if own else seen.failure.frames


def _service(
    state: State,
    name: str,
    commit: str,
    began: datetime,
    calls: tuple[str, ...] = (),
    relays: dict[str, float] | None = None,
) -> Service:
    running = Version(name=observations.VERSION, commit=commit, weight=100, ready=True, config={}, started_at=began)
    workload = Workload(service=name, revision="r1", versions=(running,))
    return Service(
        workload=workload,
        rate=RATE,
        splits=(change.split_of(state, workload, began),),
        added={observations.VERSION: began},
        calls=calls,
        relays=relays or {},
    )
