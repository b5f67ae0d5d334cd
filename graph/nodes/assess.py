"""Proves a remedy other than a patch, judges whether the cause is established, and scores the risk of the plan."""

from typing import Any

from langgraph.runtime import Runtime

from graph.context import Context
from graph.evidence import past, remedy_proofs, usage
from graph.evidence.usage import severity
from graph.state import State, believed, changes, gathered, planned
from incident.record import Proved
from incident.remedy import Patch
from policies.diagnosis import disproof
from policies.gates import evidence_gate, risk
from policies.remedy import experience


def assess(state: State, runtime: Runtime[Context]) -> dict[str, Any]:
    """Compute the confidence in the cause, then score the risk by named factors."""
    context, plan, inquiry = runtime.context, planned(state), state.inquiry
    dossier, hypothesis, limits = gathered(inquiry), believed(state), context.settings.limits
    remedy, proof = plan.remedy, plan.proof
    if remedy is None:
        raise LookupError("nothing to assess")
    if not isinstance(remedy, Patch):
        proof = remedy_proofs.prove(context, remedy, dossier, plan.base)
        context.journal.write("assess", Proved(proof=proof))
    now = context.clock.now()
    objective = limits.slo.of(state.case.service)
    established = context.journal.decide(
        "assess",
        evidence_gate.POLICY,
        evidence_gate.Facts(
            hypothesis=hypothesis,
            dossier=dossier,
            disproof=disproof.run(hypothesis, dossier),
            limits=limits.evidence,
        ),
    )
    scored = context.journal.decide(
        "assess",
        risk.POLICY,
        risk.Facts(
            remedy=remedy,
            proof=proof,
            neighbours=inquiry.neighbours,
            error_rate=severity(state),
            now=now,
            weights=limits.risk,
            confidence=established.result.confidence,
            failed_before=None if past.unread(dossier) else experience.of(remedy.kind, hypothesis, dossier).failed,
            recent_failures=usage.used(context, state.case, now).failures,
            objective=objective,
            served=usage.served(context, state.case.service, objective, now),
            freezes=limits.reach.freezes,
        ),
    )
    return changes(
        plan=plan.model_copy(
            update={
                "proof": proof,
                "evidence": established.verdict,
                "risk": scored.result.score,
                "risk_factors": scored.factors,
            }
        )
    )
