"""Chooses the kind of remedy, and for a patch first reproduces the failure."""

from typing import Any, assert_never

from langgraph.runtime import Runtime

from graph.context import Context
from graph.evidence import bounds, remedy_proofs, workspace
from graph.evidence.samples import healthy, signatures
from graph.setbacks import struck, unmendable
from graph.state import Plan, State, believed, changes, ended, gathered
from incident.diagnosis import CodeCause, Hypothesis
from incident.ending import Outcome
from incident.errors import Refused
from incident.evidence import Change, Dossier, Missing, Signals
from incident.proof import Reproduction
from incident.record import Proposed
from policies.remedy import ranking


def plan(state: State, runtime: Runtime[Context]) -> dict[str, Any]:
    """Rank the remedies, with pros and cons of each, and choose one."""
    context, case = runtime.context, state.case
    dossier, hypothesis = gathered(state.inquiry), believed(state)
    workload = context.world.platform.read(case.service)
    serving = workspace.serving(context, case.service)
    reproduction = _reproduction(context, hypothesis, dossier, serving.commit)
    previous = _previous(dossier, case.service, serving.name)
    earlier, running = _served(context, case.service, dossier, serving.name, previous)
    decision = context.journal.decide(
        "plan",
        ranking.POLICY,
        ranking.Facts(
            hypothesis=hypothesis,
            dossier=dossier,
            workload=workload,
            previous_good=previous,
            earlier=earlier,
            running=running,
            reproduction=isinstance(reproduction, Reproduction),
            unreproduced=_unreproduced(reproduction, hypothesis),
            tried=tuple(item.remedy_digest for item in state.inquiry.setbacks if item.remedy_digest),
            unsets=True,
            limits=bounds.of(context, case).remedies,
        ),
    )
    remedy = decision.result.remedy
    match decision.choice:
        case "ask_human" if decision.result.refuted:
            # Nothing was tried, and what is blamed turned out to be innocent: the next hypothesis may be right.
            return changes(inquiry=struck(state, decision.result.refuted))
        case "ask_human" if isinstance(hypothesis.cause, CodeCause):
            return unmendable(state, next(one.why_not for one in decision.alternatives if one.name == "patch"))
        case "ask_human" | "wait" | "scale":
            return changes(ending=ended(Outcome.ESCALATED, decision.verdict.reason))
        case "patch" | "roll_back" | "revert_config" | "restart":
            pass
        case _:
            assert_never(decision.choice)
    if remedy is not None:
        context.journal.write("plan", Proposed(remedy=remedy))
    return changes(
        plan=Plan(
            kind=decision.choice,
            base=serving.commit,
            stable=serving.name,
            reproduction=reproduction if isinstance(reproduction, Reproduction) else None,
            remedy=remedy,
        )
    )


def _unreproduced(reproduction: Reproduction | Missing, hypothesis: Hypothesis) -> str:
    # Where no code is blamed, nothing was to be reproduced.
    blamed = isinstance(hypothesis.cause, CodeCause)
    return reproduction.reason if isinstance(reproduction, Missing) and blamed else ""


def _reproduction(context: Context, hypothesis: Hypothesis, dossier: Dossier, commit: str) -> Reproduction | Missing:
    if not isinstance(hypothesis.cause, CodeCause):
        return Missing(reason="the cause is not in the code")
    blamed = signatures(hypothesis, dossier)
    if not blamed:
        return Missing(reason="no recorded error was raised in the blamed function")
    service, now = hypothesis.service, context.clock.now()
    source = workspace.source(context, service)
    if isinstance(source, Missing):
        return Missing(reason=f"the source of {service} is not known: {source.reason}")
    start = dossier.windows.recent(dossier.onset - dossier.windows.slack, now)
    failing = context.world.captures.recorded(service, "failed", start, now, limit=50)
    if isinstance(failing, Missing):
        # A reproduction may still be written from the trace.
        failing = ()
    with context.tracer.span("reproduce", service=service):
        try:
            found = context.prover.reproduce(
                commit,
                source.component,
                context.world.platform.runtime(service),
                failing,
                blamed[0],
                healthy(context, service, blamed[0].route, dossier),
            )
        except Refused as error:
            # Without source or sandbox there is no patch; going back to a version that served well needs neither.
            return Missing(reason=str(error))
    if isinstance(found, Missing):
        return found
    return found.model_copy(update={"earlier": remedy_proofs.earlier(dossier, service, commit)})


def _previous(dossier: Dossier, service: str, serving: str) -> tuple[str, str] | None:
    """Return the version and commit that served before the running one was deployed, as the platform recorded it.

    The commit is empty where it did not record one.
    """
    for item in reversed(dossier.evidence):
        fact = item.fact
        if isinstance(fact, Change) and (fact.service, fact.what, fact.version) == (service, "deploy", serving):
            return (fact.previous, fact.previous_commit or "") if fact.previous else None
    return None


def _served(
    context: Context, service: str, dossier: Dossier, serving: str, previous: tuple[str, str] | None
) -> tuple[Signals | None, Signals | None]:
    """Return the signals of the version before and of the running one, each None where it was not measured."""
    if previous is None:
        return None, None
    found = remedy_proofs.compared(context, service, (serving, previous[0]), dossier)
    earlier, running = (None if isinstance(one, Missing) or not one.requests else one for one in found)
    return earlier, running
