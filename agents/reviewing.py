"""The reviewing agent: diff, proof and incident in, a checklist out.  It never sees the author's reasons."""

import re
from typing import Any

from langchain_core.language_models import BaseChatModel

from agents import account, loop, models, rendering
from agents.bench import Bench
from agents.budget import Budget
from agents.prompts import Prompt
from agents.toolbox import Terminal, arguments, text
from agents.tools import toolboxes
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
    bench: Bench,
    model: BaseChatModel,
    prompt: Prompt,
    budget: Budget,
    clock: ports.Clock,
) -> tuple[Review, Answered]:
    """Have a patch read.  Without an answer every item speaks against it: no answer means no.

    Raises Unavailable when a port does not answer; an endpoint that does not is an ending of the run.
    """
    opening = rendering.opening(
        {
            "task": "Review this change.",
            "function": f"{patch.path}::{patch.function}",
            "diff": _shown(patch.diff),
            "proof": {"outcome": proof.outcome, "checks": rendering.proof(proof)},
            "proof_is_of_this_patch": proof.remedy_digest == patch.digest(),
            "cause": rendering.cleaned(hypothesis.cause.model_dump(mode="json")),
            "dossier": rendering.dossier(bench.dossier.about("error_group", "traits")),
        }
    )
    end = Terminal("answer_checklist", "Answer the checklist.", _schema(), lambda fields: fields)
    run = loop.run(model, prompt.text, opening, toolboxes(bench)["review"], (end,), budget, clock)
    given = run.answers or [_against(account.ending(run))]
    # Asked once, answered twice: the stricter answer counts.
    said = max((_review(patch, run.model, fields) for fields in given), key=lambda answer: len(answer.objections))
    return said, account.answered("review", prompt, run, said.model_dump(mode="json"))


def _shown(diff: str) -> str:
    """The diff, the long added test cut: what it does is in the proof, and a small model loses itself in it."""
    parts = re.split(r"(?m)^(?=diff --git )", diff)
    return "".join(rendering.page(part)[: TEST if "/tests/" in part.partition("\n")[0] else SOURCE] for part in parts)


def _schema() -> Any:
    return arguments(
        "answer_checklist",
        right_cause=bool,
        hides_error=bool,
        changes_meaning=bool,
        compatible_data=bool,
        tests_meaningful=bool,
        comment=text(600, "what decided it"),
    )


def _review(patch: Patch, model: BaseChatModel, fields: dict[str, Any]) -> Review:
    comment = rendering.normalise(fields["comment"], 600)
    return Review(**{**fields, "comment": comment}, remedy_digest=patch.digest(), model=models.describe(model))


def _against(why: str) -> dict[str, Any]:
    return {
        "right_cause": False,
        "hides_error": True,
        "changes_meaning": True,
        "compatible_data": False,
        "tests_meaningful": False,
        "comment": f"the reviewer was asked and {why}",
    }
