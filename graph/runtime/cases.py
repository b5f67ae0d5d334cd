"""Cases of a payload: firing alerts of services that call each other belong to one incident."""

import hashlib
import itertools
from collections import Counter
from collections.abc import Callable
from datetime import UTC
from typing import NamedTuple

from graph.config.settings import Settings
from graph.evidence import naming
from graph.state import Case
from incident import subject
from incident.alert import Alert, Payload
from incident.errors import BadInput
from incident.evidence import Missing
from incident.value import encode
from tools import text
from tools.ports import World
from tools.secrets import redaction

MOST = 20_000
"""Firing alerts of one payload that are taken."""

KEPT = 20
"""Alerts of one incident that its records hold; more of the same services and rules tell nothing new."""

TOLD = 20
"""Different sentences about alerts that are left out."""


class Cases(NamedTuple):
    """The incidents of one payload."""

    cases: tuple[Case, ...]
    """Cases, one for each connected group of firing alerts."""
    left_out: tuple[str, ...]
    """Sentences about the alerts that are left out, alike ones together."""
    questions: tuple[str, ...] = ()
    """Sentences about the alerts of which a person has to say what service they are about."""


class Found(NamedTuple):
    """A firing alert whose service is known, and its place among all of them, the oldest first."""

    order: int
    alert: Alert
    service: str


class _Sorted(NamedTuple):
    """The firing alerts of a payload: those whose service is known, and sentences about the others."""

    named: list[Found]
    questions: list[str]
    strangers: list[BadInput]
    unnamed: list[str]


def of(settings: Settings, world: World, payload: Payload) -> Cases:
    """Return the incidents of a payload; the oldest alert of a group gives its incident the identity.

    Raises BadInput when no alert names a known service, and none leaves a question.
    """
    found = _sorted_out(settings, world, payload)
    if found.strangers and not found.named and not found.questions:
        raise found.strangers[0]
    taken = _first(found.named, MOST, lambda item: item.service)
    left_out = [*payload.left_out, *found.unnamed]
    if beyond := len(found.named) - len(taken):
        left_out.append(f"{beyond} more alerts fire: {MOST} are taken at once, those of the most services first")
    opened = tuple(_case(world, members, payload) for members in _connected(world, taken))
    return Cases(opened, _told(left_out), _told(found.questions))


def identity(world: str, alert: Alert) -> str:
    """Return the id of an incident: the same for the same alert in the same world, whatever else its sender wrote."""
    seed = encode([world, alert.identity, alert.starts_at.astimezone(UTC).isoformat()])
    return f"inc-{hashlib.sha256(seed).hexdigest()[:16]}"


def _case(world: World, members: list[Found], payload: Payload) -> Case:
    """Return the case of connected alerts, led by the oldest; its payload holds some of each service and rule."""
    kept = _first(members, KEPT, lambda item: f"{item.service} {item.alert.name}")
    alerts, beside = tuple(item.alert for item in kept), len(members) - len(kept)
    part = Payload(alerts=alerts, group_labels=payload.group_labels, beside=beside)
    name, first = world.platform.world(), kept[0]
    incident = identity(name, first.alert)
    case = Case(incident=incident, world=name, payload=part, alert=first.alert, service=first.service)
    # Secrets in an alert are kept nowhere from here on; the identity was computed from the alert as it came.
    return redaction.redact_value(case)


def _sorted_out(settings: Settings, world: World, payload: Payload) -> _Sorted:
    known = naming.known(world)
    found = _Sorted([], [], [], [])
    oldest_first = sorted(payload.firing(), key=lambda alert: (alert.starts_at, alert.identity))
    for order, alert in enumerate(oldest_first):
        name = text.normalise(alert.name, 80) or "an alert"
        match subject.of(alert.labels, known, settings.service_labels):
            case subject.Named(service):
                found.named.append(Found(order, alert, service))
            case subject.Question(why):
                found.questions.append(f"{name}: {text.normalise(why, 300)}")
            case subject.Unknown(label, value):
                refusal = _refusal(alert, label, value, known)
                found.strangers.append(refusal)
                found.unnamed.append(f"{name}: {refusal}")
    return found


def _refusal(alert: Alert, label: str, value: str, known: subject.Known) -> BadInput:
    if not label:
        remedy = "add the label service or job that names the service, or name yours in SUTURE_SERVICE_LABELS"
        return BadInput("labels", sorted(alert.labels), remedy)
    services = ", ".join(known.services[:20]) + (" and others" if len(known.services) > 20 else "")
    return BadInput(f"labels.{text.normalise(label, 60)}", value, f"name one of the services of this world: {services}")


def _first(found: list[Found], most: int, kind: Callable[[Found], str]) -> list[Found]:
    """Return at most so many alerts: the oldest of each kind, then the second of each, and so on; the oldest first."""
    if len(found) <= most:
        return found
    seen: Counter[str] = Counter()
    turns: list[tuple[int, Found]] = []
    for item in found:
        turns.append((seen[kind(item)], item))
        seen[kind(item)] += 1
    turns.sort(key=lambda turn: (turn[0], turn[1].order))
    return sorted((item for _, item in turns[:most]), key=lambda item: item.order)


def _connected(world: World, found: list[Found]) -> list[list[Found]]:
    """Return the alerts in groups, whose services call each other or have a neighbour in common."""
    by_service: dict[str, list[Found]] = {}
    for item in found:
        by_service.setdefault(item.service, []).append(item)
    group_of: dict[str, str] = {}
    groups: dict[str, tuple[set[str], list[str]]] = {}
    for service in by_service:
        around, members = _around(world, service), [service]
        for near in {group_of[name] for name in around if name in group_of}:
            more, earlier = groups.pop(near)
            around |= more
            members = earlier + members
        groups[service] = around, members
        group_of.update(dict.fromkeys(around, service))
    merged = (itertools.chain.from_iterable(by_service[name] for name in members) for _, members in groups.values())
    return [sorted(group, key=lambda item: item.order) for group in merged]


def _around(world: World, service: str) -> set[str]:
    neighbours = world.traces.neighbours(service)
    if isinstance(neighbours, Missing):
        return {service}
    return {service, *neighbours.callers, *neighbours.callees, *neighbours.dependents}


def _told(sentences: list[str]) -> tuple[str, ...]:
    """Return the sentences, each once, with how many alerts it is about; of too many the last says how many there are."""
    counted = Counter(sentences)
    told = [
        line if count == 1 else f"{line} ({count} alerts)" for line, count in itertools.islice(counted.items(), TOLD)
    ]
    more = sum(itertools.islice(counted.values(), TOLD, None))
    return (*told, f"{more} more alerts for reasons like these") if more else tuple(told)
