"""Workload: a service as the platform runs it, and the closed set of changes that can be made to it.

Each service has one *routing object*: it says which versions get which share of the requests, and carries what we
wrote there (`Effect`).  Of a user's objects it is the only one that is ever written, and each write is conditional
on the revision that was read.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from incident.evidence import Missing
from incident.value import Value


class Version(Value):
    """One running version of a service."""

    name: str
    commit: str
    weight: int = Field(ge=0, le=100)
    """Share of the service's requests in percent; the weights of a service add up to 100."""
    ready: bool
    config: dict[str, str] = {}
    started_at: AwareDatetime


class Before(Value):
    """State of a service before we touched it."""

    weights: dict[str, int]
    config: dict[str, dict[str, str | None]] = {}
    """Per version; None for a key that was not set."""
    canary: str = ""
    """The version that we added, to be removed on undo; empty when none was."""


class Effect(Value):
    """Our mark at a routing object: the last effect, whose it is, and what to go back to.

    Where and how it stands there is the adapter's own.
    """

    key: str = ""
    """Key of the last effect that changed the service; a resumed incident finds its own work by it."""
    token: int = Field(default=0, ge=0)
    """Largest fencing token that took the service; 0 when none did."""
    grant: str = ""
    """Name of the grant that raised the token: the same number from another grant is not ours."""
    incident: str = ""
    """Id of the incident that acts; whatever a change makes anew is labelled with it."""
    before: Before | None = None
    """State to go back to, so that undo needs neither ledger nor model; None when nothing of ours is in flight."""


class Workload(Value):
    """A service, its versions, and what stands at its routing object about us."""

    service: str
    revision: str
    """Opaque; another one after every change.  A write names the revision that it was computed from."""
    versions: tuple[Version, ...]
    effect: Effect | Missing = Effect()
    """Missing when something stands there in our place that is not of our writing: nobody acts upon that."""

    @model_validator(mode="before")
    @classmethod
    def _of_before(cls, given: Any) -> Any:
        return _recorded(given) if isinstance(given, Mapping) and _is_old(given) else given

    def version(self, name: str) -> Version | None:
        """The version of this name, or None."""
        return next((version for version in self.versions if version.name == name), None)

    @property
    def serving(self) -> Version | None:
        """The version with the largest share, or None when nothing is routed."""
        return max(self.versions, key=lambda version: version.weight, default=None)


def _is_old(given: Mapping[str, Any]) -> bool:
    return isinstance(given.get("revision"), int) and isinstance(given.get("annotations", {}), Mapping)


def _recorded(given: Mapping[str, Any]) -> dict[str, Any]:
    """A workload as records held it until revisions became opaque: with a number, and annotations of any kind."""
    marks = {str(name).removeprefix("suture.dev/"): value for name, value in given.get("annotations", {}).items()}
    found = {name: value for name, value in given.items() if name != "annotations"}
    return {**found, "revision": str(given["revision"]), "effect": _effect(marks)}


def _effect(marks: Mapping[str, Any]) -> Effect | Missing:
    try:
        return Effect(
            key=marks.get("effect", ""),
            token=int(marks.get("token", "0")),
            grant=marks.get("grant", ""),
            before=Before.model_validate_json(marks["before"]) if marks.get("before") else None,
        )
    except (TypeError, ValueError):
        return Missing(reason="a mark that is not of our writing")


class Settled(Value):
    """Progress of a change that was made: nothing is promised while it is pending."""

    state: Literal["in force", "pending", "failed"]
    reason: str = ""
    """Of a change that failed; it will never be in force."""


SourceKind = Literal["commit", "overlay", "revision"]
"""Kinds of sources that a new version may come from."""

CountedBy = Literal["router", "workload"]
"""Counter of the requests: what routes them, or the very processes that are judged by the counts."""


class Owner(Value):
    """Somebody else who writes a service's objects: a delivery from Git, a controller of rollouts, an autoscaler."""

    kind: Literal["gitops", "rollout", "autoscaler"]
    name: str


class Able(Value):
    """Powers of the platform over one service."""

    shares: tuple[int, ...] | Literal["any"]
    """Shares of the requests, in percent, that a new version can get, ascending."""
    counted_by: CountedBy
    sources: tuple[SourceKind, ...]
    """Kinds of sources that a new version can come from."""
    owners: tuple[Owner, ...] = ()
    why_not: str = ""
    """Reason that nothing can be changed at all; empty when it can."""


class Alias(Value):
    """Other name of a service, under which telemetry speaks of it."""

    service: str
    kind: Literal["workload", "pod", "target"]
    """A workload that runs the service or a Service before it, one of its pods, or an address that is scraped."""
    name: str
    """The name as it stands in labels; of a target the address, as ``host:port``."""
    namespace: str = ""
    """Namespace of the workload or pod; empty where there are none."""


class Commit(Value):
    """Source of a new version: the tree of a commit."""

    commit: str


class Overlay(Value):
    """Source of a new version: what runs, with the texts of some files laid over it."""

    files: dict[str, str]
    """Text of each file by its path in the repository, never empty."""
    commit: str
    """Commit whose tree holds these texts; the version says that it runs it."""


class Revision(Value):
    """Source of a new version: an older revision of the service, as the platform has kept it."""

    revision: str
    """Name of the version that it was."""


class Deploy(Value):
    """Start a version beside the others, at weight 0.

    Its record is flat: the fields of the source stand beside the others.
    """

    kind: Literal["deploy"] = "deploy"
    version: str
    source: Commit | Overlay | Revision
    config_from: str
    """The version whose configuration is copied, and over whose code an overlay lies; a revision brings its own."""

    @model_validator(mode="before")
    @classmethod
    def _nested(cls, given: Any) -> Any:
        if not isinstance(given, Mapping) or "source" in given:
            return given
        own = {name: value for name, value in given.items() if name in cls.model_fields}
        return {**own, "source": {name: value for name, value in given.items() if name not in own}}

    @model_serializer(mode="wrap")
    def _flat(self, encoded: SerializerFunctionWrapHandler) -> dict[str, Any]:
        said = encoded(self)
        return {**{name: value for name, value in said.items() if name != "source"}, **said["source"]}


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
    """Set or unset one configuration value of a version and restart it with that."""

    kind: Literal["configure"] = "configure"
    version: str
    key: str
    value: str | None
    """None: the key is not set any more."""


class Annotate(Value):
    """Change nothing but the effect that travels with the call."""

    kind: Literal["annotate"] = "annotate"


WorkloadChange = Annotated[
    Deploy | SetWeights | Remove | Restart | Configure | Annotate,
    Field(discriminator="kind"),
]


class Routed(Value):
    """Requests that really went to one version since it was added: cumulative counts."""

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
    counted_by: CountedBy = "router"
    versions: tuple[Routed, ...]

    def of(self, version: str) -> Routed | None:
        """The counts of one version, or None when it is unknown to the router."""
        return next((item for item in self.versions if item.version == version), None)
