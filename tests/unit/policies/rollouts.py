"""A simulated rollout: Poisson arrivals, a weighted router, a sick stable version and a canary to be judged."""

import random
from dataclasses import dataclass, replace
from datetime import timedelta

from incident.rollout import Arm, Baseline, Look
from policies import limits, profiles
from policies.rollout import canary
from tests.unit.policies import given

LAB = profiles.lab().canary
BASELINE = Baseline(healthy_requests=3000, healthy_errors=9, alert_threshold=0.05, signature_rate=0.15)


@dataclass(frozen=True)
class World:
    """Rates of a service: requests a second, and shares of them."""

    rate: float = 80.0
    kind: float = 0.15
    """Requests of the kind that fails on stable."""
    base: float = 0.003
    """Errors of other kinds on both versions."""
    uncured: float = 0.0
    """Share of that kind that still fails on the canary."""
    new: float = 0.0
    """Errors of new kinds on the canary."""
    slow: float = 0.01
    new_slow: float = 0.0
    leak: float = 0.0
    """Bytes a second that the canary grows."""
    sampled: float | None = 0.05
    """Share of the successes that the recorder keeps; None when the kind cannot be told."""
    sticky: bool = False
    """Whether the failing kind never reaches the canary."""


@dataclass
class Counts:
    requests: int = 0
    errors: int = 0
    signature: int = 0
    slow: int = 0
    exposed: int = 0
    exposed_failed: int = 0


def serve(world: World, counts: Counts, chance: random.Random, *, on_canary: bool) -> None:
    counts.requests += 1
    kind = chance.random() < world.kind and not (world.sticky and on_canary)
    failed = kind and (not on_canary or chance.random() < world.uncured)
    counts.slow += chance.random() < world.slow + (world.new_slow if on_canary else 0.0)
    if failed:
        counts.signature += 1
    other = not failed and chance.random() < world.base + (world.new if on_canary else 0.0)
    counts.errors += failed or other
    if kind and world.sampled is not None and (failed or chance.random() < world.sampled):
        counts.exposed += 1
        counts.exposed_failed += failed


def arm(version: str, counts: Counts, memory: float | None, *, told: bool) -> Arm:
    return Arm(
        version=version,
        requests=counts.requests,
        errors=counts.errors,
        signature=counts.signature,
        slow=counts.slow,
        exposed=counts.exposed if told else None,
        exposed_failed=counts.exposed_failed if told else None,
        memory_bytes=memory,
    )


@dataclass(frozen=True)
class Outcome:
    """How a rollout ended: promoted to full traffic, finished there, or rolled back."""

    choice: str
    seconds: float
    requests: int
    reason: str


def run(world: World, seed: int, *, until: str = "promote", bounds: limits.Canary = LAB) -> Outcome:
    """Roll out until the canary is promoted to full traffic (or finished) or rolled back."""
    chance = random.Random(seed)
    memory = canary.start(given.ONSET, bounds)
    stable, new = Counts(requests=5000, errors=700, signature=0), Counts()
    weight, now = 10, given.ONSET
    for second in range(1000):
        told = world.sampled is not None
        look = Look(
            at=now,
            weight=weight,
            canary=arm("v3", new, 5e7 + world.leak * second, told=told),
            stable=arm("v2", stable, 5e7, told=told),
        )
        facts = canary.Facts(memory=memory, look=look, baseline=BASELINE, limits=bounds, now=now)
        decision = canary.judge(facts)
        if decision.choice in ("roll_back", "finish", until):
            return Outcome(
                decision.choice, float(second), new.requests + stable.requests - 5000, decision.verdict.reason.code
            )
        memory = decision.result.memory
        weight = {"advance": 50, "promote": 100}.get(decision.choice, weight)
        now += timedelta(seconds=1)
        arriving = chance.expovariate(world.rate)
        while arriving < 1.0:
            on_canary = chance.random() < weight / 100
            serve(world, new if on_canary else stable, chance, on_canary=on_canary)
            arriving += chance.expovariate(world.rate)
    raise AssertionError("a rollout never ends")


def many(world: World, runs: int, **how: str) -> list[Outcome]:
    return [run(world, seed, until=how.get("until", "promote")) for seed in range(runs)]


def share(outcomes: list[Outcome], choice: str) -> float:
    return sum(outcome.choice == choice for outcome in outcomes) / len(outcomes)


def worse(**changed: float) -> World:
    return replace(World(), **changed)  # type: ignore[arg-type]  # the two fields that are no floats are not passed
