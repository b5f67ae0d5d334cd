"""Causes of overload: a storm of retries, a pool too small, a batch on a shared database, growth up to a limit."""

from evals.bench.diagnosis.grammar.changes import Made
from evals.bench.diagnosis.grammar.effects import Effect, Job, Surge
from evals.bench.diagnosis.grammar.plan import Ground, Named, Plan, Unsuitable
from evals.bench.diagnosis.grammar.records import Causes
from evals.bench.diagnosis.grammar.simulation import FEWEST
from evals.bench.diagnosis.grammar.system import Node, System
from evals.bench.diagnosis.kinds.kind import Kind


def retry_storm(ground: Ground) -> Plan:
    """A service stalls for seconds; what waited is asked for again and again, and it never catches up."""
    dice, system = ground.dice, ground.system
    # A request takes two fifths of the time between two; all who wait for it must have patience for some of them.
    found = [
        node
        for node in _inner(ground, busy=0.4 * FEWEST)
        if ground.rate * system.reached(node.id) * _patience(system, node.id) >= 1.2
    ]
    if not found:
        raise Unsuitable("no service is asked often enough")
    node = dice.choice(found)
    callers = system.callers[node.id]
    again = tuple(Effect(caller, -1.0, ground.end, callee=node.id, retries=dice.choice((4, 5))) for caller in callers)
    stall = Effect(node.id, ground.onset, min(ground.end, ground.onset + dice.uniform(15, 45)), factor=40.0)
    return Plan(
        causes=Causes((Effect(node.id, -1.0, servers=ground.room(node, 0.4)), stall, *again)),
        right=(Named("node", node.id),),
        near=tuple(Named("node", caller) for caller in callers),
        victims=(node.id,),
        hides=(node.id,),
    )


def pool_too_small(ground: Ground) -> Plan:
    """Somebody sets the pool of a service to a tenth: requests wait for a connection, and many get none."""
    dice, found = ground.dice, _inner(ground, busy=0.7 * FEWEST)
    if not found:
        raise Unsuitable("no service needs a pool")
    node = dice.choice(found)
    servers = max(FEWEST, 0.55 * ground.demand(node))
    longest = max(operation.own_ms for operation in node.operations) / servers
    effect = Effect(
        node.id,
        ground.onset,
        ground.end,
        servers=min(0.9, servers / node.servers),
        drops_ms=min(30_000.0, max(dice.choice((1000.0, 2000.0, 5000.0)), 4 * longest)),
    )
    old, new = dice.choice((("20", "2"), ("32", "3"), ("50", "5")))
    change = Made(
        "config", node.id, ground.just_before(), noun=ground.words()[0], setting="pool_size", old=old, new=new
    )
    return Plan(
        causes=Causes((effect,)),
        change=change,
        right=(Named("change"),),
        near=(Named("node", node.id),),
        victims=(node.id,),
        hides=(node.id,),
    )


def batch(ground: Ground) -> Plan:
    """A batch of one service reads a database that others share; all of them wait until it is through."""
    dice, system = ground.dice, ground.system
    found = [
        (database, link)
        for database, node in system.nodes.items()
        if node.sort == "database" and len(system.callers.get(database, ())) >= 2 and system.reached(database) >= 0.2
        for link in system.links_to(database)
    ]
    if not found:
        raise Unsuitable("no database is shared")
    database, (owner, _, link) = dice.choice(found)
    node = system.nodes[database]
    capacity = max(FEWEST, ground.demand(node) / 0.35)
    own = node.operations[link.operation].own_ms / 1000
    length = dice.uniform(0.4, 0.8) * (ground.seconds - ground.onset)
    job = Job(
        owner,
        database,
        link.operation,
        ground.onset,
        per_second=dice.uniform(1.0, 2.0) * capacity / own,
        end=min(ground.end, ground.onset + length),
    )
    return Plan(
        causes=Causes((Effect(node.id, -1.0, servers=ground.room(node, 0.35)),), jobs=(job,)),
        beside=_migration(ground),
        right=(Named("node", owner),),
        near=(Named("node", database),),
        victims=(database,),
        hides=(owner,),
    )


def growth_reaches_limit(ground: Ground) -> Plan:
    """Traffic grows and grows, past what a third party allows a minute: what is above gets 429."""
    dice = ground.dice
    caller, link = ground.link(sort="third_party", least=0.08)
    most, climb = dice.uniform(2.5, 4.0), min(0.3 * ground.seconds, 0.6 * (ground.end - ground.onset))
    surge = Surge(ground.onset - climb, most, ground.end, ramp=2 * climb)
    # Beyond the onset the third party answers as many as it did at the onset.
    refused = 1 - surge.grown(ground.onset) / most
    effects = tuple(
        Effect(user, ground.onset, ground.end, callee=link.callee, fails="quota", share=refused, ramp=climb)
        for user in ground.system.callers.get(link.callee, ())
    )
    return Plan(
        causes=Causes(effects, surges=(surge,)),
        right=(Named("outside", "quota"), Named("outside", "load"), Named("node", link.callee)),
        victims=(caller,),
        hides=(link.callee,),
    )


def _inner(ground: Ground, busy: float) -> list[Node]:
    """Services behind others that are busy with so many requests at once, on average, or more."""
    doors = {name for name, _, _ in ground.system.entries}
    nodes = [ground.system.nodes[name] for name in ground.system.services if name not in doors]
    return [node for node in nodes if ground.system.reached(node.id) >= 0.2 and ground.demand(node) >= busy]


def _patience(system: System, name: str) -> float:
    """Least time-out, in seconds, of all calls by which a request gets to a service."""
    links = [link for one in (name, *system.above(name)) for _, _, link in system.links_to(one)]
    return min((link.timeout_ms / 1000 for link in links), default=0.0)


def _migration(ground: Ground) -> tuple[Made, ...]:
    """A migration of another table that hurts nobody, in half of the worlds."""
    if ground.dice.random() < 0.5:
        return ()
    node, at = ground.dice.choice(ground.system.services), ground.just_before(6.0)
    return (Made("migration", node, at, noun=ground.words()[0]),)


KINDS = (
    Kind("storm of retries after a stall", retry_storm),
    Kind("setting: pool too small", pool_too_small),
    Kind("batch starves a shared database", batch),
    Kind("growth reaches the limit of a third party", growth_reaches_limit),
)
