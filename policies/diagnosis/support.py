"""Evidence that supports a hypothesis, found by code from the facts, whatever the model cited."""

from typing import TypeGuard, assert_never

from incident.diagnosis import (
    CodeCause,
    ConfigCause,
    DependencyCause,
    DeployCause,
    HangCause,
    Hypothesis,
    ResourceCause,
    UnknownCause,
)
from incident.evidence import (
    Change,
    Condition,
    Dossier,
    ErrorGroup,
    ErrorLog,
    Evidence,
    Exposure,
    Fact,
    FailingTrace,
    Measurement,
    Neighbours,
    Ratios,
    Signals,
    Traits,
    Unready,
)
from incident.past import Past
from incident.places import Placement
from incident.steering import Steering
from incident.suspicion import Suspicion
from incident.templates import TemplateChange
from incident.unplaced import UnplacedErrors


def supporting(hypothesis: Hypothesis, dossier: Dossier) -> tuple[Evidence, ...]:
    """Return the evidence that supports the hypothesis, cited or not, in the dossier's order."""
    changes = {item.id: item.fact for item in dossier.of("change")}
    return tuple(
        item
        for item in dossier.evidence
        # A suspicion of a change supports what the change itself supports.
        if supports(hypothesis, changes.get(item.fact.change, item.fact) if _accuses(item.fact) else item.fact)
    )


def _accuses(fact: Fact) -> TypeGuard[Suspicion]:
    """True for the conviction of a change."""
    return isinstance(fact, Suspicion) and fact.standing == "convicted" and bool(fact.change)


def supports(hypothesis: Hypothesis, fact: Fact) -> bool:
    """True when one fact supports the hypothesis: it is about its service and of a kind that bears on its cause."""
    match hypothesis.cause:
        case CodeCause() as cause:
            said = _code(hypothesis.service, cause, fact)
        case DeployCause() as cause:
            said = _deploy(hypothesis.service, cause, fact)
        case ConfigCause() as cause:
            said = _config(hypothesis.service, cause, fact)
        case DependencyCause(host=host):
            said = _dependency(hypothesis.service, host, fact)
        case ResourceCause(resource=resource):
            said = _resource(hypothesis.service, resource, fact)
        case HangCause(version=version):
            said = _hang(hypothesis.service, version, fact)
        case UnknownCause():
            said = False
        case _:
            assert_never(hypothesis.cause)
    return said


def _code(service: str, cause: CodeCause, fact: Fact) -> bool:
    if isinstance(fact, ErrorGroup | ErrorLog):
        return blames(fact, cause.path, cause.function)
    if isinstance(fact, Traits):
        return fact.service == service and bool(fact.traits)
    return _suffers(service, fact)


def _deploy(service: str, cause: DeployCause, fact: Fact) -> bool:
    if isinstance(fact, Change):
        return fact.service == service and fact.what == "deploy" and fact.version == cause.version
    if isinstance(fact, ErrorGroup):
        return fact.signature.service == service and fact.versions == (cause.version,)
    # A healthy other version is evidence against this one, as its own errors are.
    if isinstance(fact, Signals) and fact.version is not None:
        return fact.service == service and (fact.errors > 0) == (fact.version == cause.version)
    return _suffers(service, fact)


def _config(service: str, cause: ConfigCause, fact: Fact) -> bool:
    if isinstance(fact, Change):
        return (
            fact.service == service and fact.what == "config" and (fact.key, fact.new or "") == (cause.key, cause.new)
        )
    return _suffers(service, fact)


def _dependency(service: str, host: str, fact: Fact) -> bool:
    if isinstance(fact, Neighbours):
        return fact.service == service and host in (*fact.external, *fact.callees)
    if isinstance(fact, FailingTrace):
        return fact.deepest == host
    return isinstance(fact, Signals) and fact.service == host and fact.errors > 0


def _resource(service: str, resource: str, fact: Fact) -> bool:
    """True when a fact supports a shortage of a resource."""
    # Errors alone say nothing of a resource; a reading of it beside them does.
    read = {"memory": "memory_bytes", "cpu": "cpu_cores"}.get(resource)
    if isinstance(fact, Signals):
        return fact.service == service and read is not None and getattr(fact, read) is not None
    return _suffers(service, fact)


def _hang(service: str, version: str, fact: Fact) -> bool:
    """True when a fact supports that a version answers nobody: it is not ready, or is not heard, or requests fail."""
    if isinstance(fact, Unready):
        return (fact.service, fact.version) == (service, version)
    if isinstance(fact, Suspicion):
        return fact.name == service and fact.standing == "convicted" and "silence" in fact.mechanisms
    # It is heard no more, so those who call it tell.
    return (isinstance(fact, Signals) and fact.errors > 0) or _suffers(service, fact)


def _suffers(service: str, fact: Fact) -> bool:
    """True when a fact shows that this very service fails, whatever the reason."""
    match fact:
        case Signals():
            return fact.service == service and fact.errors > 0
        case FailingTrace():
            return fact.deepest == service
        case ErrorGroup():
            return fact.signature.service == service
        case ErrorLog():
            return fact.service == service
        # A share without counts supports nothing: it may be one request of two.
        case Ratios() | Placement() | Traits() | Exposure() | Change() | Neighbours() | Condition() | Measurement():
            return False
        # What names no place in the source blames none, lines of a log are the workload's word alone, and what happened
        # before is no sight of what happens now.
        # A ranked service or place names no cause; of a change that is convicted `supporting` asks the change.
        # What a person says of it opens nothing: whoever points at the innocent may be wrong.
        case UnplacedErrors() | TemplateChange() | Past() | Suspicion() | Unready() | Steering():
            return False
        case _:
            assert_never(fact)


def blames(fact: ErrorGroup | ErrorLog, path: str, function: str) -> bool:
    """True when a stack trace goes through this function of this file.

    Python names a method by its last part in a traceback, so `Cart.total` is found as `total`.
    """
    names = {function, function.rsplit(".", 1)[-1]}
    places = {(frame.path, frame.function) for frame in fact.frames}
    if fact.signature is not None:
        places.add((fact.signature.path, fact.signature.function))
    return any((path, name) in places for name in names)
