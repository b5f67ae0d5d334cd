"""Causes in what services expect of each other: one reader left behind, empty answers, a new field, many calls."""

import math

from evals.bench.diagnosis.grammar.changes import Made
from evals.bench.diagnosis.grammar.effects import Effect, Visitors
from evals.bench.diagnosis.grammar.plan import Ground, Named, Plan, Unsuitable
from evals.bench.diagnosis.grammar.records import Causes
from evals.bench.diagnosis.kinds.kind import Kind


def one_reader(ground: Ground) -> Plan:
    """A deploy changes the shape of an answer; all callers but one can read it."""
    system = ground.system
    found = [
        (caller, callee)
        for callee in system.services
        if len(system.callers.get(callee, ())) >= 2
        for caller, number, link in system.links_to(callee)
        if system.visits.get((caller, number), 0.0) * link.share >= 0.15 and not link.optional
    ]
    if not found:
        raise Unsuitable("nothing has two callers")
    caller, callee = ground.dice.choice(found)
    noun, field, verb = ground.words()
    effect = Effect(caller, ground.onset, ground.end, callee=callee, share=ground.dice.uniform(0.4, 1.0), nonsense=True)
    return Plan(
        causes=Causes((effect,), rollouts=((callee, ground.onset, 1.0),)),
        change=Made("deploy", callee, ground.just_before(), noun, field, verb),
        right=(Named("change"),),
        near=(Named("node", callee),),
        victims=(caller,),
        hides=(callee,),
        noun=noun,
        field=field,
        verb=verb,
    )


def empty_answers(ground: Ground) -> Plan:
    """A setting points a service to an empty index; its caller passes the nothing on, and the next one stumbles."""
    system = ground.system
    found = [
        (middle, link)
        for middle in system.services
        for number, operation in enumerate(system.nodes[middle].operations)
        for link in operation.links
        if system.nodes[link.callee].sort == "service"
        and system.visits.get((middle, number), 0.0) * link.share >= 0.2
        and any(above == number and not upper.optional for _, above, upper in system.links_to(middle))
    ]
    if not found:
        raise Unsuitable("no chain of three is busy enough")
    middle, link = ground.dice.choice(found)
    above = sorted({caller for caller, _, upper in system.links_to(middle) if not upper.optional})
    empty = Effect(link.callee, ground.onset, ground.end, share=ground.dice.uniform(0.5, 1.0), nonsense=True)
    passes = Effect(middle, -1.0, callee=link.callee, passes=True)
    number = ground.dice.randrange(2, 60)
    return Plan(
        causes=Causes((empty, passes)),
        change=Made(
            "config",
            link.callee,
            ground.just_before(),
            noun=ground.words()[0],
            setting="index",
            old=f"v{number}",
            new=f"v{number + 1}",
        ),
        right=(Named("change"),),
        near=(Named("node", link.callee),),
        victims=tuple(above),
        hides=(link.callee,),
    )


def staged_release(ground: Ground) -> Plan:
    """A release sends what its callee refuses, for one kind of request, and is rolled out in three stages."""
    dice = ground.dice
    caller, link = ground.link(sort="service")
    noun, field, verb = ground.words()
    at = max(0.02 * ground.seconds, ground.onset - dice.uniform(2.0, 6.0) * ground.alarm)
    half, all_of_it = ground.onset, ground.onset + dice.uniform(0.5, 2.0) * ground.alarm
    trait = dice.choice(("null", "negative", "absent", "rare"))
    effect = Effect(caller, at, ground.end, callee=link.callee, trait=trait, rejects="shape", deploy=True)
    setting, old, new = dice.choice((("timeout_ms", "2000", "3000"), ("pool_size", "20", "24")))
    nearer = Made(
        "config",
        dice.choice((caller, caller, link.callee)),
        dice.uniform(at, ground.onset),
        noun=ground.words()[0],
        setting=setting,
        old=old,
        new=new,
    )
    return Plan(
        causes=Causes(
            (effect,),
            visitors=(Visitors(trait, dice.uniform(0.2, 0.5)),),
            rollouts=((caller, at, 0.1), (caller, half, 0.5), (caller, all_of_it, 1.0)),
        ),
        change=Made(
            "deploy", caller, at, noun, field, verb, share=0.1, stages=((half - at, 0.5), (all_of_it - at, 1.0))
        ),
        beside=(nearer,),
        right=(Named("change"),),
        near=(Named("node", caller),),
        victims=(caller,),
        hides=(caller,),
        noun=noun,
        field=field,
        verb=verb,
    )


def many_calls(ground: Ground) -> Plan:
    """A flag turns on code that asks once for each item of a list, where it asked once for all of them."""
    dice = ground.dice
    caller, link = ground.link()
    operation = ground.system.nodes[link.callee].operations[link.operation]
    if operation.links:
        raise Unsuitable("lists are read from whoever has them")
    items = math.ceil(dice.uniform(300, 1200) / operation.own_ms)
    effect = Effect(
        caller,
        ground.onset,
        ground.end,
        callee=link.callee,
        operation=link.operation,
        share=dice.uniform(0.5, 1.0),
        times=min(120, max(8, items)),
    )
    noun, field, verb = ground.words()
    return Plan(
        causes=Causes((effect,)),
        change=Made("flag", caller, ground.just_before(), noun, field, verb),
        right=(Named("change"),),
        near=(Named("node", caller),),
        victims=(caller,),
        hides=(caller,),
    )


KINDS = (
    Kind("deploy changes what one caller cannot read", one_reader),
    Kind("setting: empty answers, noticed two calls up", empty_answers),
    Kind("release in stages sends what is refused", staged_release),
    Kind("flag makes one call many", many_calls),
)
