"""Causes between services: a machine that loses packets, an address that moved, a client's certificate, a clock."""

from evals.bench.diagnosis.grammar.changes import Made
from evals.bench.diagnosis.grammar.effects import Drift, Effect
from evals.bench.diagnosis.grammar.plan import Ground, Named, Plan
from evals.bench.diagnosis.grammar.records import Causes
from evals.bench.diagnosis.grammar.system import System
from evals.bench.diagnosis.kinds.kind import Kind


def machine_loses(ground: Ground) -> Plan:
    """The network card of one machine loses packets: calls from and to its processes are sent again, or break."""
    dice = ground.dice
    machine, shares = ground.machine()
    slow, broken = dice.uniform(0.3, 0.6), dice.uniform(0.08, 0.25)
    effects: list[Effect] = []
    for name, share in shares.items():
        for caller, callee in _pairs(ground.system, name):
            # A sender waits 200 ms for a receipt, then twice as long, and so on.
            effects += (
                Effect(caller, ground.onset, ground.end, callee=callee, share=share * slow, adds_ms=delay)
                for delay in (200.0, 600.0)
            )
            effects.append(Effect(caller, ground.onset, ground.end, callee=callee, share=share * broken, fails="reset"))
    return Plan(
        causes=Causes(tuple(effects)),
        right=(Named("machine", machine),),
        victims=tuple(shares),
    )


def peer_moved(ground: Ground) -> Plan:
    """The name of a service points to a new address; some callers keep the old one, which is switched off later."""
    dice, system = ground.dice, ground.system
    caller, link = ground.link(sort="service")
    callee, users = link.callee, system.callers[link.callee]
    stale = {caller, *(user for user in users if dice.random() < 0.3)} if len(users) > 1 else {caller}
    why, wait = dice.choice((("refused", 0.0), ("timeout", link.timeout_ms)))
    effects = tuple(
        Effect(user, ground.onset, ground.end, callee=callee, share=dice.uniform(0.4, 1.0), fails=why, adds_ms=wait)
        for user in sorted(stale)
    )
    block = dice.randrange(2, 200)
    change = Made(
        "config",
        callee,
        ground.just_before(8.0),
        setting="address",
        old=f"10.{block}.0.17",
        new=f"10.{block + 1}.4.9",
        about=callee,
    )
    return Plan(
        causes=Causes(effects),
        change=change,
        right=(Named("change"),),
        near=(Named("node", callee), *(Named("node", user) for user in sorted(stale))),
        victims=(caller,),
        hides=(callee,),
    )


def client_certificate(ground: Ground) -> Plan:
    """The certificate by which a service shows its callees who it is ends; new connections are refused."""
    caller, _ = ground.link(sort="service")
    effects = tuple(
        Effect(
            caller,
            ground.onset,
            callee=callee,
            fails="client_certificate",
            ramp=ground.dice.uniform(0.0, 2.0) * ground.alarm,
        )
        for callee in _callees(ground.system, caller)
    )
    return Plan(
        causes=Causes(effects),
        drifts=(
            Drift(caller, "certificate_expiry_days", -1.0, to=ground.onset / 86_400),
            Drift(caller, "certificate_expiry_days", -1.0, to=0.0, over=ground.onset),
        ),
        right=(Named("outside", "certificate"), Named("node", caller)),
        victims=(caller,),
        hides=(caller,),
    )


def machine_clock(ground: Ground) -> Plan:
    """The clock of one machine falls behind: its tokens have run out for others, and others' come from the future."""
    machine, shares = ground.machine()
    late = ground.dice.uniform(0.0, 2.0) * ground.alarm
    effects: list[Effect] = []
    for name, share in shares.items():
        effects += (
            Effect(name, ground.onset, ground.end, callee=callee, rejects="expired", share=0.9 * share, ramp=late)
            for callee in _callees(ground.system, name)
        )
        effects += (
            Effect(caller, ground.onset, ground.end, callee=name, rejects="clock", share=0.9 * share, ramp=late)
            for caller in ground.system.callers.get(name, ())
        )
    return Plan(
        causes=Causes(tuple(effects)),
        right=(Named("outside", "clock"), Named("machine", machine)),
        near=tuple(Named("node", name) for name in shares),
        victims=tuple(shares),
    )


def _callees(system: System, name: str) -> list[str]:
    """Services that a service calls."""
    called = {link.callee for operation in system.nodes[name].operations for link in operation.links}
    return sorted(one for one in called if system.nodes[one].sort == "service")


def _pairs(system: System, name: str) -> list[tuple[str, str]]:
    """Caller and callee of all calls from and to a service."""
    called = {link.callee for operation in system.nodes[name].operations for link in operation.links}
    return sorted({(name, callee) for callee in called} | {(caller, name) for caller in system.callers.get(name, ())})


KINDS = (
    Kind("machine loses packets", machine_loses),
    Kind("peer moved, callers keep its old address", peer_moved),
    Kind("certificate of a client ends", client_certificate),
    Kind("clock of a machine falls behind", machine_clock),
)
