"""Rules and a model on one diagnosis: the model chooses where the rules found several causes, and looks where they found none.

Small models investigate badly and choose well.  A question that has one answer is not asked.
"""

from langchain_core.language_models import BaseChatModel

from agents import rca
from agents.budget import Budget
from agents.prompts import Prompt
from agents.view.view import Bench
from incident.diagnosis import Diagnosis, Hypothesis, UnknownCause
from incident.record import Answered
from tools import ports


def diagnose(
    bench: Bench,
    rules: BaseChatModel | None,
    model: BaseChatModel,
    prompt: Prompt,
    budget: Budget,
    clock: ports.Clock,
) -> tuple[Diagnosis, Answered]:
    """Ask the rules first, then the model: to choose where they found several, to investigate where they found none.

    Without rules the model investigates.  Raises what `rca.investigate` raises.
    """
    if rules is None:
        return rca.investigate(bench, model, prompt, budget, clock)
    first, answered = rca.investigate(bench, rules, prompt, budget, clock)
    suspects = tuple(item for item in first.hypotheses if not _unknown(item, bench))
    if len(suspects) == 1:
        return first, answered
    return rca.investigate(bench, model, prompt, budget, clock, suspects)


def _unknown(hypothesis: Hypothesis, bench: Bench) -> bool:
    """Whether it names nothing; one that names another service does, although it cannot say what is wrong there."""
    return isinstance(hypothesis.cause, UnknownCause) and hypothesis.service == bench.dossier.service
