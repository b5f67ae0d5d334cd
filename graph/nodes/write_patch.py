"""Asks for candidates: changes to one function, best first."""

from typing import Any, assert_never

from langchain_core.language_models import BaseChatModel
from langgraph.runtime import Runtime

from agents import patching
from graph.context import Context
from graph.evidence import allowance, past
from graph.evidence.allowance import unanswered
from graph.evidence.workspace import view
from graph.setbacks import setback
from graph.state import Plan, State, believed, changes, gathered, planned, told
from incident.ending import Outcome
from incident.proof import CHANGE, Refusal
from incident.record import Answered
from incident.remedy import Patch
from policies.remedy import retry


def write_patch(state: State, runtime: Runtime[Context]) -> dict[str, Any]:
    """Ask the patch agent, with the refusals of earlier candidates; the policy bounds the tries."""
    context, plan = runtime.context, planned(state)
    if not plan.recalled and not plan.attempt:
        # What healed this very failure before is tried before anybody is asked.
        before = past.fixed(context, believed(state), gathered(state.inquiry), plan.base)
        if before is not None:
            return changes(plan=plan.model_copy(update={"recalled": True, "candidates": (before,)}))
    question = _question(context, state)
    if plan.attempt:
        given_up = _given_up(context, state, exhausted=question in plan.asked)
        if given_up is not None:
            return given_up
    candidates, runs = _written(context, state)
    for answered in runs:
        context.journal.write("write_patch", answered)
    if not candidates and (ending := unanswered(*runs)) is not None:
        return changes(ending=ending)
    # What was refused is refused again: proving it anew costs time and shows nothing.
    candidates = tuple(one for one in candidates if not _known(one, plan.refusals))
    asked = (*plan.asked, question) if question else plan.asked
    written = {"attempt": plan.attempt + 1, "candidates": candidates, "asked": asked}
    return changes(plan=plan.model_copy(update=written))


def _given_up(context: Context, state: State, *, exhausted: bool) -> dict[str, Any] | None:
    """Return the changes when the hypothesis is given up, or None for another try."""
    plan = planned(state)
    decision = context.journal.decide(
        "write_patch",
        retry.POLICY,
        retry.Facts(
            attempt=plan.attempt,
            max_attempts=_allowed(context),
            exhausted=exhausted,
            failures=tuple(item.check for item in plan.refusals),
        ),
    )
    match decision.choice:
        case "revise":
            return None
        case "give_up":
            return setback(state, decision.verdict.reason, Outcome.REJECTED)
        case "escalate":
            return setback(state, decision.verdict.reason, Outcome.ESCALATED)
        case _:
            assert_never(decision.choice)


def _known(candidate: Patch, refusals: tuple[Refusal, ...]) -> bool:
    """True for a candidate that was refused before; False where the refusal holds only a part of its change."""
    again = told(candidate)
    _, change, _ = again
    return len(change) < CHANGE and any((one.function, one.change, one.template) == again for one in refusals)


def _question(context: Context, state: State) -> str:
    plan = planned(state)
    return patching.asked(
        view(context, state.case, gathered(state.inquiry)),
        believed(state),
        plan.refusals,
        _writer(context, plan.attempt),
        context.models.patch,
        context.settings.budget,
        plan.reproduction.values if plan.reproduction else None,
    )


def _written(context: Context, state: State) -> tuple[tuple[Patch, ...], tuple[Answered, ...]]:
    plan = planned(state)
    at_once = context.models.rules is not None and _small(context, plan)
    with context.tracer.span("write_patch", service=state.case.service, attempt=plan.attempt):
        return patching.write(
            view(context, state.case, gathered(state.inquiry)),
            believed(state),
            plan.refusals,
            _writer(context, plan.attempt),
            context.models.small if at_once else context.models.patch,
            allowance.left(context),
            context.clock,
            values=plan.reproduction.values if plan.reproduction else None,
            at_once=at_once,
        )


def _allowed(context: Context) -> int:
    """Return the number of times that the patch agent may be asked."""
    # A small window has no tools to learn more with, so it gets one try less.
    most = context.settings.limits.retry.max_attempts
    return most if context.models.rules is None or context.settings.budget.roomy else max(1, most - 1)


def _small(context: Context, plan: Plan) -> bool:
    """True for the small question: the model gets it first, and once more with its refusals, if it had any.

    A model with a small window gets no other.
    """
    asked = plan.attempt - _templates(context)
    again = asked == 1 and any(not item.template for item in plan.refusals)
    return asked >= 0 and (asked == 0 or again or not context.settings.budget.roomy)


def _templates(context: Context) -> int:
    """Return the number of attempts that are the templates': the first one, where they are used beside a model."""
    return int(context.models.rules is not None and context.settings.thinking.templates)


def _writer(context: Context, attempt: int) -> BaseChatModel:
    """Return the writer of an attempt: the templates first, where there are both, then the model."""
    rules = context.models.rules
    return context.models.model if rules is None or attempt >= _templates(context) else rules
