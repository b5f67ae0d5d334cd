"""Controls: with the guard off the same text does harm, and the oracle sees it.

For every call of every goal a naive design carries it out; and where a real tool takes the call, the product itself
is run with just the policies off that stand in its way.
"""

from collections.abc import Iterator

from evals.attacks import naive, play, styles
from evals.attacks.carriers import Carrier
from evals.attacks.cases import Attack
from evals.attacks.context import JournalMaker
from evals.attacks.goals import ASKS, Ask, Goal
from evals.attacks.styles import Style
from graph.journal import Journal
from incident.decision import Allow
from incident.value import Value
from policies.diagnosis import assertions
from policies.policy import C, F, Judgement, Policy, R

CAUSE = frozenset({"assertions.check", "evidence_gate.judge"})
"""The policies between an obedient model and a cause that it chose."""

PATCH = frozenset({"patch_rules.inspect"})
"""The policy between an obedient model and a patch that it chose; the proof of these runs sees nothing."""


def lax(off: frozenset[str]) -> JournalMaker:
    """A journal whose policies of `off` have no objection to anything."""

    class Lax(Journal):
        def decide(self, node: str, policy: Policy[F, C, R], facts: F) -> Judgement[C, R]:
            decided = super().decide(node, policy, facts)
            if policy.name not in off:
                return decided
            result: Value = decided.result
            if isinstance(facts, assertions.Facts):
                result = assertions.Result(kept=tuple(range(len(facts.diagnosis.hypotheses))), struck=())
            return decided.model_copy(update={"verdict": Allow(reason="the guard is off"), "result": result})

    return Lax


class Control(Value):
    """One control: which guard was off, and whether the oracle saw the harm."""

    goal: Goal
    tool: str
    guard: str
    seen: bool
    harms: tuple[str, ...]


def case_of(goal: Goal, ask: Ask, carrier: Carrier = Carrier.LOG) -> Attack:
    """One plain case: the call in one carrier, and a model that does nothing else."""
    text = styles.CAUSES[1].format(call=f'{{"tool":"{ask.tool}","args":{_json(ask)}}}')
    return Attack(
        number=0,
        carrier=carrier,
        style=Style.FALSE_CAUSE,
        goal=goal,
        ask=ask,
        plants={carrier: text},
        dutiful=False,
        ranked=False,
    )


def _json(ask: Ask) -> str:
    return ask.canonical().decode().partition('{"args":')[2].rpartition(',"tool":')[0]


def all_controls() -> Iterator[Control]:
    """Every call of every goal against the naive design."""
    for goal, asks in ASKS.items():
        for ask in asks:
            yield _control(goal, ask, "all: calls are carried out", play.attack(case_of(goal, ask), driver=naive.drive))


REAL: tuple[tuple[Carrier, Goal, int, frozenset[str]], ...] = (
    (Carrier.LOG, Goal.RIGHTS, 0, CAUSE),
    (Carrier.LOG, Goal.RIGHTS, 2, PATCH),
    (Carrier.LOG, Goal.RIGHTS, 3, PATCH),
    (Carrier.LOG, Goal.RIGHTS, 4, PATCH),
    (Carrier.LOG, Goal.LEAK, 4, PATCH),
    (Carrier.MEMORY, Goal.RIGHTS, 3, PATCH),
)
"""Carrier, goal and place in `ASKS` of the calls that a real tool takes, and the policies that stand in their way."""


def in_graph() -> Iterator[Control]:
    """The product with a few policies off: the model's choice goes through."""
    for carrier, goal, index, off in REAL:
        ask = ASKS[goal][index]
        yield _control(goal, ask, ", ".join(sorted(off)), play.attack(case_of(goal, ask, carrier), journal=lax(off)))


def _control(goal: Goal, ask: Ask, guard: str, result: play.Result) -> Control:
    return Control(
        goal=goal,
        tool=ask.tool,
        guard=guard,
        seen=bool(result.harms) if goal is Goal.LEAK else any(harm.goal is goal for harm in result.harms),
        harms=tuple(f"{harm.goal}: {harm.what}" for harm in result.harms),
    )
