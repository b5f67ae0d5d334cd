"""Choices of a person: patches that each answer the failing request otherwise, when nothing tells which of them is right."""

from collections import Counter

from agents import rivals
from graph.context import Context
from graph.evidence import workspace
from graph.evidence.samples import healthy
from graph.state import Kept, Plan, State, believed, gathered
from incident.control import Approval
from incident.proof import Answer
from incident.record import Proposed, Proved
from incident.remedy import Patch
from policies.gates.proof_gate import Choice

MOST = 3
"""Answers that a person is shown."""

ALIKE = 2
"""Rivals with the same answer of which one may pass: rules and checks can refuse the first."""

_UNASKED = object()

_ANSWER, _CHANGE = 160, 100
"""Most characters of an answer, and of a change in words."""


def kept(plan: Plan, tried: Kept) -> Plan:
    """Return the plan with one more choice, when its answer is a new one and there is room.

    What waits and would answer the same, or what there is no room for, is tried no more.
    """
    known = {one.proof.answer for one in plan.kept}
    if tried.proof.answer in known or len(plan.kept) == MOST:
        return plan
    full = len(plan.kept) + 1 == MOST
    waiting = [one for one in plan.candidates if plan.answers.get(one.digest(), _UNASKED) != tried.proof.answer]
    left = [one for one in waiting if not (full and rivals.is_one(one))]
    return plan.model_copy(update={"kept": (*plan.kept, tried), "candidates": tuple(left)})


def settled(context: Context, state: State, plan: Plan) -> Plan:
    """Return the plan with what comes after its last candidate: rivals of what was kept, once, then the first one kept."""
    if plan.candidates or not plan.kept:
        return plan
    if not plan.rivalled:
        found = _rivals(context, state, plan)
        answers = {patch.digest(): answer for patch, answer in found}
        waiting = tuple(patch for patch, _ in found)
        plan = plan.model_copy(update={"rivalled": True, "candidates": waiting, "answers": answers})
        if found:
            return plan
    return _told(context, taken(plan, plan.kept[0]))


def taken(plan: Plan, chosen: Kept) -> Plan:
    """Return the plan with a proved candidate as its remedy, not reviewed yet."""
    made = {"remedy": chosen.patch, "proof": chosen.proof, "inspection": chosen.inspection, "review": None}
    return plan.model_copy(update=made)


def picked(context: Context, plan: Plan, answer: Approval) -> Plan | None:
    """Return the plan with the patch that a person picked; None when that is its remedy already, or no choice of it."""
    if plan.remedy is None or answer.plan_digest == plan.remedy.digest():
        return None
    found = next((one for one in plan.kept if one.patch.digest() == answer.plan_digest), None)
    return None if found is None else _told(context, taken(plan, found))


def offered(plan: Plan) -> tuple[Choice, ...]:
    """Return what a person picks from; empty when there are not two of them."""
    if len(plan.kept) < 2:
        return ()
    return tuple(
        Choice(plan=one.patch.digest(), answer=_said(one)[:_ANSWER], change=one.patch.summary[:_CHANGE])
        for one in plan.kept
    )


def _said(one: Kept) -> str:
    return one.proof.answer.said if one.proof.answer else ""


def _told(context: Context, plan: Plan) -> Plan:
    """Record the remedy again: others were proposed since, and the last one is what a record is about."""
    if plan.remedy is not None and plan.proof is not None:
        context.journal.write("gate", Proposed(remedy=plan.remedy))
        context.journal.write("gate", Proved(proof=plan.proof))
    return plan


def _rivals(context: Context, state: State, plan: Plan) -> list[tuple[Patch, Answer]]:
    """Return rivals that answer the failing request otherwise than what was kept, those of a new answer first."""
    reproduction, service = plan.reproduction, state.case.service
    if reproduction is None or len(plan.kept) == MOST:
        return []
    found = rivals.beside(
        workspace.view(context, state.case, gathered(state.inquiry)),
        believed(state),
        reproduction.signature,
        tuple(one.patch for one in plan.kept),
    )
    with context.tracer.span("prove", service=service):
        said = context.prover.answers(
            found,
            workspace.component(context, service),
            context.world.platform.runtime(service),
            reproduction,
            healthy(context, service, reproduction.signature.route, gathered(state.inquiry)),
        )
    known = {one.proof.answer for one in plan.kept}
    new = [(patch, answer) for patch, answer in zip(found, said, strict=True) if answer and answer not in known]
    turns: Counter[Answer] = Counter()
    queued = []
    for patch, answer in new:
        queued.append((turns[answer], patch, answer))
        turns[answer] += 1
    return [(patch, answer) for turn, patch, answer in sorted(queued, key=lambda one: one[0]) if turn < ALIKE]
