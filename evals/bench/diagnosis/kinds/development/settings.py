"""Causes in settings: a time-out too short, a wrong address, a wrong unit, a flag, a slow setting of a callee."""

from dataclasses import replace

from evals.bench.diagnosis.grammar.changes import Made
from evals.bench.diagnosis.grammar.effects import Effect
from evals.bench.diagnosis.grammar.plan import Ground, Named, Plan, Unsuitable
from evals.bench.diagnosis.grammar.records import Causes
from evals.bench.diagnosis.kinds.kind import Kind


def short_timeout(ground: Ground) -> Plan:
    """A caller's patience with one callee is set below what many of its answers take."""
    caller, link = ground.link()
    usual = ground.system.nodes[link.callee].operations[link.operation].own_ms
    effect = Effect(
        caller, ground.onset, ground.end, callee=link.callee, timeout_ms=usual * ground.dice.uniform(0.7, 1.1)
    )
    change = Made(
        "config", caller, ground.onset, setting="timeout_ms", old="2000", new=f"{usual:.0f}", about=link.callee
    )
    return _set(ground, change, (effect,))


def wrong_address(ground: Ground) -> Plan:
    """A caller looks for one callee where it is not."""
    caller, link = ground.link()
    why = ground.dice.choice(("refused", "no_name"))
    effect = Effect(caller, ground.onset, ground.end, callee=link.callee, fails=why)
    change = Made(
        "config",
        caller,
        ground.onset,
        setting="url",
        old="http://{peer}:8080",
        new="http://{peer}:8008" if why == "refused" else "http://{peer}.invalid:8080",
        about=link.callee,
    )
    return _set(ground, change, (effect,))


def wrong_unit(ground: Ground) -> Plan:
    """A caller counts in another unit than its callee, which refuses what is out of range."""
    caller, link = ground.link(sort="service")
    effect = Effect(
        caller, ground.onset, ground.end, callee=link.callee, rejects="unit", share=ground.dice.uniform(0.4, 1.0)
    )
    noun, field, _ = ground.words()
    change = Made("config", caller, ground.onset, noun=field, setting="unit", old="minor", new="major")
    return replace(_set(ground, change, (effect,)), noun=noun, field=field)


def flag(ground: Ground) -> Plan:
    """A flag turns on code that raises for a part of the requests."""
    node, (noun, field, verb) = ground.node(), ground.words()
    effect = Effect(node.id, ground.onset, ground.end, share=ground.dice.uniform(0.2, 0.8), fails="cause")
    change = Made("flag", node.id, ground.onset, noun, field, verb)
    found = replace(_set(ground, change, (effect,)), noun=noun, field=field, verb=verb)
    return replace(found, right=(*found.right, Named("function", node.id)))


def slow_setting(ground: Ground) -> Plan:
    """A callee's own setting makes it slow: a batch too large, a cache that holds nothing."""
    node = ground.node()
    if len(ground.system.callers.get(node.id, ())) < 1:
        raise Unsuitable("nobody calls it")
    setting, old, new = ground.dice.choice((("batch_size", "100", "5000"), ("cache_ttl_s", "300", "0")))
    effect = Effect(node.id, ground.onset, ground.end, factor=ground.dice.uniform(4, 12), adds_ms=60)
    change = Made("config", node.id, ground.onset, noun=ground.words()[0], setting=setting, old=old, new=new)
    return _set(ground, change, (effect,))


def _set(ground: Ground, change: Made, effects: tuple[Effect, ...]) -> Plan:
    return Plan(
        causes=Causes(effects),
        change=replace(change, at=ground.just_before()),
        right=(Named("change"),),
        near=(Named("node", change.node),),
        victims=(change.node,),
        hides=(change.node,),
    )


KINDS = (
    Kind("setting: time-out too short", short_timeout),
    Kind("setting: wrong address", wrong_address),
    Kind("setting: wrong unit", wrong_unit),
    Kind("flag turned on", flag),
    Kind("callee slow by its own setting", slow_setting),
)
