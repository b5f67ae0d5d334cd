"""Causes in code: a deploy that raises, one that is slow, one that answers nonsense."""

from evals.bench.diagnosis.grammar.changes import Made
from evals.bench.diagnosis.grammar.effects import Effect, Visitors
from evals.bench.diagnosis.grammar.plan import Ground, Named, Plan
from evals.bench.diagnosis.grammar.records import Causes
from evals.bench.diagnosis.kinds.kind import Kind


def raises(ground: Ground) -> Plan:
    """A deploy raises on one kind of request, which was answered well before."""
    node, (noun, field, verb) = ground.node(), ground.words()
    trait = ground.dice.choice(("null", "negative", "absent", "rare"))
    visitors = Visitors(trait, ground.dice.uniform(0.15, 0.5))
    effect = Effect(node.id, ground.onset, ground.end, trait=trait, fails="cause", deploy=True)
    return _deployed(ground, node.id, noun, field, verb, (effect,), (visitors,), function=True)


def slow_operation(ground: Ground) -> Plan:
    """A deploy makes one operation slow for a part of its requests: two modes, and a median that hardly moves."""
    node, (noun, field, verb) = ground.node(), ground.words()
    effect = Effect(
        node.id,
        ground.onset,
        ground.end,
        operation=ground.busiest(node),
        share=ground.dice.uniform(0.2, 0.6),
        adds_ms=ground.dice.uniform(300, 1500),
        deploy=True,
    )
    return _deployed(ground, node.id, noun, field, verb, (effect,))


def nonsense(ground: Ground) -> Plan:
    """A deploy of a callee answers with success what its callers cannot read: they raise, it does not."""
    caller, link = ground.link(sort="service")
    noun, field, verb = ground.words()
    effect = Effect(
        link.callee, ground.onset, ground.end, share=ground.dice.uniform(0.3, 1.0), nonsense=True, deploy=True
    )
    return _deployed(ground, link.callee, noun, field, verb, (effect,), victims=(caller,))


def _deployed(
    ground: Ground,
    node: str,
    noun: int,
    field: int,
    verb: str,
    effects: tuple[Effect, ...],
    visitors: tuple[Visitors, ...] = (),
    *,
    victims: tuple[str, ...] = (),
    function: bool = False,
) -> Plan:
    share = ground.dice.choice((1.0, 1.0, 1.0, 0.5))
    at = ground.just_before()
    change = Made("deploy", node, at, noun, field, verb, share=share)
    function_of = (Named("function", node),) if function else ()
    return Plan(
        causes=Causes(effects, visitors=visitors, rollouts=((node, ground.onset, share),)),
        change=change,
        right=(Named("change"), *function_of),
        near=(Named("node", node),),
        victims=victims or (node,),
        hides=(node,),
        noun=noun,
        field=field,
        verb=verb,
    )


KINDS = (
    Kind("deploy raises on a kind of request", raises),
    Kind("deploy slow on one operation", slow_operation),
    Kind("deploy answers nonsense with 200", nonsense),
)
