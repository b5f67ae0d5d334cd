"""Evidence: each observation with its source, and who could have written it.

Absence is a value of its own: :class:`Missing` says why nothing is there, and nothing downstream
may treat it as zero, as healthy or as a pass.
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from incident.past import Past
from incident.places import Placement
from incident.stacks import Chained, Frame
from incident.steering import Steering
from incident.suspicion import Suspicion
from incident.templates import TemplateChange
from incident.unplaced import UnplacedErrors
from incident.value import Value
from incident.windows import Windows


class Origin(StrEnum):
    """Author of a piece of evidence; the workload can lie, a counter at the router cannot."""

    MEASURED = "measured"
    PLATFORM = "platform"
    WORKLOAD = "workload"
    HUMAN = "human"


class Missing(Value):
    """Nothing is known, with the reason."""

    reason: str


class Signals(Value):
    """Golden signals of one service (or one version of it) over a window, from stored samples."""

    kind: Literal["signals"] = "signals"
    service: str
    version: str | None = None
    start: AwareDatetime
    end: AwareDatetime
    requests: int
    errors: int
    p50_ms: float | None = None
    p99_ms: float | None = None
    memory_bytes: float | None = None
    cpu_cores: float | None = None

    @property
    def error_rate(self) -> float:
        """Errors per request; 0.0 only when there were requests, so ask `requests` first."""
        return self.errors / self.requests if self.requests else 0.0


class Ratios(Value):
    """Golden signals of a service whose store tells shares and no counts.

    Evidence for people and models, and no more: what a share rests on is not known, so it opens no gate.
    """

    kind: Literal["ratios"] = "ratios"
    service: str
    version: str | None = None
    start: AwareDatetime
    end: AwareDatetime
    error_ratio: float = Field(ge=0, le=1)
    p50_ms: float | None = None
    p99_ms: float | None = None
    memory_bytes: float | None = None
    cpu_cores: float | None = None


class Signature(Value):
    """The route, the exception and the place where it was raised, which equal errors share."""

    service: str
    route: str
    exception: str
    path: str
    function: str
    line: int


class ErrorLog(Value):
    """One logged error with its stack trace, innermost frame last."""

    kind: Literal["error_log"] = "error_log"
    service: str
    version: str
    at: AwareDatetime
    route: str
    trace_id: str
    exception: str
    message: str
    frames: tuple[Frame, ...] = ()
    chain: tuple[Chained, ...] = ()
    """Exceptions behind it, the nearest first."""
    signature: Signature | None = None
    """None when no frame lies in the service's own repository."""


class ErrorGroup(Value):
    """Errors with one signature, counted."""

    kind: Literal["error_group"] = "error_group"
    signature: Signature
    count: int
    first: AwareDatetime
    last: AwareDatetime
    versions: tuple[str, ...]
    message: str
    frames: tuple[Frame, ...] = ()
    chain: tuple[Chained, ...] = ()
    """Exceptions behind it, the nearest first."""


class Traits(Value):
    """Traits of failing requests that healthy ones on the same route lack.

    A trait is ``"<where>:<type>"``, for example ``"body.customer.profile:null"``.
    """

    kind: Literal["traits"] = "traits"
    service: str
    route: str
    traits: tuple[str, ...]
    failing: int
    healthy: int
    shape: tuple[str, ...] = ()
    """Everything about the shape of one failing request, the newest."""


class Exposure(Value):
    """Recorded requests that one version answered in a window: those of the failing kind, and all others.

    Failures of another exception than the incident's are left out, and successes are sampled.
    """

    kind: Literal["exposure"] = "exposure"
    service: str
    version: str
    route: str
    traits: tuple[str, ...]
    """Traits of the failing kind; empty when nothing tells it from other requests of its route."""
    start: AwareDatetime
    end: AwareDatetime
    well: int
    failed: int
    others: int
    """Requests of other kinds that went well."""


PEERS = ("peer.service", "service.peer.name", "server.address", "net.peer.name")
"""Attributes that name whom a client span called, the surest first; the last is an old name."""


class Span(Value):
    """One span of a trace."""

    trace_id: str
    span_id: str
    parent_id: str | None = None
    service: str
    version: str = ""
    name: str
    kind: Literal["server", "client", "internal", "producer", "consumer"]
    start: AwareDatetime
    duration_ms: float
    status: Literal["ok", "error", "unset"] = "unset"
    """As the workload set it; most libraries leave what went well unset."""
    attributes: dict[str, str] = {}
    """By OpenTelemetry's names (https://opentelemetry.io/docs/specs/semconv/), values as text."""

    @property
    def error(self) -> bool:
        """True when the span says that it failed."""
        return self.status == "error"

    @property
    def peer(self) -> str | None:
        """Service or host that a client span called, by the first attribute that names one."""
        return next((self.attributes[name] for name in PEERS if self.attributes.get(name)), None)


class FailingTrace(Value):
    """One failing request followed through the services: the deepest span that failed names the suspect."""

    kind: Literal["failing_trace"] = "failing_trace"
    trace_id: str
    path: tuple[str, ...]
    """Services from the edge to the deepest failing one."""
    deepest: str


Undo = Literal["exact", "redeploy", "none"]
"""Way back from a change: its exact inverse, an earlier version that runs again, or none."""

WAY_BACK: dict[str, Undo] = {
    "config": "exact",
    "flag": "exact",
    "weights": "exact",
    "scale": "exact",
    "deploy": "redeploy",
}
"""Ways back by kind of change; there is none from what is not here."""


class Change(Value):
    """A recorded change, whoever made it: a deploy, a configuration value, a weight, a node."""

    kind: Literal["change"] = "change"
    service: str
    """Empty for a change of no single service: of a node, a certificate, the traffic."""
    at: AwareDatetime
    what: Literal[
        "deploy",
        "config",
        "weights",
        "remove",
        "restart",
        "scale",
        "flag",
        "migration",
        "certificate",
        "node",
        "traffic",
    ]
    version: str | None = None
    previous: str | None = None
    """Version that served before a deploy."""
    commit: str | None = None
    previous_commit: str | None = None
    key: str | None = None
    old: str | None = None
    """None: the key was not set."""
    new: str | None = None
    """None: it is not set any more."""
    actor: str = ""
    # Left out of the encoding where they are empty, as in every record from before the fields were there.
    target: str = Field(default="", exclude_if=lambda target: not target)
    """Name of what was changed where that is no service: a node, a table, a certificate."""
    commits: tuple[str, ...] = Field(default=(), exclude_if=lambda commits: not commits)
    """Of a deploy: the commits that it brought, newest first, each as id and subject.  Written by people."""
    patch: str = Field(default="", exclude_if=lambda patch: not patch)
    """Of a deploy: the difference that it brought to the service's source, cut.  Written by people."""

    @property
    def undo(self) -> Undo:
        """The way back from it."""
        return WAY_BACK.get(self.what, "none")


class Unready(Value):
    """A version that should get requests, that the platform finds not ready for them, and that nobody saw answer of late."""

    kind: Literal["unready"] = "unready"
    service: str
    version: str
    started_at: AwareDatetime


class Neighbours(Value):
    """Callers and callees of a service, from observed spans.  `external` are hosts outside the platform."""

    kind: Literal["neighbours"] = "neighbours"
    service: str
    callers: tuple[str, ...]
    callees: tuple[str, ...]
    external: tuple[str, ...] = ()
    dependents: tuple[str, ...] = ()
    """Everything that reaches the service, directly or not."""


class Condition(Value):
    """The alert's own condition as the world serves it: this expression compared with this threshold."""

    kind: Literal["condition"] = "condition"
    name: str
    service: str
    expression: str
    """PromQL as text, for people; the world evaluates it."""
    comparison: Literal[">", ">=", "<", "<="]
    threshold: float
    window_seconds: float
    for_seconds: float
    # Left out of the encoding where it is what every rule had before the field was there.
    step_seconds: float = Field(default=1.0, gt=0, exclude_if=lambda step: step == 1.0)
    """Time between two samples that the expression rests on."""
    labels: dict[str, str] = {}

    @property
    def windows(self) -> Windows:
        """Stretches of time to look at, as they follow from this rule."""
        return Windows(
            window_seconds=self.window_seconds,
            for_seconds=self.for_seconds,
            step_seconds=self.step_seconds,
        )

    def breached(self, value: float) -> bool:
        """True when the value satisfies the alert's condition, which means trouble."""
        match self.comparison:
            case ">":
                return value > self.threshold
            case ">=":
                return value >= self.threshold
            case "<":
                return value < self.threshold
            case "<=":
                return value <= self.threshold


class Measurement(Value):
    """A condition's value now, with the number of requests it rests on."""

    kind: Literal["measurement"] = "measurement"
    value: float
    samples: int
    at: AwareDatetime
    firing: bool
    """True when the world itself still reports the alert as firing."""


Fact = Annotated[
    Signals
    | Ratios
    | ErrorLog
    | ErrorGroup
    | UnplacedErrors
    | TemplateChange
    | Traits
    | Exposure
    | FailingTrace
    | Change
    | Unready
    | Placement
    | Neighbours
    | Condition
    | Measurement
    | Past
    | Suspicion
    | Steering,
    Field(discriminator="kind"),
]


class Evidence(Value):
    """One fact with an id that hypotheses cite (E1, E2, ...), its source and its origin."""

    id: str
    source: str
    origin: Origin
    fact: Fact


class Gap(Value):
    """Evidence that was sought and is not there."""

    source: str
    sought: str
    reason: str


class Search(Value):
    """One question for the recorded changes of a service over a window, and whether it was answered."""

    service: str
    start: AwareDatetime
    end: AwareDatetime
    found: int = 0
    """Changes that came back."""
    failure: str = ""
    """Reason that there is no answer; empty when there is one, and only then zero changes mean that none was made."""


class Dossier(Value):
    """Everything gathered for one incident before a model is asked."""

    service: str
    onset: AwareDatetime
    """Estimated time of the first bad request, never later than the alert's start."""
    latest: AwareDatetime | None = None
    """Latest time that the onset may have: the alert's start where no step in the errors shows it; None: not told."""
    evidence: tuple[Evidence, ...]
    gaps: tuple[Gap, ...] = ()
    searches: tuple[Search, ...] = ()
    """Questions for changes: of the service, its callees, and whatever the failing requests touch."""
    # Left out of the encoding where they are those of every dossier from before the field was there.
    windows: Windows = Field(default=Windows(), exclude_if=lambda windows: windows == Windows())
    """Stretches of time that were looked at, as they follow from the alert's rule."""

    def of(self, kind: str) -> tuple[Evidence, ...]:
        """The evidence whose fact is of this kind."""
        return tuple(item for item in self.evidence if item.fact.kind == kind)

    def about(self, *kinds: str) -> "Dossier":
        """The dossier with the evidence of these kinds only, under the ids that it has."""
        return self.model_copy(update={"evidence": tuple(item for item in self.evidence if item.fact.kind in kinds)})
