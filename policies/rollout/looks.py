"""Looks at a canary: refuses unusable ones, and counts the requests and errors since the one before.

A look that contradicts itself, the one before or the weights is no look; it is never a pass.
"""

import math
from datetime import datetime, timedelta

from incident.decision import Reason, because
from incident.rollout import Arm, CanaryMemory, Look
from incident.value import Value
from policies import limits


class Counts(Value):
    """Requests and errors of one arm between two looks."""

    requests: int
    errors: int
    other: int
    """Errors that are not of the incident's kind."""
    signature: int
    slow: int


class Step(Value):
    """Traffic between two looks."""

    share: float
    """The canary's share of the requests."""
    canary: Counts
    stable: Counts
    exposed: int | None
    """Requests of the kind that used to fail that reached the canary; None when that could not be told."""
    exposed_failed: int


def problem(memory: CanaryMemory, look: Look, weight: int, now: datetime, bounds: limits.Canary) -> Reason:
    """Reason that this look cannot be used; empty when it can."""
    if abs(now - look.at) > timedelta(seconds=bounds.stale_seconds):
        return because("look_stale", at=look.at.isoformat(), now=now.isoformat())
    if look.weight != weight:
        return because("look_weight", weight=look.weight, expected=weight)
    absurd = _absurd(look.canary) or _absurd(look.stable)
    if absurd:
        return absurd
    if memory.last is None:
        return Reason()
    if look.at < memory.last.at:
        return because("look_older")
    backwards = (
        _another_counter(memory.last, look)
        or _backwards(memory.last.canary, look.canary)
        or _backwards(memory.last.stable, look.stable)
    )
    return backwards or _split(memory.first_in_stage, look)


def _absurd(arm: Arm) -> Reason:
    if min(arm.requests, arm.errors, arm.signature, arm.slow) < 0:
        return because("counter_negative", version=arm.version)
    if max(arm.errors, arm.slow) > arm.requests:
        return because("more_errors_than_requests", version=arm.version)
    return Reason()


def _another_counter(before: Look, after: Look) -> Reason:
    if before.counted_by == after.counted_by:
        return Reason()
    return because("counted_by_another", before=before.counted_by, after=after.counted_by)


def _backwards(before: Arm, after: Arm) -> Reason:
    if before.version != after.version:
        return because("version_became", before=before.version, after=after.version)
    pairs = (
        (before.requests, after.requests),
        (before.errors, after.errors),
        (before.signature, after.signature),
        (before.slow, after.slow),
    )
    backwards = any(new < old for old, new in pairs)
    return because("counter_backwards", version=after.version) if backwards else Reason()


def _split(first: Look | None, look: Look) -> Reason:
    """Reason that the counts contradict the weights; empty when they fit."""
    if first is None:
        return Reason()
    canary = look.canary.requests - first.canary.requests
    total = canary + look.stable.requests - first.stable.requests
    share = look.weight / 100.0
    # Six standard deviations plus a few requests in flight: a real router never gets there by chance.
    room = 6.0 * math.sqrt(total * share * (1.0 - share)) + 10.0 + 0.02 * total
    if abs(canary - share * total) > room:
        return because("split_contradicts", canary=canary, total=total, weight=look.weight)
    return Reason()


def others(memory: CanaryMemory, look: Look) -> tuple[int, int]:
    """Return the most errors of other kinds seen so far on (canary, stable)."""
    canary, stable = memory.other_seen
    return max(canary, look.canary.errors - look.canary.signature), max(
        stable, look.stable.errors - look.stable.signature
    )


def step(memory: CanaryMemory, last: Look, look: Look) -> Step:
    """Return the traffic since `last`."""
    # By the most seen so far: a signature that is recognised late would otherwise count backwards.
    seen = others(memory, look)
    exposed, failed = _exposed(last.canary, look.canary)
    return Step(
        share=look.weight / 100.0,
        canary=_counts(last.canary, look.canary, seen[0] - memory.other_seen[0]),
        stable=_counts(last.stable, look.stable, seen[1] - memory.other_seen[1]),
        exposed=exposed,
        exposed_failed=failed,
    )


def tally(memory: CanaryMemory, step: Step) -> tuple[int, int, int]:
    """Return (errors of other kinds, slow answers, requests) of both versions since the first look."""
    others, slow, requests = memory.tally
    canary, stable = step.canary, step.stable
    return (
        others + canary.other + stable.other,
        slow + canary.slow + stable.slow,
        requests + canary.requests + stable.requests,
    )


def _counts(before: Arm, after: Arm, other: int) -> Counts:
    requests = after.requests - before.requests
    return Counts(
        requests=requests,
        errors=after.errors - before.errors,
        # The log may name an error one look after the router counted it.
        other=min(other, requests),
        signature=after.signature - before.signature,
        slow=after.slow - before.slow,
    )


def _exposed(before: Arm, after: Arm) -> tuple[int | None, int]:
    if before.exposed is None or after.exposed is None:
        return None, 0
    exposed = after.exposed - before.exposed
    failed = (after.exposed_failed or 0) - (before.exposed_failed or 0)
    # Told from samples that the workload writes: where they contradict themselves, they tell nothing.
    return (exposed, failed) if 0 <= failed <= exposed else (None, 0)
