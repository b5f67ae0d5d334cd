"""Combines rules and a model on one diagnosis: the model chooses among causes, or looks where the rules found none.

Small models investigate badly and choose well.  A question that has one answer is not asked.
"""

from langchain_core.language_models import BaseChatModel

from agents import rca
from agents.budget import Budget
from agents.prompts import Prompt
from agents.view.incident_view import View
from incident.diagnosis import Diagnosis, Hypothesis, UnknownCause
from incident.record import Answered
from tools import ports


def diagnose(
    view: View,
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
        return rca.investigate(view, model, prompt, budget, clock)
    first, answered = rca.investigate(view, rules, prompt, budget, clock)
    suspects = tuple(item for item in first.hypotheses if not _unknown(item, view))
    # A choice with one answer would cost tokens and could only go wrong.
    if len(suspects) == 1:
        return first, answered
    found, said = rca.investigate(view, model, prompt, budget, clock, suspects)
    if not suspects and said.ended not in ("answered", "unknown"):
        # The rules looked, and say what is missing; that the model gave no answer is no finding.
        return first, said
    return found, said


def _unknown(hypothesis: Hypothesis, view: View) -> bool:
    """True when a hypothesis names nothing.

    One that names another service does, although it cannot say what is wrong there.
    """
    return isinstance(hypothesis.cause, UnknownCause) and hypothesis.service == view.dossier.service
