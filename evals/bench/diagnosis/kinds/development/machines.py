"""Causes in what runs: a pool that leaks, memory that grows, a machine under pressure, load, a process that hangs."""

from evals.bench.diagnosis.grammar.effects import Drift, Effect, Surge
from evals.bench.diagnosis.grammar.plan import Ground, Named, Plan
from evals.bench.diagnosis.grammar.records import Causes
from evals.bench.diagnosis.grammar.system import Node
from evals.bench.diagnosis.kinds.kind import Kind


def pool_leaks(ground: Ground) -> Plan:
    """Connections are not given back: requests wait ever longer for one."""
    node = ground.node()
    demand = ground.demand(node)
    # The few that are left must not do for the requests that come.
    left = min(0.9, 0.6 * demand / node.servers)
    until = 0.4 * (ground.seconds - ground.onset)
    effect = Effect(node.id, ground.onset, ground.end, servers=left, ramp=until)
    drift = Drift(node.id, "process_open_fds", ground.onset, per_second=2 / until, end=ground.end)
    return _of(node, (effect,), (drift,))


def memory_grows(ground: Ground) -> Plan:
    """Memory grows, collecting it takes ever more of the time, and the process is killed and starts again."""
    node = ground.node()
    life = ground.dice.uniform(0.1, 0.25) * (ground.seconds - ground.onset)
    start = ground.onset - life
    effects: list[Effect] = []
    at = start
    while at < ground.seconds:
        effects.append(Effect(node.id, at + 0.6 * life, at + life, factor=3.0, ramp=0.4 * life))
        effects.extend(
            Effect(caller, at + life, at + 1.3 * life, callee=node.id, fails="refused", share=0.9)
            for caller in ground.system.callers.get(node.id, ())
        )
        at += 1.3 * life
    drift = Drift(node.id, "memory_bytes", start, per_second=3 / life, every=1.3 * life)
    return _of(node, tuple(effects), (drift,))


def machine_under_pressure(ground: Ground) -> Plan:
    """A machine has too little processor for what runs on it: each process there is slow."""
    machine, shares = ground.machine()
    factor = ground.dice.uniform(8, 25)
    return Plan(
        causes=Causes(
            tuple(Effect(name, ground.onset, ground.end, share=share, factor=factor) for name, share in shares.items())
        ),
        drifts=tuple(
            Drift(name, "cpu_throttled_ratio", ground.onset, factor=1 + 20 * share, end=ground.end)
            for name, share in shares.items()
        ),
        right=(Named("machine", machine),),
        victims=tuple(shares),
    )


def load_steps(ground: Ground) -> Plan:
    """Several times as many requests come from outside, and the service with the least room queues."""
    dice, system = ground.dice, ground.system
    factor = dice.uniform(3, 6)
    busy = {name: ground.demand(system.nodes[name]) / system.nodes[name].servers for name in system.services}
    tight = max(busy, key=lambda name: busy[name])
    # It has room for an ordinary day, and for no more.
    usual = 0.5 * system.nodes[tight].servers
    narrow = min(1.0, ground.demand(system.nodes[tight]) / usual)
    return Plan(
        causes=Causes(
            (Effect(tight, -1.0, servers=max(0.01, narrow)),),
            surges=(Surge(ground.onset - 0.1 * ground.alarm, factor, ground.end),),
        ),
        right=(Named("outside", "load"),),
        near=(Named("node", tight),),
        victims=(tight,),
    )


def hangs(ground: Ground) -> Plan:
    """A process answers nobody any more, its own scrapes included."""
    node = ground.node()
    return _of(node, (Effect(node.id, ground.onset, hangs=True, mute=True),), ())


def _of(node: Node, effects: tuple[Effect, ...], drifts: tuple[Drift, ...]) -> Plan:
    return Plan(
        causes=Causes(effects),
        drifts=drifts,
        right=(Named("node", node.id),),
        victims=(node.id,),
        hides=(node.id,),
    )


KINDS = (
    Kind("connections leak", pool_leaks),
    Kind("memory grows, restarts", memory_grows),
    Kind("machine under pressure", machine_under_pressure),
    Kind("load steps first", load_steps),
    Kind("service hangs", hangs),
)
