"""Review agent: diff, proof and incident in, a checklist out.  It never sees the author's reasons."""

import re

from langchain_core.language_models import BaseChatModel
from pydantic import JsonValue

from agents import checklist
from agents.budget import Budget
from agents.loop import account, loop, small
from agents.models import factory
from agents.prompts import Prompt
from agents.view import rendering
from agents.view.incident_view import View
from agents.view.toolbox import Terminal
from agents.view.tools import toolboxes
from incident.diagnosis import Hypothesis
from incident.proof import Proof, Review
from incident.record import Answered
from incident.remedy import Patch
from tools import ports

SOURCE, TEST = 8_000, 1_500
"""Characters of the diff of one file that are shown."""


def review(
    patch: Patch,
    proof: Proof,
    hypothesis: Hypothesis,
    view: View,
    model: BaseChatModel,
    prompt: Prompt,
    budget: Budget,
    clock: ports.Clock,
) -> tuple[Review, Answered]:
    """Have a patch read.  Without an answer every item speaks against it: no answer means no.

    A language model with a small window gets one small question without tools.

    Raises Unavailable when a port does not answer; an endpoint that does not is an ending of the run.
    """
    changed = checklist.lines(patch.diff)
    others = checklist.elsewhere(view, patch, hypothesis)
    end = Terminal(
        "answer_checklist",
        "Answer the checklist.",
        checklist.schema(changed, others),
        lambda fields: checklist.judged(patch, proof, changed, fields),
    )
    opening: dict[str, JsonValue] = {
        "task": "Review this change.",
        "function": f"{patch.path}::{patch.function}",
        "lines": {line.name: rendering.page(line.text)[:200] for line in changed},
        "elsewhere": list(others),
        "proof_is_of_this_patch": proof.remedy_digest == patch.digest(),
    }
    readers = toolboxes(view)["review"]
    if small.only_small(model, budget):
        readers = ()
        opening |= small.change(view, patch, proof)
    else:
        opening |= {
            "diff": _shown(patch.diff),
            "proof": {"outcome": proof.outcome, "checks": rendering.proof(proof)},
            # Without the hypothesis' explanation: it argues for the change that is to be judged.
            "cause": rendering.cleaned(hypothesis.cause.model_dump(mode="json")),
            "dossier": rendering.dossier(view.dossier.about("error_group", "traits")),
        }
    run = loop.run(model, prompt.text, rendering.opening(opening), readers, (end,), budget, clock)
    # Asked once, answered twice: the stricter answer counts.
    answers = run.answers or [checklist.silent(patch, account.ending(run))]
    stricter = max(answers, key=lambda answer: len(answer.objections))
    said = stricter.model_copy(update={"model": factory.describe(run.model)})
    return said, account.answered("review", prompt, run, said.model_dump(mode="json"))


def _shown(diff: str) -> str:
    """The diff, the long added test cut: what it does is in the proof, and a small model loses itself in it."""
    parts = re.split(r"(?m)^(?=diff --git )", diff)
    return "".join(rendering.page(part)[: TEST if "/tests/" in part.partition("\n")[0] else SOURCE] for part in parts)
