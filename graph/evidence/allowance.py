"""Allowance of an agent's run: its budget, less what earlier runs of the same incident used up."""

from agents.budget import Budget
from graph.context import Context
from graph.reports import journal_reader as journal
from graph.state import ended
from incident.ending import Ending, Outcome
from incident.record import Answered


def left(context: Context) -> Budget:
    """Return the budget of one run, within what is left of the incident's."""
    # Counted from the journal, so that a restart forgets nothing.
    chosen, budget = context.settings.thinking, context.settings.budget
    runs = [event for _, event in journal.events(journal.load(context.folder.lines()), Answered)]
    used = sum(run.input_tokens + run.output_tokens for run in runs)
    tokens = min(budget.tokens, max(0, chosen.incident_tokens - used))
    limit = chosen.incident_cost_micros
    if limit is None:
        return budget.model_copy(update={"tokens": tokens})
    costs = [run.cost_micros for run in runs]
    known = sum(cost for cost in costs if cost is not None)
    # An unknown cost may be any amount, so nothing is left.
    cost = 0 if None in costs else max(0, limit - known)
    return budget.model_copy(update={"tokens": tokens, "cost_micros": cost})


def unanswered(*runs: Answered) -> Ending | None:
    """Return the ending when asking again is useless in all runs: no answer, or no budget; else None.

    Models are asked before anything is changed, so nothing is in flight.
    """
    if not all(map(_for_good, runs)):
        return None
    first = runs[0]
    return ended(Outcome.ESCALATED, f"{first.agent}: {first.model} was asked and {first.why}")


def _for_good(run: Answered) -> bool:
    return run.ended in ("gone", "refused", "too_long", "money") or (run.ended == "tokens" and run.steps == 0)
