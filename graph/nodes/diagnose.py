"""Asks for the cause, checks each hypothesis against the evidence, and runs its disproving check."""

from typing import Any

from langgraph.runtime import Runtime

from agents import choosing
from graph.context import Context
from graph.evidence import allowance
from graph.evidence.allowance import unanswered
from graph.evidence.workspace import view
from graph.state import Inquiry, State, changes, ended, gathered
from incident.diagnosis import Diagnosis
from incident.ending import Outcome
from incident.evidence import Dossier
from incident.record import Diagnosed
from policies.diagnosis import assertions, disproof

ROUNDS = 3
"""Most investigations of one incident, changes of target included."""


def diagnose(state: State, runtime: Runtime[Context]) -> dict[str, Any]:
    """Take the most credible hypothesis that survives its checks; follow it when it blames another service."""
    context, case, inquiry = runtime.context, state.case, state.inquiry
    dossier = gathered(inquiry)
    if inquiry.rounds >= ROUNDS:
        return changes(ending=ended(Outcome.ESCALATED, f"{ROUNDS} rounds of diagnosis established no cause"))
    with context.tracer.span("diagnose", service=case.service):
        diagnosis, answered = choosing.diagnose(
            view(context, case, dossier),
            context.models.rules,
            context.models.model,
            context.models.rca,
            allowance.left(context),
            context.clock,
        )
    context.journal.write("diagnose", answered)
    context.journal.write("diagnose", Diagnosed(diagnosis=diagnosis))
    if (ending := unanswered(answered)) is not None:
        return changes(ending=ending)
    index = _leading(context, diagnosis, dossier)
    rounds = inquiry.rounds + 1
    if index is None:
        reason = f"none of {len(diagnosis.hypotheses)} hypotheses survived its checks"
        return changes(
            inquiry=inquiry.model_copy(update={"rounds": rounds, "diagnosis": diagnosis}),
            ending=ended(Outcome.ESCALATED, reason),
        )
    hypothesis = diagnosis.hypotheses[index]
    if hypothesis.service != case.service and hypothesis.service in context.world.platform.services():
        # Another service is to blame: look at that one from the start, with nothing carried over.
        return changes(
            case=case.model_copy(update={"service": hypothesis.service}),
            inquiry=Inquiry(rounds=rounds),
        )
    return changes(
        inquiry=inquiry.model_copy(
            update={
                "rounds": rounds,
                "diagnosis": diagnosis,
                "hypothesis": hypothesis,
                "hypothesis_index": index,
            }
        ),
    )


def _leading(context: Context, diagnosis: Diagnosis, dossier: Dossier) -> int | None:
    results = tuple(disproof.run(hypothesis, dossier) for hypothesis in diagnosis.hypotheses)
    decided = context.journal.decide(
        "diagnose",
        assertions.POLICY,
        assertions.Facts(diagnosis=diagnosis, dossier=dossier, results=results),
    )
    return next(iter(decided.result.kept), None)
