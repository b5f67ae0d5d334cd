"""The state that travels through the graph, and the only way a node may change it.

LangGraph drops unknown keys of an update silently and checks types late or never, so nodes return
what :func:`changes` gives them, which refuses both at once.
"""

import functools
from typing import Any, Literal

from pydantic import AwareDatetime, TypeAdapter

from graph.reports.vocabulary import sentence
from incident.alert import Alert, Payload
from incident.control import Approval
from incident.decision import Factor, Reason, Verdict
from incident.diagnosis import Diagnosis, Disproof, Hypothesis
from incident.ending import Ending, Outcome
from incident.evidence import Condition, Dossier, Measurement, Missing, Neighbours, Origin
from incident.phase import Phase
from incident.proof import Proof, Refusal, Reproduction, Review
from incident.remedy import Patch, Remedy, RemedyKind
from incident.rollout import Baseline, CanaryMemory
from incident.value import Value
from policies.rollout import canary, verify
from tools.ports import Lease
from tools.secrets import redaction


class Case(Value):
    """What the incident is about; settled by intake and correlate."""

    incident: str
    world: str
    payload: Payload
    alert: Alert
    service: str
    """The suspected root: first the alert's own service, then what correlation or diagnosis says."""
    members: tuple[str, ...] = ()
    """All services whose alerts belong to this incident."""
    condition: Condition | None = None
    """What tells whether it is over: the alert's own condition, or the rule's that a person named; None: nothing does."""
    unserved: str = ""
    """Why the world serves no condition for the alert; empty when it does."""
    verify_by: str = ""
    """The rule that a person named in the place of the alert's own."""


class Inquiry(Value):
    """What is known and believed."""

    rounds: int = 0
    """How often an investigation was started; bounded."""
    neighbours: Neighbours | None = None
    dossier: Dossier | None = None
    diagnosis: Diagnosis | None = None
    hypothesis: Hypothesis | None = None
    """The leading hypothesis that survived its checks."""
    hypothesis_index: int = 0


class Plan(Value):
    """One way to mend it, with everything the gates ask for."""

    kind: RemedyKind
    base: str
    """Commit that runs now; proof and approval are bound to it."""
    stable: str
    """Version that runs now."""
    reproduction: Reproduction | None = None
    attempt: int = 0
    """How often the patch agent was asked; bounded."""
    candidates: tuple[Patch, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    """One per refused candidate, in order."""
    remedy: Remedy | None = None
    proof: Proof | None = None
    inspection: Verdict | None = None
    review: Review | None = None
    evidence: Verdict | None = None
    """What the gate Evidence said."""
    risk: int | None = None
    """Ten-thousandths."""
    risk_factors: tuple[Factor, ...] = ()
    gate: Verdict | None = None
    approval: Approval | None = None


class Readings(Value):
    """What verification has seen so far."""

    started: AwareDatetime
    deadline: AwareDatetime
    readings: tuple[tuple[AwareDatetime, Measurement | Missing], ...] = ()


Next = Literal["", "next", "undone"] | canary.Choice | verify.Choice
"""After a step: nothing yet, the next one, or all of them undone; then what the canary's and the alert's judge chose."""


class Rollout(Value):
    """A change of the world in progress."""

    lease: Lease
    step: int = 0
    """Index of the next step of the plan's steps."""
    canary: str = ""
    baseline: Baseline | None = None
    memory: CanaryMemory | None = None
    started: AwareDatetime | None = None
    """When the canary got its first share of requests."""
    verdict: Next = ""
    """What the last step, look or reading says to do next."""
    reason: str = ""
    """Why."""
    readings: Readings | None = None


class State(Value):
    """The whole state.  One field is one channel; nodes replace fields, never edit them."""

    phase: Phase = Phase.QUEUED
    case: Case
    inquiry: Inquiry = Inquiry()
    plan: Plan | None = None
    rollout: Rollout | None = None
    ending: Ending | None = None
    """Set as soon as it is known how this ends; `close` makes it final."""
    closed: bool = False


CHECKPOINTED: tuple[type, ...] = (State, Case, Inquiry, Plan, Rollout, Ending, Phase, Outcome, Origin, Disproof)
"""The types that the checkpointer may load: the channels' own, and the enums inside of them."""


def changes(**updates: object) -> dict[str, Any]:
    """Return a validated update, without secrets: state, checkpoint and record say the same.

    Raises KeyError for an unknown field, ValidationError for a wrong value.
    """
    return {name: _clean(_field(name), _field(name).validate_python(value)) for name, value in updates.items()}


def opened(state: State) -> State:
    """The first state of an incident, without the secrets that its alert may hold."""
    return redaction.redact_value(state, redaction.REPLAYED)


@functools.cache
def _field(name: str) -> TypeAdapter[Any]:
    """Validates one field of the state.  Raises KeyError for an unknown one."""
    annotation = State.model_fields[name].annotation
    if annotation is None:
        raise KeyError(name)
    return TypeAdapter(annotation)


def _clean(kind: TypeAdapter[Any], value: object) -> object:
    said = kind.dump_python(value, mode="json")
    clean = redaction.redact(said, redaction.REPLAYED)
    return value if clean == said else kind.validate_python(clean)


def final(values: object) -> State:
    """Validate what `invoke` returned: the last node's update leaves the graph unchecked."""
    return State.model_validate(values)


def planned(state: State) -> Plan:
    """The plan; nodes behind `plan` are never reached without one."""
    if state.plan is None:
        raise LookupError("this node needs a plan")
    return state.plan


def rolling(state: State) -> Rollout:
    """The rollout; nodes behind `lock` are never reached without one."""
    if state.rollout is None:
        raise LookupError("this node needs a rollout")
    return state.rollout


def gathered(inquiry: Inquiry) -> Dossier:
    """The dossier; nodes behind `gather` are never reached without one."""
    if inquiry.dossier is None:
        raise LookupError("nothing was gathered")
    return inquiry.dossier


def believed(state: State) -> Hypothesis:
    """The hypothesis; nodes behind `diagnose` are never reached without one."""
    if state.inquiry.hypothesis is None:
        raise LookupError("no hypothesis survived")
    return state.inquiry.hypothesis


def replaced(state: State) -> str:
    """The version that the rollout replaced; empty when it replaced none.

    Computed from the plan alone, so that a resumed run asks for the same effect under the same key.
    """
    rollout, plan = state.rollout, state.plan
    if rollout is None or plan is None or rollout.canary in ("", plan.stable):
        return ""
    return plan.stable


def ended(outcome: Outcome, reason: str | Reason) -> Ending:
    """An ending, its reason capped to what fits a line."""
    said = reason if isinstance(reason, str) else sentence(reason)
    return Ending(outcome=outcome, reason=said[:500])


def refused(plan: Plan, candidate: Patch, why: str, check: str) -> Plan:
    """The plan without a remedy, having learnt why the candidate was refused."""
    refusal = Refusal(
        check=check,
        why=why[:600],
        function=f"{candidate.path}::{candidate.function}",
        change="\n".join(candidate.changed)[:1200],
        template=candidate.template,
    )
    learnt = {"remedy": None, "proof": None, "review": None, "refusals": (*plan.refusals, refusal)}
    return plan.model_copy(update=learnt)
