"""Causes outside of code and settings: a third party, a certificate, a clock, a record, a quota."""

from evals.bench.diagnosis.grammar.effects import Drift, Effect, Visitors
from evals.bench.diagnosis.grammar.plan import Ground, Named, Plan
from evals.bench.diagnosis.grammar.records import Causes
from evals.bench.diagnosis.kinds.kind import Kind


def third_party(ground: Ground) -> Plan:
    """A third party fails or hangs."""
    caller, link = ground.link(sort="third_party", least=0.08)
    dice = ground.dice
    effect = (
        Effect(link.callee, ground.onset, ground.end, share=dice.uniform(0.3, 1.0), fails="cause")
        if dice.random() < 0.6
        else Effect(link.callee, ground.onset, ground.end, share=dice.uniform(0.3, 1.0), adds_ms=4000)
    )
    return Plan(
        causes=Causes((effect,)),
        right=(Named("node", link.callee),),
        victims=(caller,),
        hides=(link.callee,),
    )


def certificate(ground: Ground) -> Plan:
    """The certificate of a callee ends: whoever connects refuses it."""
    node = ground.node()
    effects = tuple(
        Effect(caller, ground.onset, callee=node.id, fails="certificate")
        for caller in ground.system.callers.get(node.id, ())
    )
    drift = Drift(node.id, "certificate_expiry_days", -1.0, factor=0.001)
    return Plan(
        causes=Causes(effects),
        drifts=(drift,),
        right=(Named("outside", thing="certificate"), Named("node", node.id)),
        victims=(node.id,),
        hides=(node.id,),
    )


def clock(ground: Ground) -> Plan:
    """The clock of a caller runs ahead: its callees refuse tokens from the future."""
    caller, _ = ground.link(sort="service")
    node = ground.system.nodes[caller]
    callees = {link.callee for operation in node.operations for link in operation.links}
    effects = tuple(
        Effect(caller, ground.onset, ground.end, callee=callee, rejects="clock", share=0.9)
        for callee in sorted(callees)
        if ground.system.nodes[callee].sort == "service"
    )
    return Plan(
        causes=Causes(effects),
        right=(Named("outside", thing="clock"), Named("node", caller)),
        victims=(caller,),
        hides=(caller,),
    )


def record(ground: Ground) -> Plan:
    """One record is broken, and from the onset on somebody asks for it all the time."""
    node, (noun, field, verb) = ground.node(), ground.words()
    effect = Effect(node.id, -1.0, trait="record", fails="cause")
    visitors = Visitors("record", ground.dice.uniform(0.15, 0.4), ground.onset, ground.end)
    return Plan(
        causes=Causes((effect,), visitors=(visitors,)),
        right=(Named("record", node.id),),
        near=(Named("node", node.id), Named("function", node.id)),
        victims=(node.id,),
        hides=(node.id,),
        noun=noun,
        field=field,
        verb=verb,
    )


def quota(ground: Ground) -> Plan:
    """The quota of a third party is used up: it answers 429."""
    caller, link = ground.link(sort="third_party", least=0.08)
    users = ground.system.callers.get(link.callee, ())
    share = ground.dice.uniform(0.4, 1.0)
    effects = tuple(
        Effect(user, ground.onset, ground.end, callee=link.callee, fails="quota", share=share) for user in users
    )
    return Plan(
        causes=Causes(effects),
        right=(Named("outside", thing="quota"), Named("node", link.callee)),
        victims=(caller,),
        hides=(link.callee,),
    )


KINDS = (
    Kind("third party fails", third_party),
    Kind("certificate ends", certificate),
    Kind("clock runs ahead", clock),
    Kind("bad record", record),
    Kind("quota is used up", quota),
)
