"""Weight of each suspect: the scores of all mechanisms, added up as evidence in nats.  Pure.

Evidence is added on the scale of log odds (Good 1950), as if mechanisms erred apart from each other; that they do
not is why each is capped by its weight and why `policies.suspects.ranking` states a confidence that was fitted to how
often it is right, and has a most.  All weights are integers in ten-thousandths of a nat.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from incident.decision import SCALE
from policies.suspects.scores import Mechanism, Reading, Suspect, service

Found = dict[Suspect, dict[Mechanism, int]]
"""Strength of each mechanism for each suspect."""

Explained = dict[tuple[Suspect, Mechanism], frozenset[str]]
"""Services whose trouble each suspect would explain, by the mechanism that says so."""

WEIGHTS: Mapping[Mechanism, int] = {
    "novelty": 15_000,
    "mentions": 10_000,
    "own_time": 12_000,
    "own_share_of_time": 30_000,
    "own_share_of_failures": 35_000,
    "answers": 35_000,
    "symptoms": 10_000,
    "resources": 15_000,
    "silence": 40_000,
    "change_time": 8_000,
    "change_words": 25_000,
    "change_traffic": 40_000,
    "change_link": 8_000,
    "load": 40_000,
    "machines": 40_000,
    "outside_words": 25_000,
    "apart": 10_000,
    "person": 5_000,
}
"""Most that each mechanism can add.  What subtracts callees weighs most, what a victim shows as well weighs least; what
a person says orders those who are nearly as likely."""

LOUD: tuple[Mechanism, ...] = ("novelty", "symptoms", "own_time")
"""Mechanisms that a victim sets off as loudly as the culprit."""

OF_VICTIMS: frozenset[Mechanism] = frozenset({*LOUD, "mentions"})
"""Mechanisms that convict no service by themselves: whoever is named may be a victim further down, too."""

OWN: tuple[Mechanism, ...] = ("own_share_of_time", "own_share_of_failures", "answers", "silence")
"""Mechanisms that tell a culprit from its callers."""

EXCUSED: tuple[Mechanism, ...] = (*LOUD, "own_share_of_time", "own_share_of_failures")
"""Mechanisms that a service sets off, too, when a callee gives it nothing that it can use."""

OF_MACHINES: tuple[Mechanism, ...] = ("own_time", "own_share_of_time", "resources", "silence")
"""Mechanisms that show what a machine does to what runs on it."""

SHARED: tuple[Mechanism, ...] = ("load", "machines", "outside_words", "apart")
"""Mechanisms that find causes outside of services, which explain the trouble of those."""

EXPLAINED = 0.8
"""Part of what a caller shows that a guilty callee explains."""

UNREACHED = 0.4
"""Part of the weight of a service that the alert's own requests do not go through, where calls are known."""

LOUD_PLACE = 0.5
"""Part of what a service shows as a victim would, that counts for a change of it."""

SPOKEN = 4_000
"""Strength of shared words that speak for a change beside its time."""

WAITED = 0.5
"""Part of its service's weight that a change gets whose words speak, and whose delay would clear it otherwise."""

PLACED = 0.5
"""Part of its service's weight that a place (a function) of it gets."""


def found(readings: Iterable[Reading]) -> Found:
    """Scores by suspect; the strongest where one mechanism has several for one suspect."""
    told: Found = {}
    for reading in readings:
        for score in reading.scores:
            by_mechanism = told.setdefault(score.suspect, {})
            old = by_mechanism.get(reading.mechanism, 0)
            if abs(score.strength) > abs(old):
                by_mechanism[reading.mechanism] = score.strength
    return told


def explained(readings: Iterable[Reading]) -> Explained:
    """Services whose trouble each suspect would explain."""
    found: Explained = {}
    for reading in readings:
        for score in reading.scores:
            if score.explains:
                key = (score.suspect, reading.mechanism)
                found[key] = found.get(key, frozenset()) | frozenset(score.explains)
    return found


class Weighed(NamedTuple):
    """Weights in ten-thousandths of a nat."""

    suspects: dict[Suspect, int]
    places: dict[str, int]
    """Of each node as the place of a change: what victims show as well counts in part."""


def weighed(told: Found, explains: Explained, below: Mapping[str, frozenset[str]], alerting: str) -> Weighed:
    """The weight of each suspect, and of each node as a place."""
    left = _excused(told, explains, below)
    by_service = _services(told, left, explains, below, alerting)
    at = _places(told, left, by_service, explains, below, alerting)
    misled = _misled(told, below, at)
    weights: dict[Suspect, int] = {}
    for one, strengths in told.items():
        match one.kind:
            case "service":
                weights[one] = by_service[one.name]
            case "change":
                weights[one] = _of_change(strengths, max(place(one, at, explains), misled.get(one.service, 0)))
            case "place" if one.service:
                weights[one] = _sum(strengths) + round(PLACED * by_service.get(one.service, 0))
            case _:
                weights[one] = _sum(strengths) + _explaining(one, told, left, explains, by_service)
    return Weighed(weights, at)


def _places(
    told: Found,
    left: Found,
    whole: Mapping[str, int],
    explains: Explained,
    below: Mapping[str, frozenset[str]],
    alerting: str,
) -> dict[str, int]:
    plain = {
        one: {mechanism: strength for mechanism, strength in strengths.items() if mechanism not in LOUD}
        for one, strengths in told.items()
    }
    sure = _services(plain, _excused(plain, explains, below), explains, below, alerting)
    hosts = {
        one.name: _sum(strengths) + _explaining(one, told, left, explains, sure)
        for one, strengths in plain.items()
        if one.kind == "outside"
    }
    return hosts | {name: sure[name] + round(LOUD_PLACE * (weight - sure[name])) for name, weight in whole.items()}


def place(change: Suspect, at: Mapping[str, int], explains: Explained) -> int:
    """The weight of the place of a change: of its service, or of a callee that it names."""
    return max(at.get(name, 0) for name in (change.service, *explains.get((change, "change_link"), ())))


def _misled(told: Found, below: Mapping[str, frozenset[str]], at: Mapping[str, int]) -> dict[str, int]:
    """The heaviest caller of each service that fails by itself and was not changed: an answer may have misled it.

    Who answers nonsense with success loses nothing, so a change of it is as likely as the caller; it is convicted by its
    own place alone.
    """
    changed = {one.service for one, strengths in told.items() if one.kind == "change" and _fits(strengths) == SCALE}
    found: dict[str, int] = {}
    for one, strengths in told.items():
        if one.kind == "service" and one.name not in changed and strengths.get("own_share_of_failures", 0) > 0:
            for name in below.get(one.name, ()):
                found[name] = max(found.get(name, 0), at[one.name])
    return found


def _services(
    told: Found, left: Found, explains: Explained, below: Mapping[str, frozenset[str]], alerting: str
) -> dict[str, int]:
    nodes = {one.name: strengths for one, strengths in told.items() if one.kind in ("service", "outside")}
    seen, _ = _complaints(told, explains, below)
    return {
        one.name: _of_node(one.name, strengths, nodes, below, seen.get(one.name, 0), alerting)
        for one, strengths in left.items()
    }


def _excused(told: Found, explains: Explained, below: Mapping[str, frozenset[str]]) -> Found:
    """Strengths of services, without what they show because a callee gave them nothing that they could use."""
    _, unseen = _complaints(told, explains, below)
    unusable = _strongest("answers", told, explains, unseen)
    left = {name: 1 - EXPLAINED * min(SCALE, 2 * strength) / SCALE for name, strength in unusable.items()}
    return {
        one: {
            mechanism: round(strength * left.get(one.name, 1)) if mechanism in EXCUSED else strength
            for mechanism, strength in strengths.items()
        }
        for one, strengths in told.items()
        if one.kind == "service"
    }


def _complaints(
    told: Found, explains: Explained, below: Mapping[str, frozenset[str]]
) -> tuple[dict[str, int], dict[str, int]]:
    """Strongest complaint of each service about a callee that calls tell of, and about one that they tell nothing of.

    What a service loses on the way to the latter is not its own: nobody has seen the link.
    """
    seen: dict[str, int] = {}
    unseen: dict[str, int] = {}
    for (one, by), names in explains.items():
        for name in names if by == "mentions" and one in told else ():
            link = one.kind == "place" or (one.name in below.get(name, ()) and not _is_mute(one, told[one]))
            found = seen if link else unseen
            found[name] = max(found.get(name, 0), told[one].get("mentions", 0))
    return seen, unseen


def _is_mute(one: Suspect, strengths: Mapping[Mechanism, int]) -> bool:
    return one.kind == "outside" and not strengths.keys() & set(OWN)


def _strongest(
    mechanism: Mechanism, told: Found, explains: Explained, others: Mapping[str, int] = MappingProxyType({})
) -> dict[str, int]:
    """Strength of the strongest that would explain each service's trouble, by one mechanism, or that of the others."""
    found = dict(others)
    for (one, by), names in explains.items():
        for name in names if by == mechanism and one in told else ():
            found[name] = max(found.get(name, 0), told[one].get(mechanism, 0))
    return found


def _sum(strengths: Mapping[Mechanism, int]) -> int:
    return sum(WEIGHTS[mechanism] * strength // SCALE for mechanism, strength in strengths.items())


def _of_node(
    name: str,
    strengths: Mapping[Mechanism, int],
    nodes: Mapping[str, Mapping[Mechanism, int]],
    below: Mapping[str, frozenset[str]],
    complains: int,
    alerting: str,
) -> int:
    guilt = max(
        (nodes[one].get(mechanism, 0) for one in below.get(name, ()) if one in nodes for mechanism in OWN), default=0
    )
    own = max((strengths.get(mechanism, 0) for mechanism in OWN), default=0)
    # What it shows may come from below, unless it adds as much itself; where no calls tell, its own lines may.
    explained = EXPLAINED * max(0, guilt - own, 0 if own else complains) / SCALE
    loud = {mechanism: strength for mechanism, strength in strengths.items() if mechanism in LOUD}
    rest = {mechanism: strength for mechanism, strength in strengths.items() if mechanism not in LOUD}
    weight = _sum(rest) + round(_sum(loud) * (1 - explained))
    reached = not below or name == alerting or name in below.get(alerting, ())
    return weight if reached else round(weight * UNREACHED)


def _explaining(one: Suspect, told: Found, left: Found, explains: Explained, by_service: Mapping[str, int]) -> int:
    """Weight of the services whose trouble a cause outside of them explains, as far as it is sure itself."""
    strengths = told[one]
    sure = min(SCALE, 2 * max((strengths.get(mechanism, 0) for mechanism in SHARED), default=0))
    names = frozenset().union(*(names for (other, _), names in explains.items() if other == one))
    if _is_mute(one, strengths) and not any(mechanism in strengths for mechanism in SHARED):
        said = EXPLAINED * strengths.get("mentions", 0) / SCALE
        return round(said * max((_sum(told[service(name)]) for name in names if service(name) in told), default=0))
    if "machines" in strengths:
        own = {
            name: {by: left[service(name)].get(by, 0) for by in OF_MACHINES} for name in names if service(name) in left
        }
        return sum(_sum(shown) for shown in own.values()) * sure // SCALE
    # Whoever is heard no more is not under load.
    bowed = [name for name in names if "load" not in strengths or "silence" not in told.get(service(name), {})]
    return sum(max(0, by_service.get(name, 0)) for name in bowed) * sure // SCALE


def _of_change(strengths: Mapping[Mechanism, int], place: int) -> int:
    """A change weighs as much as its service, as far as its time fits, and what speaks of itself."""
    time, words = strengths.get("change_time", 0), strengths.get("change_words", 0)
    if time == -SCALE:
        # After the onset: words and traffic of it are effects of something else.
        return -WEIGHTS["change_time"]
    if time < 0 and words >= SPOKEN:
        # It waited: for a date, for a rare request, for a store to fill up.
        return _sum({**strengths, "change_time": 0}) + round(place * WAITED)
    return _sum(strengths) + place * _fits(strengths) // SCALE


def _fits(strengths: Mapping[Mechanism, int]) -> int:
    """Part of a change whose time fits: all of it from half of a full score."""
    return min(SCALE, 2 * max(0, strengths.get("change_time", 0)))
