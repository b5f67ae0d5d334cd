"""Correlation of alerts: the service that is their root, and the alerts that belong to it.

The root is the deepest service at which failing requests end.  Only computes; the graph claims the incident.
"""

from collections import Counter

from incident.decision import Allow, Alternative, Constraint, Deny, Hold, Verdict, because
from incident.evidence import FailingTrace, Neighbours
from incident.value import Value
from policies.policy import Judgement, Policy

NAME = "correlate.group"
VERSION = 3


class Facts(Value):
    """Alerting services, the topology, failing traces, and incidents that are already open."""

    alerting: tuple[str, ...]
    """Services with firing alerts; the first one is the alert that we were called for."""
    neighbours: tuple[Neighbours, ...]
    traces: tuple[FailingTrace, ...]
    open: tuple[tuple[str, str], ...]
    """Other incidents that are open: (incident id, service)."""


class Result(Value):
    """The root of the alerts."""

    service: str
    """Empty when nothing alerts."""
    members: tuple[str, ...]
    """Alerting services that the root's failures reach, itself included."""
    others: tuple[str, ...]
    """Alerting services that have nothing to do with it."""
    path: tuple[str, ...] = ()
    """Services that most of the failing requests go through from the root back to the alert's own, both included."""


def group(facts: Facts) -> Judgement[str, Result]:
    """Choose the root among the services."""
    if not facts.alerting:
        return _decision(Hold(reason=because("nothing_alerts")), "", (), facts, {})
    first = facts.alerting[0]
    ends = _ends(facts, first)
    known = bool(ends) or any(item.service == first for item in facts.neighbours)
    root = _root(facts, first, ends)
    members = _members(facts, root) if known else (first,)
    return _decision(_verdict(facts, root, known=known), root, members, facts, dict(ends))


def _verdict(facts: Facts, root: str, *, known: bool) -> Verdict:
    holder = next((incident for incident, service in facts.open if service == root), None)
    if holder is not None:
        return Deny(reason=because("handled_by", incident=holder))
    # Without a topology the victim looks like the culprit, so whatever follows must not trust this root.
    if not known:
        return Hold(reason=because("topology_unknown", service=root))
    return Allow(reason=because("failures_end_at", service=root))


def _ends(facts: Facts, first: str) -> Counter[str]:
    """Count the services at which failing requests through the alerting service end."""
    outside = {host for item in facts.neighbours for host in item.external}
    found: Counter[str] = Counter()
    for trace in facts.traces:
        if first in trace.path or trace.deepest == first:
            # A host outside the platform cannot be mended by us: the service that calls it is the root.
            inside = [service for service in (*trace.path, trace.deepest) if service not in outside]
            if inside:
                found[inside[-1]] += 1
    return found


def _root(facts: Facts, first: str, ends: Counter[str]) -> str:
    if ends:
        depth = {service: _depth(facts.traces, service) for service in ends}
        return max(ends, key=lambda service: (ends[service], depth[service], service))
    return _deepest_alerting(facts, first)


def _depth(traces: tuple[FailingTrace, ...], service: str) -> int:
    return max((trace.path.index(service) for trace in traces if service in trace.path), default=0)


def _deepest_alerting(facts: Facts, first: str) -> str:
    """Root without traces: the end of a walk down the call edges, as long as a callee alerts too."""
    callees = {item.service: item.callees for item in facts.neighbours}
    here, seen = first, {first}
    while True:
        below = sorted(set(callees.get(here, ())) & set(facts.alerting) - seen)
        if not below:
            return here
        here = below[0]
        seen.add(here)


def _members(facts: Facts, root: str) -> tuple[str, ...]:
    callers = {item.service: set(item.callers) | set(item.dependents) for item in facts.neighbours}
    for item in facts.neighbours:
        for callee in item.callees:
            callers.setdefault(callee, set()).add(item.service)
    # A trace shows callers that the topology may have missed.
    for trace in facts.traces:
        if root in trace.path:
            callers.setdefault(root, set()).update(trace.path[: trace.path.index(root)])
    reached, todo = {root}, [root]
    while todo:
        above = callers.get(todo.pop(), set()) - reached
        reached |= above
        todo.extend(sorted(above))
    return tuple(sorted({root} | (reached & set(facts.alerting))))


def _path(facts: Facts, root: str) -> tuple[str, ...]:
    """Return the way from the root back to the alert's own service, by the most frequent trace that shows it."""
    first = facts.alerting[0] if facts.alerting else root
    ways = Counter(
        trace.path[trace.path.index(first) : trace.path.index(root) + 1]
        for trace in facts.traces
        if first in trace.path and root in trace.path
    )
    way = max(ways, key=lambda found: (ways[found], found), default=())
    return tuple(dict.fromkeys((root, *reversed(way), first) if root else ()))


def _decision(
    verdict: Verdict, root: str, members: tuple[str, ...], facts: Facts, ends: dict[str, int]
) -> Judgement[str, Result]:
    others = tuple(sorted(set(facts.alerting) - set(members)))
    total = sum(ends.values())
    return Judgement[str, Result](
        policy=NAME,
        version=VERSION,
        verdict=verdict,
        choice=root,
        constraints=(
            Constraint(
                name="topology_known", held=not isinstance(verdict, Hold), detail=because("failing_traces", count=total)
            ),
            Constraint(name="not_handled_yet", held=not isinstance(verdict, Deny)),
        ),
        alternatives=tuple(
            Alternative(name=service, why_not=because("fewer_end_there", count=count, total=total))
            for service, count in sorted(ends.items())
            if service != root
        ),
        result=Result(service=root, members=members, others=others, path=_path(facts, root)),
    )


POLICY = Policy(NAME, VERSION, Facts, Result, group)
