"""Durations of the parts of an incident, from the onset to the end, with floors that no system can beat.  Pure."""

import math
from datetime import datetime

from graph.reports import journal_reader as journal
from graph.reports.document import Table
from incident.evidence import Condition, Signals
from incident.phase import Phase
from incident.record import Closed, Decided, Gathered, Moved, Received, Record
from incident.value import Value


class Part(Value):
    """One part of the time in seconds, with its least possible length where that is known."""

    name: str
    seconds: float
    floor: float | None = None
    why: str = ""


def parts(records: tuple[Record, ...]) -> tuple[Part, ...]:
    """Return the parts in the records; a part that was not reached is left out."""
    received, event = next(iter(journal.events(records, Received)), (None, None))
    gathered = journal.last(records, Gathered)
    if received is None or event is None or gathered is None:
        return ()
    marks = _marks(records)
    onset = gathered.dossier.onset
    condition = next((e.fact for e in gathered.dossier.evidence if isinstance(e.fact, Condition)), None)
    floor = condition.for_seconds + 1.0 if condition else None
    # The world's clock may stand in the past: what was worked is told by our own.
    came = event.now or received.at
    found = [Part(name="detection", seconds=_gap(onset, came), floor=floor, why="for + one sample")]
    previous = received.at
    for name, at in marks:
        found.append(Part(name=name, seconds=_gap(previous, at), **_floor(name, records, condition)))
        previous = at
    found.append(Part(name="total", seconds=_gap(onset, came + (previous - received.at))))
    return tuple(found)


def _marks(records: tuple[Record, ...]) -> list[tuple[str, datetime]]:
    moves = {event.after: record.at for record, event in journal.events(records, Moved)}
    assessed = journal.decisions(records, "risk.assess")
    closed = [record.at for record, _ in journal.events(records, Closed)]
    named = (
        ("diagnosis", moves.get(Phase.VALIDATING)),
        ("fix and proof", assessed[-1][0].at if assessed else None),
        ("gates and locks", moves.get(Phase.DEPLOYING)),
        ("canary", moves.get(Phase.VERIFYING)),
        ("verification", closed[-1] if closed and Phase.VERIFYING in moves else None),
    )
    return [(name, at) for name, at in named if at is not None]


def _floor(name: str, records: tuple[Record, ...], condition: Condition | None) -> dict[str, object]:
    if name == "canary":
        bound = sequential_floor(records)
        return {} if bound is None else {"floor": bound, "why": "sequential-test bound at half the traffic"}
    if name == "verification" and condition is not None:
        return {"floor": condition.window_seconds, "why": "the rule's own window"}
    return {}


def sequential_floor(records: tuple[Record, ...]) -> float | None:
    """Return the seconds that any test needs to tell the healthy rate from healthy + delta with error beta.

    ln(1/beta) / KL(p0 || p0 + delta) requests on the canary, at half of the service's measured
    request rate.  Source: Wald's bound on the expected sample size of a sequential test.
    """
    looks = [event.facts for _, event in journal.events(records, Decided) if event.decision.policy == "canary.judge"]
    gathered = journal.last(records, Gathered)
    if not looks or gathered is None:
        return None
    before = [e.fact for e in gathered.dossier.evidence if isinstance(e.fact, Signals)]
    limits, baseline = looks[-1]["limits"], looks[-1]["baseline"]
    if not before or not isinstance(limits, dict) or not isinstance(baseline, dict):
        return None
    rate = before[-1].requests / max(1.0, (before[-1].end - before[-1].start).total_seconds())
    # Never 0 here, nor 1 in `gain`: the divergence is infinite at both.
    healthy = max(1e-4, before[0].error_rate)
    threshold = baseline.get("alert_threshold")
    delta = max(float(str(limits["min_margin"])), float(str(threshold or 0)) / 2)
    gain = _kl(healthy, min(0.999, healthy + delta))
    return math.log(1 / float(str(limits["beta"]))) / gain / (rate / 2) if rate and gain else None


def _kl(p: float, q: float) -> float:
    return p * math.log(p / q) + (1 - p) * math.log((1 - p) / (1 - q))


def _gap(start: datetime, end: datetime) -> float:
    return round((end - start).total_seconds(), 2)


def table(records: tuple[Record, ...]) -> Table:
    """Return the parts as a table."""
    floors = ("" if part.floor is None else f"{part.floor:.1f}" for part in parts(records))
    rows = tuple(
        (part.name, f"{part.seconds:.1f}", floor, part.why) for part, floor in zip(parts(records), floors, strict=True)
    )
    return Table(("part", "seconds", "floor", "what the floor is"), rows)
