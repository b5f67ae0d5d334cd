"""The facts that the tests start from: a sick service called orders, and everything known about it."""

from datetime import UTC, datetime, timedelta

from incident.decision import Reason
from incident.diagnosis import (
    Cause,
    CodeCause,
    ConfigCause,
    DependencyCause,
    DeployCause,
    Disproof,
    HangCause,
    Hypothesis,
)
from incident.evidence import (
    Change,
    Condition,
    Dossier,
    ErrorGroup,
    Evidence,
    Fact,
    FailingTrace,
    Measurement,
    Neighbours,
    Origin,
    Signals,
    Signature,
    Traits,
    Unready,
)
from incident.stacks import Frame
from incident.workload import Version, Workload
from policies.diagnosis.disproof import Checked

ONSET = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)
"""A Wednesday in working hours."""

PLACE = Signature(
    service="orders", route="POST /orders", exception="TypeError", path="orders/tiers.py", function="tier_of", line=12
)
CODE = CodeCause(path="orders/tiers.py", function="tier_of", line=12)
DEPLOY = DeployCause(version="v2", previous="v1")
CONFIG = ConfigCause(key="TIMEOUT_MS", old="500", new="5")
DEPENDENCY = DependencyCause(host="rates.example:443")
HANG = HangCause(version="v2")

PASSED = Checked(name="errors_elsewhere", outcome="passed", detail="90 of 100 errors")

CONDITION = Condition(
    name="HighErrorRate",
    service="orders",
    expression="rate",
    comparison=">",
    threshold=0.05,
    window_seconds=10.0,
    for_seconds=5.0,
)

AROUND = Neighbours(
    service="orders",
    callers=("storefront",),
    callees=("stock",),
    external=("rates.example:443",),
    dependents=("storefront", "edge"),
)


def at(seconds: float) -> datetime:
    """Seconds after the onset."""
    return ONSET + timedelta(seconds=seconds)


def signals(
    errors: int = 15, requests: int = 100, service: str = "orders", version: str | None = None, start: float = 0.0
) -> Signals:
    return Signals(
        service=service, version=version, start=at(start), end=at(start + 20), requests=requests, errors=errors
    )


def errors(
    count: int = 100, versions: tuple[str, ...] = ("v2",), first: float = 0.0, place: Signature = PLACE
) -> ErrorGroup:
    frame = Frame(path=place.path, line=place.line, function=place.function)
    return ErrorGroup(
        signature=place, count=count, first=at(first), last=at(20), versions=versions, message="", frames=(frame,)
    )


def deployed(seconds: float = -10.0, version: str = "v2", previous: str = "v1") -> Change:
    return Change(service="orders", at=at(seconds), what="deploy", version=version, previous=previous)


def configured(seconds: float = -5.0, old: str | None = "500", new: str = "5", version: str | None = "v2") -> Change:
    return Change(service="orders", at=at(seconds), what="config", version=version, key="TIMEOUT_MS", old=old, new=new)


def trace(
    deepest: str = "orders", path: tuple[str, ...] = ("edge", "storefront", "orders"), n: int = 0
) -> FailingTrace:
    return FailingTrace(trace_id=f"{deepest}{n}", path=path, deepest=deepest)


def unready(service: str = "orders", version: str = "v2", since: float = -3600.0) -> Unready:
    return Unready(service=service, version=version, started_at=at(since))


TRAITS = Traits(service="orders", route="POST /orders", traits=("body.customer:null",), failing=20, healthy=40)

ORIGINS: dict[str, Origin] = {
    "signals": Origin.MEASURED,
    "measurement": Origin.MEASURED,
    "condition": Origin.PLATFORM,
    "change": Origin.PLATFORM,
    "steering": Origin.HUMAN,
    "unready": Origin.PLATFORM,
}


def dossier(*facts: Fact) -> Dossier:
    """Evidence E1, E2, ... in the given order, each with the origin that its kind has."""
    return Dossier(
        service="orders",
        onset=ONSET,
        evidence=tuple(
            Evidence(id=f"E{n}", source="test", origin=ORIGINS.get(fact.kind, Origin.WORKLOAD), fact=fact)
            for n, fact in enumerate(facts, start=1)
        ),
    )


def hypothesis(
    cause: Cause = CODE,
    evidence: tuple[str, ...] = ("E1",),
    disproof: Disproof = Disproof.ERRORS_ELSEWHERE,
    service: str = "orders",
    claimed: float = 0.5,
) -> Hypothesis:
    return Hypothesis(
        service=service,
        cause=cause,
        evidence=evidence,
        disproof=disproof,
        explanation="it fails there",
        claimed_confidence=claimed,
    )


def workload(version: str = "v2", config: dict[str, str] | None = None) -> Workload:
    running = Version(
        name=version, commit="c" * 40, weight=100, ready=True, config=config or {"TIMEOUT_MS": "5"}, started_at=ONSET
    )
    return Workload(service="orders", revision="3", versions=(running,))


def measured(value: float = 0.0, samples: int = 500, seconds: float = 0.0, *, firing: bool = False) -> Measurement:
    return Measurement(value=value, samples=samples, at=at(seconds), firing=firing)


def codes(reason: Reason) -> set[str]:
    """The code of a reason, and of all reasons inside of it."""
    items = [item for value in reason.values.values() for item in (value if isinstance(value, tuple) else (value,))]
    return {reason.code}.union(*(codes(item) for item in items if isinstance(item, Reason)))
