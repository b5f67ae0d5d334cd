"""The conversations that are on tape: each agent on the small incident of the unit tests, and the bare loop."""

from collections.abc import Callable, Mapping

from langchain_core.language_models import BaseChatModel

from agents import patching, prompts, rca, reviewing
from agents.budget import Budget
from agents.loop import account, loop
from agents.view.incident_view import View
from incident.diagnosis import CodeCause, Disproof, Hypothesis
from incident.proof import Check, Proof
from incident.record import Answered
from incident.remedy import Patch
from tests.unit.agents import doubles
from tests.unit.agents.toy import READERS, SAY
from tools.scripted.clock import ManualClock

BUDGET = Budget(steps=4, mistakes=3, answer_seconds=900.0, seconds=3600.0, context_tokens=3_500, candidates=2)
"""Short questions: the model that records them runs on whatever machine a developer has."""

ANSWER_TOKENS = 400

Conversation = Callable[[BaseChatModel], Answered]


def bare(model: BaseChatModel) -> Answered:
    """The loop with one reader and one answer."""
    task = '{"task":"Look up, then say in one word what you have seen."}'
    run = loop.run(model, "Call tools only.", task, READERS, (SAY,), BUDGET, ManualClock())
    return account.answered("rca", prompts.shipped("rca"), run, {"said": list(run.answers)})


def cause(model: BaseChatModel) -> Answered:
    """The RCA agent."""
    return rca.investigate(_bench(), model, prompts.shipped("rca"), BUDGET, ManualClock())[1]


def patch(model: BaseChatModel) -> Answered:
    """The patch agent."""
    given = (_bench(), _believed(), ())
    return patching.write(*given, model, prompts.shipped("patch"), BUDGET, ManualClock())[1][0]


def small(model: BaseChatModel) -> Answered:
    """The patch agent's small question, asked once: what is asked side by side comes in any order."""
    given = (_bench(), _believed(), (doubles.refusal(),), model, prompts.shipped("small"))
    return patching.write(*given, BUDGET.model_copy(update={"tries": 1}), ManualClock(), at_once=True)[1][0]


def review(model: BaseChatModel) -> Answered:
    """The reviewer, on the right patch with a proof that holds."""
    view = _bench()
    place = view.at(doubles.PLACE.path, doubles.PLACE.line)
    assert place is not None
    before = view.text(place.path)
    line = '    level = account["programme"]["level"]\n'
    after = before.replace(line, '    level = (account["programme"] or {}).get("level")\n')
    assert after != before
    mended: Patch = _patch(view, before, after)
    checks = (Check(name="reproduction", outcome="passed", detail="fails before, passes after"),)
    proof = Proof(remedy_digest=mended.digest(), base=view.commit, checks=checks)
    reviewer = prompts.shipped("review")
    return reviewing.review(mended, proof, _believed(), view, model, reviewer, BUDGET, ManualClock())[1]


CONVERSATIONS: Mapping[str, Conversation] = {
    "bare": bare,
    "cause": cause,
    "patch": patch,
    "small": small,
    "review": review,
}


def _bench() -> View:
    return doubles.view(doubles.group(), captures=True)


def _believed() -> Hypothesis:
    place = doubles.PLACE
    return Hypothesis(
        service="orders",
        cause=CodeCause(path=place.path, function=place.function, line=place.line),
        evidence=("E1",),
        disproof=Disproof.ERRORS_ELSEWHERE,
        explanation="programme can be None",
        claimed_confidence=0.8,
    )


def _patch(view: View, before: str, after: str) -> Patch:
    path = doubles.PLACE.path
    return Patch.model_validate(
        {
            "service": "orders",
            "base_commit": view.commit,
            "path": path,
            "function": "discount",
            "edits": ({"path": path, "before": before, "after": after},),
            "diff": view.repository.diff({path: before}, {path: after}),
            "summary": "accounts without a programme get the default",
        }
    )
