"""Asks for the cause, checks each hypothesis against the evidence, and runs its disproving check."""

from typing import Any

from langgraph.runtime import Runtime

from agents import choosing
from agents.models import factory
from graph.context import Context
from graph.evidence import allowance
from graph.evidence.allowance import unanswered
from graph.evidence.workspace import view
from graph.state import Case, State, changes, ended, gathered
from incident.decision import because
from incident.diagnosis import Diagnosis
from incident.ending import Ending, Outcome
from incident.evidence import Dossier
from incident.record import Diagnosed
from incident.search import Round, Strike
from policies.diagnosis import assertions, disproof


def diagnose(state: State, runtime: Runtime[Context]) -> dict[str, Any]:
    """Add a round to the search: the hypotheses about one service, and those that do not survive their checks."""
    context, case, inquiry = runtime.context, state.case, state.inquiry
    dossier = gathered(inquiry)
    most = context.settings.limits.retry.max_rounds
    if len(inquiry.rounds) >= most:
        return changes(ending=ended(Outcome.ESCALATED, because("rounds_spent", count=most)))
    diagnosis, ending, ruled = _asked(context, case, dossier)
    context.journal.write("diagnose", Diagnosed(diagnosis=diagnosis))
    if ending is not None:
        return changes(ending=ending)
    found = Round(
        service=case.service,
        neighbours=inquiry.neighbours,
        dossier=dossier,
        diagnosis=diagnosis,
        strikes=_strikes(context, diagnosis, dossier),
        # What a model that had read a person's word would have said without it, nobody knows.
        steered=inquiry.steered or (bool(dossier.of("steering")) and not ruled),
    )
    return changes(inquiry=inquiry.model_copy(update={"rounds": (*inquiry.rounds, found)}))


def _asked(context: Context, case: Case, dossier: Dossier) -> tuple[Diagnosis, Ending | None, bool]:
    """Return the hypotheses about a service, the ending when asking again is useless, and True where fixed rules answered."""
    rules = context.models.rules or context.models.model
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
    ruled = factory.repeats(rules) and answered.model == factory.describe(rules)
    return diagnosis, unanswered(answered), ruled


def _strikes(context: Context, diagnosis: Diagnosis, dossier: Dossier) -> tuple[Strike, ...]:
    results = tuple(disproof.run(hypothesis, dossier) for hypothesis in diagnosis.hypotheses)
    decided = context.journal.decide(
        "diagnose",
        assertions.POLICY,
        assertions.Facts(diagnosis=diagnosis, dossier=dossier, results=results),
    )
    return tuple(
        Strike(hypothesis=item.index, kind=item.kind, why=item.why, evidence=item.evidence)
        for item in decided.result.struck
    )
