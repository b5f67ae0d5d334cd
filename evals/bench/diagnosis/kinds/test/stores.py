"""Causes in what keeps data: a migration that locks, a password that was changed, a cold cache, a queue that fills."""

from evals.bench.diagnosis.grammar.changes import Made
from evals.bench.diagnosis.grammar.effects import Drift, Effect
from evals.bench.diagnosis.grammar.plan import Ground, Named, Plan, Unsuitable
from evals.bench.diagnosis.grammar.records import Causes
from evals.bench.diagnosis.grammar.system import Link
from evals.bench.diagnosis.kinds.kind import Kind


def migration_locks(ground: Ground) -> Plan:
    """A migration locks a table of a shared database; whoever reads it waits until the migration is through."""
    dice, (database, user, link) = ground.dice, _shared(ground)
    owner, table = dice.choice((user, _other(ground, database, user))), link.operation
    end = min(ground.end, ground.onset + dice.uniform(2.0, 6.0) * ground.alarm)
    effect = Effect(
        database, ground.onset, end, operation=table, share=dice.uniform(0.7, 1.0), adds_ms=dice.uniform(2500, 9000)
    )
    noun = ground.system.nodes[database].operations[table].noun
    return Plan(
        causes=Causes((effect,)),
        change=Made("migration", owner, ground.just_before(), noun=noun),
        right=(Named("change"),),
        near=(Named("node", owner), Named("node", database)),
        victims=(database,),
        hides=(database,),
    )


def password_changed(ground: Ground) -> Plan:
    """One service changes the password of an account that another one uses, too; that one's connections run out."""
    dice, (database, other, _) = ground.dice, _shared(ground)
    owner = _other(ground, database, other)
    effect = Effect(
        other,
        ground.onset,
        ground.end,
        callee=database,
        fails="denied",
        share=dice.uniform(0.6, 1.0),
        ramp=dice.uniform(0.0, 3.0) * ground.alarm,
    )
    version = dice.randrange(1, 9)
    return Plan(
        causes=Causes((effect,)),
        change=Made(
            "config",
            owner,
            ground.just_before(4.0),
            setting="credential",
            old=f"revision-{version}",
            new=f"revision-{version + 1}",
            about=database,
        ),
        right=(Named("change"),),
        near=(Named("node", owner), Named("node", database)),
        victims=(other,),
        hides=(owner,),
    )


def cold_cache(ground: Ground) -> Plan:
    """Somebody empties a service's cache: it asks its callee for everything again until the cache is warm."""
    dice = ground.dice
    caller, link = ground.link()
    callee = ground.system.nodes[link.callee]
    warm = max(4 * ground.alarm, dice.uniform(0.3, 0.9) * (ground.seconds - ground.onset))
    # What the callee has to do while the cache is warm leaves it room, and not for several times as much.
    effects = (
        Effect(callee.id, -1.0, servers=ground.room(callee, 0.4)),
        Effect(
            caller,
            ground.onset,
            ground.end,
            callee=callee.id,
            operation=link.operation,
            share=0.95,
            times=dice.randint(5, 9),
            fades=warm,
        ),
        Effect(caller, ground.onset, ground.end, share=0.95, says="miss", adds_ms=dice.uniform(5, 40), fades=warm),
    )
    generation = dice.randrange(3, 90)
    return Plan(
        causes=Causes(effects),
        change=Made(
            "config",
            caller,
            ground.just_before(),
            noun=callee.operations[link.operation].noun,
            setting="cache_generation",
            old=str(generation),
            new=str(generation + 1),
        ),
        right=(Named("change"),),
        near=(Named("node", caller),),
        victims=(caller,),
        hides=(caller,),
    )


def queue_fills(ground: Ground) -> Plan:
    """A setting makes a service work off its queue one by one; minutes later the queue is full, and it refuses."""
    dice, node = ground.dice, ground.node()
    at = max(0.02 * ground.seconds, ground.onset - dice.uniform(2.0, 8.0) * ground.alarm)
    effects = tuple(
        Effect(
            caller,
            ground.onset,
            ground.end,
            callee=node.id,
            rejects="full",
            share=dice.uniform(0.4, 0.9),
            ramp=dice.uniform(0.0, 1.0) * ground.alarm,
        )
        for caller in ground.system.callers.get(node.id, ())
    )
    age = Drift(
        node.id, "queue_age_seconds", at, to=dice.uniform(0.5, 1.5) * (ground.onset - at), over=ground.onset - at
    )
    return Plan(
        causes=Causes(effects),
        drifts=(age,),
        change=Made("config", node.id, at, noun=ground.words()[0], setting="batch_size", old="100", new="1"),
        right=(Named("change"),),
        near=(Named("node", node.id),),
        victims=(node.id,),
        hides=(node.id,),
    )


def _shared(ground: Ground) -> tuple[str, str, Link]:
    """A database that two services or more use, and one of them with a call that it makes often enough."""
    system = ground.system
    found = [
        (name, caller, link)
        for name, node in system.nodes.items()
        if node.sort == "database" and len(system.callers.get(name, ())) >= 2
        for caller, number, link in system.links_to(name)
        if system.visits.get((caller, number), 0.0) * link.share >= 0.12 and not link.optional
    ]
    if not found:
        raise Unsuitable("no database is shared")
    return ground.dice.choice(found)


def _other(ground: Ground, database: str, user: str) -> str:
    """Another user of a database."""
    return ground.dice.choice([one for one in ground.system.callers[database] if one != user])


KINDS = (
    Kind("migration locks a table", migration_locks),
    Kind("password changed under another user", password_changed),
    Kind("cache emptied", cold_cache),
    Kind("setting: queue fills up", queue_fills),
)
