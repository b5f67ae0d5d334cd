"""Subject of an alert: the one service that its labels name, among those that a world knows.  Pure.

Each label that may name a service is asked for against the world's names.  One answer is the subject; two are a
question to a person, and so is an answer that rests on an exporter's own labels.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from incident import label_names, names
from incident.label_names import Kind
from incident.workload import Alias


class Named(NamedTuple):
    """The labels name one service."""

    service: str


class Question(NamedTuple):
    """A person has to say which service it is; `why` says what stands where, as the rest of a sentence."""

    why: str
    services: tuple[str, ...]


class Unknown(NamedTuple):
    """The labels name no service of this world; the first label that should have, if there is one."""

    label: str = ""
    value: str = ""


class Known:
    """The names that one world knows: its services, and what telemetry calls them."""

    def __init__(self, services: Iterable[str], aliases: Iterable[Alias] = ()) -> None:
        self.services = tuple(services)
        self._exact: dict[str, set[tuple[str, str]]] = {}
        self._alike: dict[str, set[tuple[str, str]]] = {}
        # The alerts of one payload ask for the same few names again and again.
        self._found: dict[tuple[str, Kind, frozenset[str], frozenset[str]], frozenset[str]] = {}
        places: dict[str, set[str]] = {service: set() for service in self.services}
        for alias in aliases:
            # What the platform does not let us look at is nobody's other name.
            if alias.service in places:
                places[alias.service].add(alias.namespace)
                self._add(alias.name, alias.service, alias.namespace)
        for service, namespaces in places.items():
            # A service whose namespaces are known is not the one of that name in another namespace.
            for namespace in namespaces - {""} or {""}:
                self._add(service, service, namespace)

    def find(self, value: str, kind: Kind, namespaces: frozenset[str], around: frozenset[str]) -> frozenset[str]:
        """Return the services that the most literal form of a value names; empty when none does."""
        asked = (value, kind, namespaces, around)
        if asked not in self._found:
            self._found[asked] = self._find(value, kind, namespaces, around)
        return self._found[asked]

    def _find(self, value: str, kind: Kind, namespaces: frozenset[str], around: frozenset[str]) -> frozenset[str]:
        for form in names.forms(value, kind, namespaces | around):
            allowed = namespaces | {form.namespace} if form.namespace else namespaces
            for found in (self._exact.get(form.name), self._alike.get(names.key(form.name))):
                fitting = {service for service, where in found or () if not (where and allowed) or where in allowed}
                if fitting:
                    return frozenset(fitting)
        return frozenset()

    def _add(self, name: str, service: str, namespace: str) -> None:
        self._exact.setdefault(name, set()).add((service, namespace))
        for spelling in (name, f"{namespace}-{name}") if namespace else (name,):
            self._alike.setdefault(names.key(spelling), set()).add((service, namespace))


class Vote(NamedTuple):
    """Word of one label: the services that its value names, none when the world knows no such name."""

    label: str
    value: str
    services: frozenset[str]

    @property
    def exporter(self) -> bool:
        """True when it names a program that measures others, in its own words or in the world's."""
        return names.exporter(self.value) or (bool(self.services) and all(map(names.exporter, self.services)))


def of(labels: Mapping[str, str], known: Known, first: Iterable[str] = ()) -> Named | Question | Unknown:
    """Return the subject of an alert; the labels in `first` are believed before all others, in this order."""
    for vote in _votes(labels, known, tuple(label for label in first if label in labels)):
        if vote.services and not vote.exporter:
            return _answer([vote])
    votes = _votes(labels, known, tuple(label for label in labels if label_names.kind(label) in NAMING))
    heard = [vote for vote in votes if vote.services and not vote.exporter]
    if heard:
        return _doubt(votes, heard) or _answer(heard)
    measured = [vote for vote in votes if vote.services]
    if measured:
        services = tuple(sorted({service for vote in measured for service in vote.services}))
        return Question(
            f"only {_where(measured)} names a service, {' or '.join(services)}, and that measures others", services
        )
    return _unknown(votes)


NAMING = (Kind.SERVICE, Kind.POD, Kind.TARGET)
"""Kinds of labels that may name a service."""


def _votes(labels: Mapping[str, str], known: Known, asked: tuple[str, ...]) -> tuple[Vote, ...]:
    outer = {
        kind: {label: value for label, value in labels.items() if value and label_names.kind(label) is kind}
        for kind in (Kind.NAMESPACE, Kind.PROJECT)
    }
    spaces, around = outer[Kind.NAMESPACE], frozenset(outer[Kind.PROJECT].values())
    # What a target says of itself lies in the namespace that it says, not in that of whoever measured it.
    exported = frozenset(value for label, value in spaces.items() if label_names.exported(label))
    plain = frozenset(spaces.values())
    votes = []
    for label in asked:
        value, kind = labels[label].strip(), label_names.kind(label) or Kind.SERVICE
        if value:
            own = exported if exported and label_names.exported(label) else plain
            votes.append(Vote(label, value, known.find(value, kind, own, around)))
    return tuple(votes)


def _answer(votes: list[Vote]) -> Named | Question:
    services = sorted({service for vote in votes for service in vote.services})
    if len(services) == 1:
        return Named(services[0])
    told = (f"{service} ({', '.join(v.label for v in votes if service in v.services)})" for service in services)
    return Question(f"its labels name {len(services)} services: {' and '.join(told)}", tuple(services))


def _doubt(votes: tuple[Vote, ...], heard: list[Vote]) -> Question | None:
    """Return the question about an alert whose target says that it is about something that the world does not know."""
    said = [vote for vote in votes if label_names.exported(vote.label) and label_names.kind(vote.label) != Kind.TARGET]
    if not said or any(vote.services for vote in said):
        return None
    services = tuple(sorted({service for vote in heard for service in vote.services}))
    found = f"{_where(heard)} names {' and '.join(services)}"
    return Question(f"{found}, and {_where(said)} is about {said[0].value!r}, which is unknown here", services)


def _unknown(votes: tuple[Vote, ...]) -> Unknown:
    # An address that the world does not know is no name that somebody got wrong.
    names_ = [vote for vote in votes if label_names.kind(vote.label) is not Kind.TARGET]
    ranked = sorted(names_, key=lambda vote: (vote.exporter, _RANK.get(vote.label, len(_RANK))))
    return Unknown(ranked[0].label, ranked[0].value) if ranked else Unknown()


def _where(votes: Iterable[Vote]) -> str:
    return ", ".join(vote.label for vote in votes)


_RANK = {"service": 0, "exported_service": 1, "app": 2, "deployment": 3, "job": 4, "pod": 5}
"""Labels that a refusal names first."""
