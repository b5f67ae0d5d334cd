"""The whole simulated world as one value, which can be dumped as JSON and loaded by another process."""

from datetime import datetime, timedelta
from typing import Literal

from pydantic import AwareDatetime, Field, JsonValue

from incident.capture import Capture
from incident.evidence import Change
from incident.stacks import Frame
from incident.value import Value
from incident.workload import Able, Alias, Version, Workload

SLOW_MS = 1_000.0
"""Answers at or above this count as slow."""


EVERYTHING = Able(shares="any", counted_by="router", sources=("commit", "overlay", "revision"))
"""Powers of a platform that can set every share and start a version from anything."""


class Behaviour(Value):
    """A version's answers, as shares of its requests."""

    sick: float = Field(default=0.0, ge=0, le=1)
    """Share that fails with the bug, once it is awake."""
    other: float = Field(default=0.0, ge=0, le=1)
    """Share that fails otherwise, from the first request on."""
    slow: float = Field(default=0.0, ge=0, le=1)
    """Share that is slow."""
    starts: bool = True
    """False for a version that never becomes ready."""
    ready_after: float = Field(default=0.0, ge=0)
    """Seconds until a new process answers."""
    answer: JsonValue = None
    """Body of its good answers, as the recorder keeps them; None: as the service's story tells."""
    p50_ms: float = 4.0
    p99_ms: float = 18.0
    memory_bytes: float = 60e6
    leak_bytes_per_second: float = 0.0
    cpu_ms: float = 2.0
    """Milliseconds of CPU for one request of a fresh process."""
    cpu_ms_per_second: float = 0.0
    """CPU milliseconds that a request costs more for each second that the process has run."""


class Split(Value):
    """The division of a service's requests from a time on."""

    since: AwareDatetime
    weights: dict[str, int]
    behaviours: dict[str, Behaviour]
    """By version, as it was configured then."""


class Starting(Value):
    """A new process of a version."""

    effect: str
    """Key of the effect that started it."""
    first: bool
    """True when no older process of the version serves meanwhile."""
    until: AwareDatetime | None
    """Time at which it answers; None: never."""


class Service(Value):
    """One simulated service."""

    workload: Workload
    rate: float = Field(ge=0)
    """Requests a second."""
    splits: tuple[Split, ...]
    added: dict[str, AwareDatetime]
    """Time that each version was added; the router counts from then on."""
    history: tuple[Change, ...] = ()
    revisions: dict[str, Version] = {}
    """Versions that were removed, by name: older revisions that can be started again."""
    starting: dict[str, Starting] = {}
    """The newest process of each version that was started, by version."""
    prepared: tuple[str, ...] = ()
    """Versions that somebody began to make and that the workload does not name: nothing serves them."""
    able: Able = EVERYTHING
    calls: tuple[str, ...] = ()
    """Services and hosts that it calls."""
    relays: dict[str, float] = {}
    """Callees, and the share of their failures that this service's own callers see as its failures."""


class Raised(Value):
    """One kind of failure, as a log shows it."""

    exception: str
    message: str
    frames: tuple[Frame, ...]


class Story(Value):
    """Lines that a service writes: its failures, and a request of either kind as the recorder would keep it."""

    route: str
    sick: Raised | None = None
    other: Raised | None = None
    failing: Capture | None = None
    healthy: Capture | None = None


class State(Value):
    """The whole world."""

    world: str
    started_at: AwareDatetime
    services: dict[str, Service]
    wakes_at: AwareDatetime | None = None
    """Time that the bug wakes, because the traffic changes; None: never."""
    behaviours: dict[str, Behaviour] = {}
    """By commit, or by ``KEY=value`` of a configuration, which wins."""
    otherwise: Behaviour = Behaviour()
    """Of every other commit: the patch that somebody may write."""
    stories: dict[str, Story] = {}
    """By service; one without a story logs and records nothing."""
    aliases: tuple[Alias, ...] = ()
    """Other names under which telemetry speaks of the services."""
    scrape_seconds: float = Field(default=0.0, ge=0)
    """Time between two samples of the metrics and the router; 0: every question takes a sample of its own."""
    elsewhere: tuple[Change, ...] = ()
    """Changes of no single service: of nodes, certificates, flags, traffic."""
    kinds: dict[str, Literal["database", "queue"]] = {}
    """Kinds of hosts outside; one that is not here is a third party."""
    uncounted: tuple[str, ...] = ()
    """Services whose samples tell shares and no counts."""
    forced: tuple[str, ...] = ()
    """Services whose rule is reported as firing although its condition may not hold."""


def sampled(state: State, now: datetime) -> datetime:
    """Time of the newest sample."""
    if not state.scrape_seconds:
        return now
    return now - (now - state.started_at) % timedelta(seconds=state.scrape_seconds)


def behaviour(state: State, commit: str, config: dict[str, str]) -> Behaviour:
    """The behaviour of a version of this commit and configuration."""
    # Sorted, so that of two settings that say something the same one wins each time.
    for key, value in sorted(config.items()):
        found = state.behaviours.get(f"{key}={value}")
        if found is not None:
            return found
    return state.behaviours.get(commit, state.otherwise)
