"""Asks the gates Proof and Reach, joins them with what the gate Evidence said, and weighs a person's answer."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from langgraph.runtime import Runtime

from graph.config import leave
from graph.context import Context
from graph.effects import gate_record
from graph.evidence import choices, steering, usage, verification, workspace
from graph.evidence.usage import severity
from graph.setbacks import setback
from graph.state import Case, Plan, State, believed, changes, ended, planned
from incident.decision import SCALE, Hold, Verdict, because, worst
from incident.ending import Outcome
from incident.errors import Tampered
from incident.remedy import Remedy, Restart, RevertConfig, deed
from incident.steering import people, standing
from policies.diagnosis import doubts
from policies.gates import permission, proof_gate, reach_gate
from policies.rollout import stages
from tools import ports
from tools.ports import Row
from tools.records.permissions import ANSWERED


def gate(state: State, runtime: Runtime[Context]) -> dict[str, Any]:
    """Ask the gates Evidence, Proof and Reach, and open when all allow it, or a person lifts what may be lifted."""
    context, plan = runtime.context, planned(state)
    if plan.remedy is None:
        raise LookupError("nothing to let through")
    settings = context.settings
    try:
        context.audit.verify()
    except Tampered as error:
        return changes(ending=ended(Outcome.ESCALATED, f"the audit chain does not verify: {error}"))
    if plan.gate is not None and verification.recovered(context, state.case.condition, "gate"):
        # While we waited for a person the alert recovered: there is nothing left to mend.
        return changes(
            ending=ended(
                Outcome.NO_ACTION, "the alert's condition is back inside its threshold, read while a person was asked"
            )
        )
    picked = _picked(context, state)
    if picked is not None:
        return changes(plan=picked)
    state = state.model_copy(update={"inquiry": steering.heard(context, state.case, state.inquiry, "gate")})
    proof = _proof(context, state)
    same = plan.approval is not None and plan.approval.plan_digest == plan.remedy.digest()
    case = verification.settled(context, state.case, plan.approval if same else None)
    way = context.journal.decide(
        "gate",
        stages.POLICY,
        stages.Facts(kind=plan.kind, able=workspace.able(context, state.case.service, plan.remedy)),
    )
    evidence = plan.evidence or Hold(reason=because("never_judged"))
    # What the platform cannot carry out reaches too far, whatever the risk.
    reach = worst((_reach(context, state, case), way.verdict))
    unproven = (evidence, proof)
    decision = context.journal.decide(
        "gate",
        permission.POLICY,
        permission.Facts(
            evidence=evidence,
            proof=proof,
            reach=reach,
            autonomy=settings.autonomy,
            dry_run=settings.dry_run,
            approval=plan.approval,
            plan_digest=plan.remedy.digest(),
            base=plan.base,
            verified_by=_verified_by(case),
            asked=(isinstance(plan.gate, Hold) and plan.gate.liftable) or gate_record.asked(context),
            now=context.clock.now(),
        ),
    )
    verdict = decision.verdict
    if verdict.kind == "deny" and verdict in unproven and reach.kind != "deny":
        # What was shown not to mend, or not to be the cause, says nothing against the next hypothesis.
        return setback(state, verdict.reason, Outcome.REJECTED)
    if verdict.kind == "deny":
        return changes(plan=plan.model_copy(update={"gate": verdict}), ending=ended(Outcome.REJECTED, verdict.reason))
    # An answer is weighed once: what comes after it is another question.
    chosen = {"stages": way.result.stages, "source": way.result.source or plan.source}
    opened = plan.model_copy(update={"gate": verdict, "approval": None, **chosen})
    return changes(case=case, inquiry=state.inquiry, plan=opened)


def _picked(context: Context, state: State) -> Plan | None:
    """Vouch for an approval; return the plan with the patch that it picked, where that is another one."""
    plan = planned(state)
    if plan.approval is None or not plan.approval.approved:
        return None
    # It came from a checkpoint, which may be forged: only an answer that the store vouches for opens the gate.
    context.incidents.vouch(state.case.incident, plan.approval)
    return choices.picked(context, plan, plan.approval)


def _proof(context: Context, state: State) -> Verdict:
    plan = planned(state)
    facts = proof_gate.Facts(
        kind=plan.kind,
        remedy_digest=plan.remedy.digest() if plan.remedy else "",
        base=plan.base,
        proof=plan.proof,
        inspection=plan.inspection,
        review=plan.review,
        choices=choices.offered(plan),
    )
    return context.journal.decide("gate", proof_gate.POLICY, facts).verdict


def _reach(context: Context, state: State, case: Case) -> Verdict:
    plan, now = planned(state), context.clock.now()
    words = standing(state.inquiry.words)
    doubted = (*doubts.of(believed(state), words), *(doubts.about(plan.remedy, words) if plan.remedy else ()))
    used = usage.used(context, case, now)
    facts = reach_gate.Facts(
        service=case.service,
        risk=SCALE if plan.risk is None else plan.risk,
        risk_factors=plan.risk_factors,
        neighbours=state.inquiry.neighbours,
        error_rate=severity(state),
        actions_last_hour=used.actions_last_hour,
        tries=used.tries,
        moves=usage.moves(context, case.service, now),
        control=context.incidents.control(case.incident),
        autonomy=context.settings.autonomy,
        verified_by=_verified_by(case),
        unserved=case.unserved,
        severities=_severities(case),
        waiting=_waiting(context, case),
        refused=_refused(context, case, plan.remedy, now),
        doubted=people(doubted),
        steered=people(words) if state.inquiry.steered else (),
        inverse=_is_proven(plan, RevertConfig),
        idle=_is_proven(plan, Restart),
        now=now,
        limits=context.settings.limits.reach,
    )
    return context.journal.decide("gate", reach_gate.POLICY, facts).verdict


def _is_proven(plan: Plan, kind: type[RevertConfig | Restart]) -> bool:
    """True where every check of a remedy of this kind passed."""
    return isinstance(plan.remedy, kind) and plan.proof is not None and plan.proof.outcome == "passed"


def _verified_by(case: Case) -> Literal["own rule", "a person's rule", "nobody"]:
    if case.condition is None:
        return "nobody"
    return "a person's rule" if case.unserved else "own rule"


def _severities(case: Case) -> tuple[str, ...]:
    return verification.severities(case.alert, None if case.unserved else case.condition)


def _waiting(context: Context, case: Case) -> tuple[str, ...]:
    """Return the other incidents about this service that asked a person whether they may act."""
    # One that is looked at again just now is open, and still names the plan that it asks about.
    asking = (row for row in context.incidents.rows() if row.status == "waiting" or (row.status == "open" and row.plan))
    # An abort answers the question.
    rows = (row for row in asking if row.id != case.incident and not context.incidents.control(row.id).aborted)
    return tuple(
        row.id for row in rows if (row.world, row.service) == (case.world, case.service) and _asks(context, row)
    )


def _refused(context: Context, case: Case, remedy: Remedy | None, now: datetime) -> tuple[str, ...]:
    """Return the incidents in which a person refused this change within a day."""
    # From the chain, because neither a new alert nor a lost row is a new answer.
    entries, _ = context.audit.after(ports.Bookmark(), (ANSWERED,))
    lately = (entry for entry in entries if now - datetime.fromisoformat(str(entry["at"])) < usage.DAY)
    said = [body for body in (entry["body"] for entry in lately) if isinstance(body, Mapping)]
    ours = (remedy.digest(), deed(remedy)) if remedy else ()
    refused = (body for body in said if body.get("approved") is False)
    no = [str(body.get("incident")) for body in refused if {body.get("plan_digest"), body.get("deed")} & {*ours}]
    rows = {incident: context.incidents.find(incident) for incident in no}
    return tuple(incident for incident, row in rows.items() if row is None or row.world == case.world)


def _asks(context: Context, row: Row) -> bool:
    """True when another incident's question must be answered before we act."""
    # One that may not act anyway asked nobody, and one that only informs must not hold up an alarm.
    known = leave.opening(row)
    if known is None or not leave.vouched(row, context.audit):
        return True
    may = known.autonomy in ("approve", "auto") and not known.dry_run
    return may and verification.alarms(context, known.case.alert, known.case.service)
