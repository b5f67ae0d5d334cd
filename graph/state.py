"""State of the graph, and the only way in which a node may change it.

LangGraph drops unknown keys of an update silently and checks types late or never, so nodes return the result of
:func:`changes`, which refuses both at once.
"""

import functools
from typing import Any, Literal

from pydantic import AwareDatetime, TypeAdapter

from graph.reports.vocabulary import sentence
from incident.alert import Alert, Payload
from incident.control import Approval
from incident.decision import Factor, Reason, Verdict
from incident.diagnosis import Disproof, Hypothesis
from incident.ending import Ending, Outcome
from incident.evidence import Condition, Dossier, Measurement, Missing, Neighbours, Origin
from incident.phase import Phase
from incident.proof import CHANGE, Answer, Proof, Refusal, Reproduction, Review
from incident.remedy import Patch, Remedy, RemedyKind
from incident.rollout import STAGES, Baseline, CanaryMemory
from incident.search import Accused, Round, Setback
from incident.steering import Steering
from incident.value import Value
from incident.windows import UNRULED, Windows
from incident.workload import SourceKind
from policies.rollout import canary, verify
from tools.ports import Lease
from tools.secrets import redaction


class Case(Value):
    """Subject of the incident: its alert, service and condition, as intake and correlate settle them."""

    incident: str
    world: str
    payload: Payload
    alert: Alert
    service: str
    """Suspected root: first the alert's own service, then the one that correlation or diagnosis finds."""
    members: tuple[str, ...] = ()
    """All services whose alerts belong to this incident."""
    condition: Condition | None = None
    """Condition that tells whether it is over: the alert's own, or that of the rule a person named; None without one."""
    unserved: str = ""
    """Reason that the world serves no condition for the alert; empty when it does."""
    verify_by: str = ""
    """Rule that a person named in place of the alert's own."""
    taken_back: int = 0
    """Changes that this incident made and took back; what it does next goes by names of its own."""

    @property
    def windows(self) -> Windows:
        """Stretches of time to look at, as they follow from the alert's rule."""
        return self.condition.windows if self.condition else UNRULED


class Inquiry(Value):
    """Investigation so far: every round of it, and the evidence and hypothesis that are followed now."""

    rounds: tuple[Round, ...] = ()
    path: tuple[str, ...] = ()
    """Services that the failing requests go through, the one where they end first."""
    setbacks: tuple[Setback, ...] = ()
    """Remedies that were refused or taken back."""
    wide: bool = False
    """True once all services are to be ranked with the next evidence."""
    accused: tuple[Accused, ...] | None = None
    """First suspects of the ranking over all services; None: nobody was ranked."""
    words: tuple[Steering, ...] = ()
    """Words of people on where the cause lies, so far."""
    steered: bool = False
    """True where a person's word led to the round in progress, or to the hypothesis that is followed."""
    neighbours: Neighbours | None = None
    dossier: Dossier | None = None
    """Evidence of the round in progress, or of the one whose hypothesis is followed."""
    followed: tuple[int, int] | None = None
    """Indices of the followed hypothesis: its round, and its place in the diagnosis."""
    hypothesis: Hypothesis | None = None
    """Hypothesis that is followed; None while the search goes on."""

    @property
    def believed(self) -> Hypothesis | None:
        """Hypothesis that is followed, or the first that was, when none of them could be mended; None without one."""
        if self.hypothesis is not None:
            return self.hypothesis
        failed = (
            item.diagnosis.hypotheses[strike.hypothesis]
            for item in self.rounds
            for strike in item.strikes
            if strike.kind == "failed"
        )
        return next(failed, None)


class Kept(Value):
    """A candidate that may be right, kept for a person while others are tried."""

    patch: Patch
    proof: Proof
    inspection: Verdict


class Plan(Value):
    """The chosen remedy, with everything that the gates ask for."""

    kind: RemedyKind
    base: str
    """Commit that runs now; proof and approval are bound to it."""
    stable: str
    """Version that runs now."""
    reproduction: Reproduction | None = None
    recalled: bool = False
    """True once the patch of a past incident was a candidate."""
    attempt: int = 0
    """Times that the patch agent was asked; bounded."""
    asked: tuple[str, ...] = ()
    """Digests of the questions that were put to a writer who answers the same again."""
    candidates: tuple[Patch, ...] = ()
    kept: tuple[Kept, ...] = ()
    """Candidates of which something stayed unknown, each with another answer; where none passes, a person picks one."""
    rivalled: bool = False
    """True once rivals of what was kept were candidates, too."""
    answers: dict[str, Answer] = {}
    """Answers to the failing request of the rivals that wait to be proved, by their digests."""
    refusals: tuple[Refusal, ...] = ()
    """Refusals, one per refused candidate, in order."""
    remedy: Remedy | None = None
    stages: tuple[int, ...] = STAGES
    """Percent of the requests on the new version, in order."""
    source: SourceKind = "commit"
    """Source of the new version."""
    proof: Proof | None = None
    inspection: Verdict | None = None
    review: Review | None = None
    evidence: Verdict | None = None
    """Verdict of the gate Evidence."""
    risk: int | None = None
    """Risk in ten-thousandths."""
    risk_factors: tuple[Factor, ...] = ()
    gate: Verdict | None = None
    approval: Approval | None = None


class Readings(Value):
    """Readings of verification so far, and its times."""

    started: AwareDatetime
    deadline: AwareDatetime
    readings: tuple[tuple[AwareDatetime, Measurement | Missing], ...] = ()


Next = Literal["", "next", "undone"] | canary.Choice | verify.Choice
"""Verdict after a step: nothing yet, the next one, all undone, or the choice of the canary's or verification's policy."""


class Rollout(Value):
    """A change of the world in progress."""

    lease: Lease
    step: int = 0
    """Index of the next step of the plan's steps."""
    canary: str = ""
    baseline: Baseline | None = None
    memory: CanaryMemory | None = None
    started: AwareDatetime | None = None
    """Time at which the canary got its first share of requests."""
    verdict: Next = ""
    """Next move, as the last step, look or reading decided it."""
    reason: str = ""
    """Reason of the verdict."""
    why: Reason = Reason()
    """The same as a code."""
    readings: Readings | None = None


class State(Value):
    """State of an incident in the graph.  One field is one channel; nodes replace fields, never edit them."""

    phase: Phase = Phase.QUEUED
    case: Case
    inquiry: Inquiry = Inquiry()
    plan: Plan | None = None
    rollout: Rollout | None = None
    ending: Ending | None = None
    """Ending, set as soon as it is known; `close` makes it final."""
    closed: bool = False


LONGEST = 1_000
"""Most characters of the reason that a node gives."""

CHECKPOINTED: tuple[type, ...] = (State, Case, Inquiry, Plan, Rollout, Ending, Phase, Outcome, Origin, Disproof)
"""Types that the checkpointer may load: the channels' own, and the enums inside of them."""


def changes(**updates: object) -> dict[str, Any]:
    """Return a validated update, without secrets: state, checkpoint and record say the same.

    Raises KeyError for an unknown field, ValidationError for a wrong value.
    """
    return {name: _clean(_field(name), _field(name).validate_python(value)) for name, value in updates.items()}


def opened(state: State) -> State:
    """Return the first state of an incident, without the secrets that its alert may hold."""
    return redaction.redact_value(state, redaction.REPLAYED)


@functools.cache
def _field(name: str) -> TypeAdapter[Any]:
    """Return the validator of one field of the state.  Raises KeyError for an unknown one."""
    annotation = State.model_fields[name].annotation
    if annotation is None:
        raise KeyError(name)
    return TypeAdapter(annotation)


def _clean(kind: TypeAdapter[Any], value: object) -> object:
    said = kind.dump_python(value, mode="json")
    clean = redaction.redact(said, redaction.REPLAYED)
    return value if clean == said else kind.validate_python(clean)


def final(values: object) -> State:
    """Return the values of `invoke` as a validated state."""
    # The last node's update leaves the graph unchecked.
    return State.model_validate(values)


def planned(state: State) -> Plan:
    """Return the plan; nodes behind `plan` are never reached without one."""
    if state.plan is None:
        raise LookupError("this node needs a plan")
    return state.plan


def rolling(state: State) -> Rollout:
    """Return the rollout; nodes behind `lock` are never reached without one."""
    if state.rollout is None:
        raise LookupError("this node needs a rollout")
    return state.rollout


def gathered(inquiry: Inquiry) -> Dossier:
    """Return the dossier; nodes behind `gather` are never reached without one."""
    if inquiry.dossier is None:
        raise LookupError("nothing was gathered")
    return inquiry.dossier


def believed(state: State) -> Hypothesis:
    """Return the hypothesis; nodes behind `diagnose` are never reached without one."""
    if state.inquiry.hypothesis is None:
        raise LookupError("no hypothesis survived")
    return state.inquiry.hypothesis


def replaced(state: State) -> str:
    """Return the version that the rollout replaced; empty when it replaced none.

    Computed from the plan alone, so that a resumed run asks for the same effect under the same key.
    """
    rollout, plan = state.rollout, state.plan
    if rollout is None or plan is None or rollout.canary in ("", plan.stable):
        return ""
    return plan.stable


def ended(outcome: Outcome, reason: str | Reason) -> Ending:
    """Return an ending, with its reason cut to 1,000 characters; a cut one ends in an ellipsis."""
    said = reason if isinstance(reason, str) else sentence(reason)
    return Ending(outcome=outcome, reason=said if len(said) <= LONGEST else f"{said[: LONGEST - 1]}…")


def told(candidate: Patch) -> tuple[str, str, str]:
    """Return a candidate as its refusal tells it: the function, the lines of the change, and the template."""
    return f"{candidate.path}::{candidate.function}", "\n".join(candidate.changed)[:CHANGE], candidate.template


def refused(plan: Plan, candidate: Patch, why: str, check: str) -> Plan:
    """Return the plan without a remedy, and with the refusal of a candidate."""
    function, change, template = told(candidate)
    refusal = Refusal(check=check, why=why[:600], function=function, change=change, template=template)
    left = tuple(one for one in plan.kept if one.patch.edits[0] != candidate.edits[0])
    learnt = {"remedy": None, "proof": None, "review": None, "refusals": (*plan.refusals, refusal), "kept": left}
    return plan.model_copy(update=learnt)
