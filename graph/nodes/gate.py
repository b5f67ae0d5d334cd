"""The three gates, and what a person said."""

from datetime import datetime
from typing import Any, Literal

from langgraph.runtime import Runtime

from graph import budgets, resuming, verifying
from graph.desk import Desk
from graph.nodes.assess import severity
from graph.nodes.common import ended, planned
from graph.state import Case, State, changes
from incident.decision import SCALE, Hold, Verdict
from incident.ending import Outcome
from incident.errors import Tampered
from incident.evidence import Measurement
from policies import gates, proof_gate, reach_gate
from tools.ports import Row


def gate(state: State, runtime: Runtime[Desk]) -> dict[str, Any]:
    """Ask the gates Evidence, Proof and Reach, and open only when all say so or a person may and does."""
    desk, plan = runtime.context, planned(state)
    if plan.remedy is None:
        raise LookupError("nothing to let through")
    settings = desk.settings
    try:
        desk.audit.verify()
    except Tampered as error:
        return changes(ending=ended(Outcome.ESCALATED, f"the audit chain does not verify: {error}"))
    if plan.gate is not None and _resolved(desk, state):
        # We waited for a person meanwhile, and the trouble is over: there is nothing left to mend.
        return changes(ending=ended(Outcome.NO_ACTION, "the alert resolved itself while a person was asked"))
    if plan.approval is not None and plan.approval.approved:
        # It came from a checkpoint: what opens the gate is what a person said, wherever it was kept meanwhile.
        desk.incidents.vouch(state.case.incident, plan.approval)
    same = plan.approval is not None and plan.approval.plan_digest == plan.remedy.digest()
    case = verifying.settled(desk, state.case, plan.approval if same else None)
    decision = desk.scribe.decide(
        "gate",
        "gates.open",
        gates.Facts(
            evidence=plan.evidence or Hold(reason="the evidence was never judged"),
            proof=_proof(desk, state),
            reach=_reach(desk, state, case),
            autonomy=settings.autonomy,
            dry_run=settings.dry_run,
            approval=plan.approval,
            plan_digest=plan.remedy.digest(),
            base=plan.base,
            verified_by=_verified_by(case),
            asked=isinstance(plan.gate, Hold) and plan.gate.liftable,
            now=desk.clock.now(),
        ),
    )
    verdict = decision.verdict
    if verdict.kind == "deny":
        return changes(plan=plan.model_copy(update={"gate": verdict}), ending=ended(Outcome.REJECTED, verdict.reason))
    return changes(case=case, plan=plan.model_copy(update={"gate": verdict, "approval": None}))


def _proof(desk: Desk, state: State) -> Verdict:
    plan = planned(state)
    facts = proof_gate.Facts(
        kind=plan.kind,
        remedy_digest=plan.remedy.digest() if plan.remedy else "",
        base=plan.base,
        proof=plan.proof,
        inspection=plan.inspection,
        review=plan.review,
    )
    return desk.scribe.decide("gate", "proof_gate.judge", facts).verdict


def _reach(desk: Desk, state: State, case: Case) -> Verdict:
    plan, now = planned(state), desk.clock.now()
    used = budgets.used(desk, case, now)
    facts = reach_gate.Facts(
        service=case.service,
        risk=SCALE if plan.risk is None else plan.risk,
        risk_factors=plan.risk_factors,
        neighbours=state.inquiry.neighbours,
        error_rate=severity(state),
        actions_last_hour=used.actions_last_hour,
        tries=used.tries,
        moves=budgets.moves(desk, case.service, now),
        control=desk.incidents.control(case.incident),
        autonomy=desk.settings.autonomy,
        verified_by=_verified_by(case),
        unserved=case.unserved,
        severities=_severities(case),
        waiting=_waiting(desk, case),
        refused=_refused(desk, case, plan.remedy.digest() if plan.remedy else "", now),
        now=now,
        limits=desk.settings.limits.reach,
    )
    return desk.scribe.decide("gate", "reach_gate.judge", facts).verdict


def _verified_by(case: Case) -> Literal["own rule", "a person's rule", "nobody"]:
    if case.condition is None:
        return "nobody"
    return "a person's rule" if case.unserved else "own rule"


def _severities(case: Case) -> tuple[str, ...]:
    return verifying.severities(case.alert, None if case.unserved else case.condition)


def _waiting(desk: Desk, case: Case) -> tuple[str, ...]:
    """Other incidents about this service that asked a person whether they may act."""
    rows = (row for row in desk.incidents.rows() if row.status == "waiting" and row.id != case.incident)
    return tuple(row.id for row in rows if (row.world, row.service) == (case.world, case.service) and _asks(desk, row))


def _refused(desk: Desk, case: Case, digest: str, now: datetime) -> tuple[str, ...]:
    """Other incidents in which a person said no to this plan: a new alert is no new answer."""
    rows = (row for row in desk.incidents.rows() if row.outcome == Outcome.REJECTED and row.id != case.incident)
    lately = (row for row in rows if row.world == case.world and now - row.changed_at < budgets.DAY)
    return tuple(
        row.id
        for row in lately
        if any(
            said.get("plan_digest") == digest and said.get("approved") is False
            for said in desk.audit.find("answered", row.id)
        )
    )


def _asks(desk: Desk, row: Row) -> bool:
    """Those that may not act anyway asked nobody, and what only informs must not hold up what alarms."""
    known = resuming.opening(row)
    if known is None:
        return True
    may = known.autonomy in ("approve", "auto") and not known.dry_run
    return may and verifying.alarms(desk, known.case.alert, known.case.service)


def _resolved(desk: Desk, state: State) -> bool:
    condition = state.case.condition
    if condition is None:
        return False
    measured = desk.world.metrics.measure(condition)
    return isinstance(measured, Measurement) and not measured.firing and not condition.breached(measured.value)
