"""Question of a waiting incident, read from its checkpoint, and the check of an answer's digest."""

from langchain_core.runnables import RunnableConfig

from graph import build
from graph.setup import stores, wiring
from incident.errors import BadInput
from incident.value import Value
from tools import program

LEAST = 12
"""Hexadecimal digits of a plan's digest that are enough to name it."""


class Question(Value):
    """One question to a person.  Each has an id of its own, also when the same is asked again."""

    id: str
    question: str
    plan: str
    """Digest of the plan that is asked about; empty when there is none."""
    deed: str = ""
    """Digest of the change that the plan makes, as `incident.remedy.deed` computes it."""
    choices: dict[str, str] = {}
    """Plans of which a person may pick one, by digest, each with the digest of its change; empty: there is one plan."""
    base: str
    liftable: bool = True
    """True when a person may open the gate at all."""
    service: str = ""
    unserved: str = ""
    """Reason that no rule can tell whether a change helped; empty when the world serves one."""


def asked(shared: stores.Stores, incident: str) -> Question | None:
    """Return the incident's open question; None when it asks nothing.  Raises Unavailable, Tampered."""
    config: RunnableConfig = {"configurable": {"thread_id": incident}}
    with wiring.checkpointer(shared) as saver:
        found = build.build(saver).get_state(config).interrupts
    return Question.model_validate({**found[0].value, "id": found[0].id}) if found else None


def named(given: str, question: Question, incident: str) -> Question:
    """Return the question about the plan whose digest a person gives.  Raises BadInput for a plan that is not asked about."""
    wanted = given.strip().lower()
    look = f"look at it with {program.called('explain')} {incident}, which shows its digest"
    if not wanted:
        raise BadInput("--plan", given, f"say which plan you answer about; {look}")
    if len(wanted) < LEAST or set(wanted) - set("0123456789abcdef"):
        raise BadInput("--plan", given, f"give the plan's digest, or at least its first {LEAST} digits; {look}")
    plans = {question.plan: question.deed, **question.choices}
    meant = [plan for plan in plans if plan.startswith(wanted)]
    if len(meant) != 1:
        raise BadInput("--plan", given, f"that is not a plan that is asked about now; {look}")
    return question.model_copy(update={"plan": meant[0], "deed": plans[meant[0]]})
