"""The three gates, and what a person said."""

from typing import Any

from langgraph.runtime import Runtime

from graph import budgets
from graph.desk import Desk
from graph.nodes.assess import severity
from graph.nodes.common import ended, planned
from graph.state import State, changes
from incident.decision import SCALE, Hold, Verdict
from incident.ending import Outcome
from incident.errors import Tampered
from incident.evidence import Measurement
from policies import gates, proof_gate, reach_gate


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
    decision = desk.scribe.decide(
        "gate",
        "gates.open",
        gates.Facts(
            evidence=plan.evidence or Hold(reason="the evidence was never judged"),
            proof=_proof(desk, state),
            reach=_reach(desk, state),
            autonomy=settings.autonomy,
            dry_run=settings.dry_run,
            approval=plan.approval,
            plan_digest=plan.remedy.digest(),
            base=plan.base,
            now=desk.clock.now(),
        ),
    )
    verdict = decision.verdict
    if verdict.kind == "deny":
        return changes(plan=plan.model_copy(update={"gate": verdict}), ending=ended(Outcome.REJECTED, verdict.reason))
    return changes(plan=plan.model_copy(update={"gate": verdict, "approval": None}))


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


def _reach(desk: Desk, state: State) -> Verdict:
    plan, case, now = planned(state), state.case, desk.clock.now()
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
        now=now,
        limits=desk.settings.limits.reach,
    )
    return desk.scribe.decide("gate", "reach_gate.judge", facts).verdict


def _resolved(desk: Desk, state: State) -> bool:
    condition = state.case.condition
    if condition is None:
        return False
    measured = desk.world.metrics.measure(condition)
    return isinstance(measured, Measurement) and not measured.firing and not condition.breached(measured.value)
