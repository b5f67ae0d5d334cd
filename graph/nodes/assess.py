"""Asks whether the cause is established, and scores the risk of the plan."""

from typing import Any

from langgraph.runtime import Runtime

from graph.desk import Desk
from graph.nodes.common import planned
from graph.nodes.diagnose import gathered
from graph.nodes.plan import believed
from graph.state import Plan, State, changes
from incident.evidence import Missing, Neighbours, Signals
from incident.remedy import Patch, Remedy, RevertConfig
from policies import disproof, evidence_gate, risk


def assess(state: State, runtime: Runtime[Desk]) -> dict[str, Any]:
    """Compute the confidence in the cause, then add up the named factors of the risk."""
    desk, plan = runtime.context, planned(state)
    dossier, hypothesis = gathered(state.inquiry), believed(state)
    limits = desk.settings.limits
    established = desk.scribe.decide(
        "assess",
        "evidence_gate.judge",
        evidence_gate.Facts(
            hypothesis=hypothesis,
            dossier=dossier,
            disproof=disproof.run(hypothesis, dossier),
            limits=limits.evidence,
        ),
    )
    confidence = int(str(established.data.get("confidence", 0)))
    scored = desk.scribe.decide("assess", "risk.assess", _facts(desk, state, plan, confidence))
    return changes(
        plan=plan.model_copy(
            update={
                "evidence": established.verdict,
                "risk": int(str(scored.data["score"])),
                "risk_factors": scored.factors,
            }
        )
    )


def _facts(desk: Desk, state: State, plan: Plan, confidence: int) -> risk.Facts:
    if plan.remedy is None:
        raise LookupError("nothing to assess")
    proof = plan.proof
    return risk.Facts(
        kind=plan.kind,
        neighbours=around(state),
        changed_lines=_changed(plan.remedy),
        place=_place(plan.remedy),
        proof=proof.outcome if proof else "unknown",
        checks_passed=sum(check.outcome == "passed" for check in proof.checks) if proof else 0,
        # The added test fails on the base and passes on the change, so it runs what was changed.
        tests_cover=None
        if proof is None
        else any(c.name == "own_tests" and c.outcome == "passed" for c in proof.checks),
        confidence=confidence,
        reversible=True,
        recent_failures=sum(
            row.service == state.case.service and row.world == state.case.world and row.outcome == "rolled back"
            for row in desk.incidents.rows()
        ),
        error_rate=severity(state),
        now=desk.clock.now(),
        limits=desk.settings.limits.risk,
    )


def around(state: State) -> Neighbours | Missing:
    """The service's neighbours, or that nobody knows them."""
    return state.inquiry.neighbours or Missing(reason="no topology is known")


def severity(state: State) -> float | None:
    """Share of the service's requests that have failed since the onset; None when unknown."""
    dossier = gathered(state.inquiry)
    after = [
        item.fact
        for item in dossier.evidence
        if isinstance(item.fact, Signals) and item.fact.start >= dossier.onset and item.fact.requests
    ]
    return after[-1].error_rate if after else None


def _changed(remedy: Remedy) -> int:
    """Lines added and removed in the patched file; the added test is not counted."""
    if not isinstance(remedy, Patch):
        return 0
    counted, count = False, 0
    for line in remedy.diff.splitlines():
        if line.startswith(("--- ", "+++ ")):
            counted = line.endswith(remedy.path)
        elif counted and line.startswith(("+", "-")):
            count += 1
    return count


def _place(remedy: Remedy) -> risk.Place:
    if isinstance(remedy, Patch):
        return "function"
    return "config" if isinstance(remedy, RevertConfig) else "none"
