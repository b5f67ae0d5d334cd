"""Verification of a changed service: healed, worse, or to be watched for longer.

Healed means that the alert's own condition is back inside its threshold during the whole bake window,
on enough samples from live data, that the world no longer fires, and that nothing nearby got worse.
Whatever is unclear is watched for longer and then becomes a question, never a pass.
"""

import itertools
from datetime import datetime, timedelta
from typing import Literal

from pydantic import AwareDatetime, Field

from incident.decision import Allow, Constraint, Deny, Hold, Reason, Verdict, because
from incident.evidence import Condition, Measurement, Missing
from incident.value import Value
from policies import limits
from policies.policy import Judgement, Policy, points

NAME = "verify.judge"
VERSION = 3

Choice = Literal["watch", "healed", "extend", "roll_back", "ask"]
Reading = tuple[AwareDatetime, Measurement | Missing]


class Facts(Value):
    """Everything that was read since full traffic."""

    started: AwareDatetime
    now: AwareDatetime
    bake_seconds: float = Field(gt=0)
    deadline: AwareDatetime
    """Planned end of the watch; `limits.extension_seconds` after it a person is asked."""
    condition: Condition | Missing | None
    readings: tuple[Reading, ...]
    """(time, measurement), oldest first."""
    neighbours_worse: bool | None
    """True when callers or callees are worse than before the change; None when nobody knows."""
    signature_seen_since: int | None
    """Errors of the incident's own kind since full traffic; None when the logs cannot be read."""
    limits: limits.Verify


class Result(Value):
    """Length of the watch and of the bake window, in seconds."""

    watched_seconds: float
    bake_seconds: float


def judge(facts: Facts) -> Judgement[Choice, Result]:
    """Choose `watch` or `extend` (look again), `healed`, `roll_back`, or `ask`."""
    # Nothing that will be read could ever be compared with anything.
    if not isinstance(facts.condition, Condition):
        why = facts.condition.reason if facts.condition else ""
        return _decision(facts, "ask", because("condition_unknown", why=why), ())
    constraints = _constraints(facts, facts.condition)
    breached = _breached_for(facts, facts.condition)
    if breached is not None and breached >= facts.limits.sustained_seconds:
        return _sustained(facts, breached, constraints)
    if all(item.held for item in constraints):
        return _decision(facts, "healed", because("all_well", seconds=facts.bake_seconds), constraints)
    open_points = because("open_points", points=points(item for item in constraints if not item.held))
    if facts.now < facts.deadline:
        odd = breached is not None or any(not item.held for item in constraints if item.name in _ODD)
        return _decision(facts, "extend" if odd else "watch", open_points, constraints)
    return _late(facts, open_points, constraints)


_ODD: frozenset[str] = frozenset({"measured", "neighbours_well", "signature_gone"})
"""Constraints that are out of the ordinary when they do not hold; the others only need time."""


def _late(facts: Facts, open_points: Reason, constraints: tuple[Constraint, ...]) -> Judgement[Choice, Result]:
    if facts.now < facts.deadline + timedelta(seconds=facts.limits.extension_seconds):
        return _decision(facts, "extend", open_points, constraints)
    return _decision(facts, "ask", because("still_unclear", why=open_points), constraints)


def _sustained(facts: Facts, seconds: float, constraints: tuple[Constraint, ...]) -> Judgement[Choice, Result]:
    # Known to come from elsewhere: going back would not help, and would bring the old error back.
    if facts.neighbours_worse and facts.signature_seen_since == 0:
        reason = because("outside_with_a_neighbour", seconds=seconds)
        return _late(facts, reason, constraints)
    return _decision(facts, "roll_back", because("outside_threshold", seconds=seconds), constraints)


def _settled(facts: Facts, condition: Condition) -> datetime:
    """Time from which on the condition's window holds nothing from before the change."""
    return facts.started + timedelta(seconds=condition.window_seconds)


def _breached_for(facts: Facts, condition: Condition) -> float | None:
    """Seconds between the first and the last of the latest usable readings that are all outside the threshold.

    None when the last usable reading is inside, or nothing usable was read.
    """
    since = last = None
    for at, reading in facts.readings:
        usable = at >= _settled(facts, condition) and _live(facts, at, reading)
        if not usable or not isinstance(reading, Measurement) or reading.samples < facts.limits.min_samples:
            continue
        last = at
        since = (since or at) if condition.breached(reading.value) else None
    return (last - since).total_seconds() if since is not None and last is not None else None


def _live(facts: Facts, at: datetime, reading: Measurement | Missing) -> bool:
    """True when a reading tells about its time: it is a measurement, neither old when read nor from the future."""
    if not isinstance(reading, Measurement):
        return False
    return abs((at - reading.at).total_seconds()) <= facts.limits.max_gap_seconds


def _constraints(facts: Facts, condition: Condition) -> tuple[Constraint, ...]:
    opened = facts.now - timedelta(seconds=facts.bake_seconds)
    bake = tuple((at, reading) for at, reading in facts.readings if opened <= at <= facts.now)
    measured = tuple(reading for at, reading in bake if isinstance(reading, Measurement) and _live(facts, at, reading))
    inside = [not condition.breached(reading.value) for reading in measured]
    fewest = min((reading.samples for reading in measured), default=0)
    gap = _longest_gap(tuple(at for at, _ in bake), opened, facts.now)
    seen = facts.signature_seen_since
    return (
        Constraint(name="baked", held=opened >= facts.started, detail=because("at_full_traffic", seconds=_age(facts))),
        Constraint(name="measured", held=bool(bake) and len(measured) == len(bake), detail=_missing(bake)),
        Constraint(name="no_gap", held=gap <= facts.limits.max_gap_seconds, detail=because("longest_gap", seconds=gap)),
        Constraint(
            name="enough_samples", held=fewest >= facts.limits.min_samples, detail=because("fewest", samples=fewest)
        ),
        Constraint(
            name="inside_threshold",
            held=bool(inside) and all(inside),
            detail=because(
                "readings_inside",
                inside=sum(inside),
                readings=len(inside),
                comparison=condition.comparison,
                threshold=condition.threshold,
            ),
        ),
        Constraint(
            name="not_firing",
            # Of the last reading alone: an alert may go on firing for a while after its condition is well.
            held=bool(measured) and bake[-1][1] == measured[-1] and not measured[-1].firing,
            detail=because("as_reported"),
        ),
        Constraint(
            name="neighbours_well",
            held=facts.neighbours_worse is False,
            detail=because("unknown")
            if facts.neighbours_worse is None
            else because("neighbours_worse", worse=facts.neighbours_worse),
        ),
        Constraint(
            name="signature_gone",
            held=seen is not None and seen <= facts.limits.max_signature,
            detail=because("unknown") if seen is None else because("own_errors_seen", count=seen),
        ),
    )


def _missing(bake: tuple[Reading, ...]) -> Reason:
    reasons = tuple(sorted({reading.reason for _, reading in bake if isinstance(reading, Missing)}))
    if reasons:
        return because("missing", what=reasons)
    return because("readings_stale") if bake else because("nothing_read")


def _longest_gap(times: tuple[datetime, ...], opened: datetime, now: datetime) -> float:
    edges = (opened, *times, now)
    return max((later - earlier).total_seconds() for earlier, later in itertools.pairwise(edges))


def _age(facts: Facts) -> float:
    return (facts.now - facts.started).total_seconds()


def _decision(
    facts: Facts, choice: Choice, reason: Reason, constraints: tuple[Constraint, ...]
) -> Judgement[Choice, Result]:
    return Judgement[Choice, Result](
        policy=NAME,
        version=VERSION,
        verdict=_verdict(choice, reason),
        choice=choice,
        constraints=constraints,
        result=Result(watched_seconds=round(_age(facts), 3), bake_seconds=round(facts.bake_seconds, 3)),
    )


def _verdict(choice: Choice, reason: Reason) -> Verdict:
    match choice:
        case "healed":
            return Allow(reason=reason)
        case "roll_back":
            return Deny(reason=reason)
        case "watch" | "extend" | "ask":
            return Hold(reason=reason)


POLICY = Policy(NAME, VERSION, Facts, Result, judge)
