"""One look at a canary, and the memory between looks.

An outcome (one `Look`) and the memory (`CanaryMemory`) are two types: `policies.rollout.canary.judge`
folds one into the other and returns a new memory inside its decision.
"""

from typing import Literal

from pydantic import AwareDatetime, Field

from incident.evidence import Missing
from incident.value import Value
from incident.workload import CountedBy

STAGES: tuple[int, ...] = (10, 50, 100)
"""Percent of the traffic on the canary, in order, where a platform can set every share."""


class Arm(Value):
    """Counts of one version since the canary was added: cumulative, never decreasing."""

    version: str
    requests: int
    errors: int
    """All errors that the router counted."""
    signature: int
    """Errors with one of the incident's signatures, from the logs."""
    slow: int
    exposed: int | None = None
    """Requests of the kind that used to fail; None when the kind could not be told."""
    exposed_failed: int | None = None
    memory_bytes: float | None = None
    cpu_ms: float | None = None
    """Milliseconds of CPU for one request, lately; None when there were none to divide by."""


class Look(Value):
    """Both arms at one instant."""

    at: AwareDatetime
    weight: int
    """Percent of requests routed to the canary while these counts grew."""
    canary: Arm
    stable: Arm
    # Left out where a router counted, as in every record from before workloads could count.
    counted_by: CountedBy = Field(default="router", exclude_if=lambda counter: counter == "router")
    """Counter of the requests of both."""


class Blind(Value):
    """A look that could not be taken: an error of a provider, which is no failure of the canary."""

    at: AwareDatetime
    missing: Missing


class Difference(Value):
    """Recorded answers of the new version that are unlike all of the old one's, of one kind.  Written by the workload."""

    what: Literal["failed", "status", "shape", "missing", "value"]
    """`failed`: with 5xx or an exception; `shape`: something that no old answer has; `missing`: without something that
    all of them have; `value`: another value where all of them have the same."""
    of_failing_kind: bool
    """True for requests of the kind that used to fail; False for those that the old version answers well."""
    status: int
    names: tuple[str, ...] = ()
    """Paths of the answer, or the exception: normalised, cut, the most frequent of them.  Never a value."""
    seen: int
    """Answers of the new version that are so."""
    new: int
    """Answers of the new version among which they were seen."""
    old: int
    """Answers of the old version, none of which is so."""


class Answers(Value):
    """Recorded answers of both versions on the failing route, compared.  Written by the workload."""

    route: str
    new: int
    """Answers of the new version that were compared."""
    old: int
    """Answers of the old version that they were compared with."""
    differences: tuple[Difference, ...] = ()


class Baseline(Value):
    """Healthy figures of this service, from before the incident."""

    healthy_requests: int
    healthy_errors: int
    alert_threshold: float | None
    """Error rate (0..1) above which the alert fires; None when the condition is no error rate."""
    signature_rate: float
    """Share of the stable version's requests that failed with the incident's signatures (0..1)."""


class Product(Value):
    """The logarithm of one likelihood product, for one value of its parameter, rounded to 1e-9."""

    name: str
    log: float


class CanaryMemory(Value):
    """Evidence carried from look to look and across stages."""

    stage: int = 0
    """Index of the stage, among those of the plan."""
    stage_started: AwareDatetime
    deadline: AwareDatetime
    """Absolute time at which the stage ends in a roll back if nothing was decided."""
    last: Look | None = None
    first_in_stage: Look | None = None
    blind: int = 0
    """Looks in a row that could not be taken."""
    unsteady: int = 0
    """Good looks still to come, after one that could not be taken, before anything is widened."""
    products: tuple[Product, ...] = ()
    other_seen: tuple[int, int] = (0, 0)
    """Most errors of other kinds seen on (canary, stable): logs lag behind the router, so the difference may fall."""
    tally: tuple[int, int, int] = (0, 0, 0)
    """(errors of other kinds, slow answers, requests) of both versions since the first look."""
    memory_trend: tuple[tuple[float, float, float], ...] = ()
    """(seconds since stage start, canary bytes, stable bytes), at most 120 points."""
    cpu_trend: tuple[tuple[float, float, float], ...] = ()
    """The same for milliseconds of CPU per request."""
