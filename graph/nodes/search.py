"""Takes the next step of the search: another hypothesis, another service's evidence, or the end."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, assert_never

from langgraph.runtime import Runtime

from graph.context import Context
from graph.effects import conflicts
from graph.evidence import steering, suspicions, workspace
from graph.reports.vocabulary import sentence
from graph.state import Case, Inquiry, State, changes, ended
from incident.decision import Reason
from incident.ending import Ending
from incident.search import Round
from incident.steering import standing
from policies.diagnosis import search as policy
from policies.diagnosis import support
from policies.gates import evidence_gate

AFRESH: Mapping[str, None] = MappingProxyType(
    {"neighbours": None, "dossier": None, "followed": None, "hypothesis": None}
)
"""Update of an inquiry before the evidence of a service is gathered."""


def search(state: State, runtime: Runtime[Context]) -> dict[str, Any]:
    """Ask the policy, and go where it says; what was found before is kept."""
    context, case = runtime.context, state.case
    inquiry = steering.heard(context, case, state.inquiry, "search")
    # Nothing is changed from here on until there is a plan again.
    conflicts.withdraw(context, case)
    context.lease_keeper.release()
    decision = context.journal.decide("search", policy.POLICY, _facts(context, case, inquiry))
    result = decision.result
    inquiry = inquiry.model_copy(update={"steered": result.steered})
    match decision.choice:
        case "follow":
            here = case.model_copy(update={"service": result.service})
            return changes(case=here, inquiry=_followed(context, inquiry, result))
        case "widen":
            there = case.model_copy(update={"service": result.service})
            return changes(case=there, inquiry=inquiry.model_copy(update={**AFRESH, "wide": True}))
        case "look":
            there = case.model_copy(update={"service": result.service})
            return changes(case=there, inquiry=inquiry.model_copy(update=AFRESH))
        case "end":
            return changes(inquiry=inquiry, ending=_ending(inquiry, result, decision.verdict.reason))
        case _:
            assert_never(decision.choice)


def _facts(context: Context, case: Case, inquiry: Inquiry) -> policy.Facts:
    row = context.incidents.find(case.incident)
    now = context.clock.now()
    unranked = context.settings.suspects != "off" and inquiry.accused is None
    return policy.Facts(
        rounds=tuple(
            policy.Looked(
                service=item.service,
                hypotheses=item.diagnosis.hypotheses,
                strikes=item.strikes,
                thin=_thin(context, item) if unranked else (),
                steered=item.steered,
            )
            for item in inquiry.rounds
        ),
        setbacks=inquiry.setbacks,
        path=inquiry.path,
        known=context.world.platform.services(),
        unranked=unranked,
        suspects=suspicions.told(inquiry),
        words=standing(inquiry.words),
        seconds=(now - row.opened_at).total_seconds() if row else 0.0,
        limits=context.settings.limits.retry,
    )


def _thin(context: Context, item: Round) -> tuple[int, ...]:
    """Return the places of the hypotheses for which too few kinds of evidence speak."""
    least = context.settings.limits.evidence.min_kinds
    return tuple(
        index
        for index, hypothesis in enumerate(item.diagnosis.hypotheses)
        if len(evidence_gate.kinds_of(support.supporting(hypothesis, item.dossier))) < least
    )


def _followed(context: Context, inquiry: Inquiry, result: policy.Result) -> Inquiry:
    """Return the inquiry at the round of the hypothesis, with the neighbours of the service that it blames."""
    followed = inquiry.rounds[result.round]
    # What a change of that service reaches is asked of that service, wherever the evidence was found.
    own = followed.service == result.service
    update = {
        "neighbours": followed.neighbours if own else workspace.around(context, result.service),
        "dossier": steering.without(followed.dossier),
        "followed": (result.round, result.hypothesis),
        "hypothesis": followed.diagnosis.hypotheses[result.hypothesis],
    }
    return inquiry.model_copy(update=update)


def _ending(inquiry: Inquiry, result: policy.Result, why: Reason) -> Ending:
    # Two changes that were taken back may leave the same behind, which is said once.
    said = dict.fromkeys((sentence(why), *(item.said for item in inquiry.setbacks if item.said)))
    return ended(result.outcome, "; ".join(said))
