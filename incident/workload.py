"""Workload: a service as the platform runs it, and the closed set of changes that can be made to it.

The shape is Kubernetes': a resource with a revision and annotations, changed conditionally on the
revision that was read.  The embedded world offers the same shape over local processes.
"""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from incident.value import Value

EFFECT_ANNOTATION = "suture.dev/effect"
"""Key of the last effect that changed the resource; how a resumed incident finds its own work."""

TOKEN_ANNOTATION = "suture.dev/token"  # noqa: S105 (a fencing token, no secret)
"""Largest fencing token that claimed the resource, as a decimal number."""

GRANT_ANNOTATION = "suture.dev/grant"
"""Name of the grant that raised the token: the same number from another grant is not ours."""

BEFORE_ANNOTATION = "suture.dev/before"
"""The state to go back to (canonical JSON of `Before`), so that undo needs neither ledger nor model."""


class Version(Value):
    """One running version of a service."""

    name: str
    commit: str
    weight: int = Field(ge=0, le=100)
    """Share of the service's requests in percent; the weights of a service add up to 100."""
    ready: bool
    config: dict[str, str] = {}
    started_at: AwareDatetime


class Workload(Value):
    """A service, its versions, and what is written on it."""

    service: str
    revision: int
    """Grows with every change; a write names the revision it was computed from."""
    versions: tuple[Version, ...]
    annotations: dict[str, str] = {}

    def version(self, name: str) -> Version | None:
        """The version of this name, or None."""
        return next((version for version in self.versions if version.name == name), None)

    @property
    def serving(self) -> Version | None:
        """The version with the largest share, or None when nothing is routed."""
        return max(self.versions, key=lambda version: version.weight, default=None)


class Before(Value):
    """State of a service before we touched it."""

    weights: dict[str, int]
    config: dict[str, dict[str, str]] = {}
    """Per version."""
    canary: str = ""
    """The version that we added, to be removed on undo; empty when none was."""


class Alias(Value):
    """Other name of a service, under which telemetry speaks of it."""

    service: str
    kind: Literal["workload", "pod", "target"]
    """A workload that runs the service or a Service before it, one of its pods, or an address that is scraped."""
    name: str
    """The name as it stands in labels; of a target the address, as ``host:port``."""
    namespace: str = ""
    """Namespace of the workload or pod; empty where there are none."""


class Deploy(Value):
    """Start a version from a commit beside the others, at weight 0, with the given configuration."""

    kind: Literal["deploy"] = "deploy"
    version: str
    commit: str
    config_from: str
    """The version whose configuration is copied."""


class SetWeights(Value):
    """Split the traffic; versions that are not named get 0 and the values add up to 100."""

    kind: Literal["weights"] = "weights"
    weights: dict[str, int]


class Remove(Value):
    """Stop a version that has weight 0."""

    kind: Literal["remove"] = "remove"
    version: str


class Restart(Value):
    """Replace a version's process by a fresh one of the same commit and configuration."""

    kind: Literal["restart"] = "restart"
    version: str


class Configure(Value):
    """Set one configuration value of a version and restart it with that."""

    kind: Literal["configure"] = "configure"
    version: str
    key: str
    value: str


class Annotate(Value):
    """Change nothing but the annotations that travel with the call."""

    kind: Literal["annotate"] = "annotate"


WorkloadChange = Annotated[
    Deploy | SetWeights | Remove | Restart | Configure | Annotate,
    Field(discriminator="kind"),
]


class Routed(Value):
    """Requests that the router really sent to one version since it was added: cumulative counts."""

    version: str
    requests: int
    errors: int
    """Answers of 500 and above, and requests that got no answer."""
    slow: int
    """Requests at or above the router's limit for slow answers, errors included."""


class Routing(Value):
    """The routed counts of all versions of one service, read at one instant."""

    service: str
    at: AwareDatetime
    slow_ms: float
    versions: tuple[Routed, ...]

    def of(self, version: str) -> Routed | None:
        """The counts of one version, or None when it is unknown to the router."""
        return next((item for item in self.versions if item.version == version), None)
