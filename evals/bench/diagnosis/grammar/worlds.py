"""Worlds: drawn from a seed and a kind of cause, simulated, and told as an observation with its truth apart."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random

from evals.bench.diagnosis.grammar import (
    alerting,
    changes,
    difficulties,
    names,
    naming,
    records,
    simulation,
    telling,
    topology,
)
from evals.bench.diagnosis.grammar.alerting import Fired, Rule
from evals.bench.diagnosis.grammar.changes import Made
from evals.bench.diagnosis.grammar.difficulties import Difficulties
from evals.bench.diagnosis.grammar.plan import Ground, Plan, Unsuitable
from evals.bench.diagnosis.grammar.records import Shape
from evals.bench.diagnosis.grammar.scene import Scene
from evals.bench.diagnosis.grammar.system import System
from evals.bench.diagnosis.truth import Truth
from incident.observed import Observed

Plant = Callable[[Ground], Plan]

EPOCH = 1_795_000_000.0
"""Times of worlds begin here, or up to some weeks later."""

VISITS = 20_000.0
"""Requests that all services of a world answer, about: many enough to count, few enough to simulate in a second."""

TRIES = 40
"""Draws of a cause until one sets off an alert."""

STEPS = (1.0, 2.0, 5.0, 5.0, 10.0, 15.0, 30.0, 60.0)


class Barren(Exception):
    """No draw of a cause set off an alert: the kind is too weak to be one."""


@dataclass(frozen=True)
class World:
    """One observation, and the truth about it, which stays with whoever judges."""

    observed: Observed
    truth: Truth
    scene: Scene


def draw(
    seed: int, kind: str, plant: Plant, *, hard: Difficulties | None = None, count: int | None = None, step: float = 0.0
) -> World:
    """The world of a seed.  Raises Barren when its cause never sets off an alert.

    `hard` replaces the difficulties that are drawn, `count` the number of services, `step` the seconds of a sample.
    """
    found = scene(seed, kind, plant, hard=hard, count=count, step=step)
    return World(observed=telling.observed(found), truth=naming.truth(found, kind), scene=found)


def scene(
    seed: int, kind: str, plant: Plant, *, hard: Difficulties | None = None, count: int | None = None, step: float = 0.0
) -> Scene:
    """The simulated world of a seed.  Raises Barren."""
    drawn = hard or difficulties.draw(Random(f"{seed} difficulties"))
    for attempt in range(TRIES):
        dice = Random(f"{seed} {kind} {attempt}")
        system = topology.draw(dice, count or dice.choice((6, 8, 12, 16, 24, 32, 40)))
        system = _noisy(system, drawn)
        shape, ground, frame = _ground(dice, system, drawn, step)
        try:
            plan = plant(ground)
        except Unsuitable:
            continue
        told = simulation.run(system, shape, plan.causes, dice)
        fired = (
            alerting.choose(dice, system, told, plan.victims, frame, ground.onset, shape.seconds)
            if plan.victims
            else _false_alarm(dice, system, told, frame, ground)
        )
        if fired is None:
            continue
        made = _changes(dice, system, shape, ground, plan, fired, drawn)
        late = _late(dice, fired, ground, shape)
        named = names.draw(Random(f"{seed} names"), system, made_up=drawn.words == "made_up")
        epoch = EPOCH + 60 * Random(f"{seed} epoch").randrange(60 * 24 * 30)
        return Scene(seed, system, named, told, plan, made, drawn, fired, late, epoch, shape)
    raise Barren(f"{kind}, seed {seed}: no alert in {TRIES} draws")


def renamed(world: World, other: names.Names) -> World:
    """The same world under other names."""
    found = replace(world.scene, names=other)
    return World(observed=telling.observed(found), truth=naming.truth(found, world.truth.kind), scene=found)


def retold(world: World, hard: Difficulties) -> World:
    """The same world with other difficulties of telling; what was simulated stays as it was."""
    found = replace(world.scene, difficulties=hard)
    return World(observed=telling.observed(found), truth=naming.truth(found, world.truth.kind), scene=found)


def _noisy(system: System, drawn: Difficulties) -> System:
    nodes = {
        name: replace(
            node, operations=tuple(replace(one, sigma=min(0.9, one.sigma * drawn.noise)) for one in node.operations)
        )
        for name, node in system.nodes.items()
    }
    return replace(system, nodes=nodes)


def _ground(dice: Random, system: System, drawn: Difficulties, step: float) -> tuple[Shape, Ground, Rule]:
    """Traffic, the time that the cause has, and the rule's window."""
    step = step or dice.choice(STEPS)
    seconds = min(3600.0, max(900.0, 900 * step)) if step < 30 else 5400.0
    rate = min(VISITS / max(1.0, sum(system.visits.values())) / seconds, 12.0)
    window = max(15.0, step * dice.choice((4, 6, 12)))
    # A window needs enough requests, or no rule over it would be written.
    window = min(max(window, math.ceil(40 / rate / step) * step), 0.08 * seconds)
    frame = Rule("", "errors", 0.0, window, dice.choice((0.0, window / 2)), step)
    onset = dice.uniform(0.55, 0.72) * seconds
    alarm = frame.window + frame.holds
    shape = Shape(
        seconds=seconds,
        per_second=rate,
        swing=dice.uniform(0.0, 0.5),
        phase=dice.uniform(0, simulation.DAY),
        traced=dice.uniform(0.1, 0.4) if drawn.spans == "sampled" else 1.0,
        step=step,
    )
    end = onset + dice.uniform(1.2, 3.0) * alarm if drawn.recovers else math.inf
    return shape, Ground(dice, system, seconds, onset, alarm, end, rate), frame


def _late(dice: Random, fired: Fired, ground: Ground, shape: Shape) -> float:
    """Time at which somebody looks: some samples after the alert, or well after it, or when it is over."""
    soon = fired.at + dice.choice((0.5, 1.0, 3.0)) * ground.alarm + 5 * shape.step
    over = ground.end + 2 * ground.alarm if math.isfinite(ground.end) else 0.0
    return min(shape.seconds, max(soon, over))


def _changes(
    dice: Random, system: System, shape: Shape, ground: Ground, plan: Plan, fired: Fired, drawn: Difficulties
) -> tuple[Made, ...]:
    made = changes.innocent(dice, system, shape.seconds, plan.change)
    if plan.change is not None:
        made.append(plan.change)
    made.extend(plan.beside)
    if drawn.decoy:
        made.append(_decoy(dice, system, ground, plan, fired))
    return tuple(made)


def _decoy(dice: Random, system: System, ground: Ground, plan: Plan, fired: Fired) -> Made:
    """An innocent change of the alert's service or of what it calls, later than the guilty one and before the alert."""
    own = fired.rule.service
    callees = {link.callee for operation in system.nodes[own].operations for link in operation.links}
    guilty = plan.change.node if plan.change else ""
    near = [name for name in (own, own, *sorted(callees)) if name in system.services and name != guilty]
    earliest = plan.change.at if plan.change else ground.onset - 0.5 * ground.alarm
    node = dice.choice(near or [name for name in system.services if name != guilty])
    return changes.one(dice, system, node, dice.uniform(earliest, fired.at))


def _false_alarm(dice: Random, system: System, told: records.Told, frame: Rule, ground: Ground) -> Fired | None:
    """An alert that its rule does not bear out: somebody set it too near to what is usual, or it was a test."""
    busy = sorted(name for name in system.services if len(told.visits.get(name, ())) > 200)
    if not busy:
        return None
    name = dice.choice(busy)
    measure: alerting.Measure = dice.choice(("errors", "latency"))
    rule = replace(frame, service=name, measure=measure)
    points = alerting.values(told.visits[name], rule, ground.seconds)
    if len(points) < 10:
        return None
    most = sorted(value for _, value in points)[int(0.97 * len(points))]
    rule = replace(rule, threshold=float(f"{max(most, 0.02):.2g}"))
    return Fired(rule, ground.onset + dice.uniform(0.5, 1.5) * ground.alarm)
