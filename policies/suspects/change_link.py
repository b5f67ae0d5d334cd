"""Changes of settings that name whom their service calls: an address, a patience, a pool, a number of tries.  Pure.

Such a change is at the link as much as in its service, so trouble at the other end speaks for it, too.

Limits: a name is known by its words, so a setting that names its callee otherwise is not seen; who is called is known
by traced calls and by the places of services.
"""

from collections.abc import Mapping

from incident.decision import SCALE, because
from incident.evidence import Change
from incident.observed import Observed
from policies.suspects import changes, scores, words
from policies.suspects.scores import Reading, Score

KINDS = frozenset({"config", "flag"})
"""Kinds of changes whose keys name whom they are about."""


def read(observed: Observed) -> Reading:
    """Score changes whose key or values name a callee of their service."""
    if not observed.changes:
        return scores.silence("change_link", because("no_change_recorded"))
    callees = _callees(observed)
    found: list[Score] = []
    for one, change in changes.suspects(observed):
        # Where nothing is known of its calls, it may call anybody.
        known = callees.get(change.service, frozenset(observed.services) - {change.service})
        named = _named(change, known) if change.what in KINDS else ()
        if named:
            why = because("names_callee", callees=named)
            found.append(Score(suspect=one, strength=SCALE, why=why, explains=named))
    return scores.reading("change_link", found)


def _callees(observed: Observed) -> Mapping[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for calls in observed.calls:
        found[calls.caller] = found.get(calls.caller, frozenset()) | {calls.callee}
    for placement in observed.placements:
        more = {*placement.databases, *placement.queues, *placement.third_parties}
        found[placement.service] = found.get(placement.service, frozenset()) | more
    return found


def _named(change: Change, callees: frozenset[str]) -> tuple[str, ...]:
    """Callees all of whose words the change has, unless another one's are among more of them."""
    told = words.of(" ".join((change.key or "", change.old or "", change.new or "", change.target)))
    named = {name: words.of(name) for name in callees if words.of(name) and words.of(name) <= told}
    return tuple(sorted(name for name, own in named.items() if not any(own < other for other in named.values())))
