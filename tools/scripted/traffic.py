"""Expected counts over time: everything that the simulated world shows follows from these integrals."""

import math
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Literal, NamedTuple, assert_never

from tools.scripted.state import Behaviour, Service, State

Kind = Literal["requests", "sick", "other", "relayed", "slow"]

_ROUNDING = 1e-3
"""Counts this close below a whole number are that number: the clock has microseconds, and floats fall short."""


class Piece(NamedTuple):
    """A stretch of time in which one version's requests arrive at one rate."""

    start: datetime
    end: datetime
    version: str
    rate: float
    """Requests a second of this version."""
    behaviour: Behaviour


class Counts(NamedTuple):
    """Whole numbers, as a router counts."""

    requests: int
    sick: int
    other: int
    relayed: int
    slow: int

    @property
    def errors(self) -> int:
        """Every failure."""
        return self.sick + self.other + self.relayed


class Moment(NamedTuple):
    """One event: when, in which version, and the how-manyth of its kind there since the world began."""

    at: datetime
    version: str
    number: int


def counts(state: State, service: str, start: datetime, end: datetime, version: str | None = None) -> Counts:
    """Counts of a window, of one version or of all.  They count on from the start of time, so nothing is lost."""
    before = [_total(state, service, kind, start, version) for kind in ("requests", "sick", "other", "relayed", "slow")]
    after = [_total(state, service, kind, end, version) for kind in ("requests", "sick", "other", "relayed", "slow")]
    # Totals are rounded, and then subtracted: windows that touch add up to the whole, as a router's counters do.
    return Counts(*(max(0, late - early) for early, late in zip(before, after, strict=True)))


def moments(
    state: State,
    service: str,
    kind: Literal["requests", "sick", "other"],
    start: datetime,
    end: datetime,
    every: int = 1,
) -> list[Moment]:
    """Every single event of a kind from `start` to `end` (or every so manyth), oldest first, as `counts` counts them."""
    found = []
    for version in _versions(state.services[service]):
        passed = 0.0
        for piece in _pieces(state.services[service], end, version):
            share = _rate(state, kind, piece)
            start_of = _begin(state, kind, piece)
            grown = share * max(0.0, (piece.end - start_of).total_seconds())
            # Counting begins shortly before the window, so that an old world costs no more than a young one.
            skipped = max(0, math.floor(share * (start - start_of).total_seconds()) - 1) if share else 0
            for number in range(_whole(passed) + 1 + skipped, _whole(passed + grown) + 1):
                if number % every:
                    continue
                # One time for an event, whatever window it is looked at through: a window's end must not date it.
                at = start_of + timedelta(seconds=max(0.0, number - passed) / share)
                if start <= at <= end:
                    found.append(Moment(at, version, number))
            passed += grown
    return sorted(found)


def _total(state: State, service: str, kind: Kind, until: datetime, version: str | None) -> int:
    """The count of a kind since the world began.  Versions are counted one by one, as the router does."""
    names = _versions(state.services[service]) if version is None else (version,)
    return sum(_whole(_amount(state, service, kind, until, name)) for name in names)


def _amount(state: State, service: str, kind: Kind, until: datetime, version: str) -> float:
    return sum(
        _rate(state, kind, piece) * max(0.0, (piece.end - _begin(state, kind, piece)).total_seconds())
        if kind != "relayed"
        else _relayed(state, service, piece)
        for piece in _pieces(state.services[service], until, version)
    )


def _rate(state: State, kind: Kind, piece: Piece) -> float:
    """Events of a kind a second."""
    match kind:
        case "requests":
            return piece.rate
        case "sick":
            return piece.rate * piece.behaviour.sick if state.wakes_at is not None else 0.0
        case "other":
            return piece.rate * piece.behaviour.other
        case "slow":
            return piece.rate * piece.behaviour.slow
        case "relayed":
            return 0.0
        case _:
            assert_never(kind)


def _begin(state: State, kind: Kind, piece: Piece) -> datetime:
    """Time at which a kind of event begins within a piece: the bug sleeps until it wakes."""
    if kind != "sick" or state.wakes_at is None:
        return piece.start
    return min(max(piece.start, state.wakes_at), piece.end)


def _relayed(state: State, service: str, piece: Piece) -> float:
    """Failures of callees that this version's callers saw, by its share of the service's requests."""
    own = state.services[service]
    share = piece.rate / own.rate if own.rate else 0.0
    return share * sum(
        part * max(0.0, _failures(state, callee, piece.end) - _failures(state, callee, piece.start))
        for callee, part in own.relays.items()
    )


def _failures(state: State, service: str, until: datetime) -> float:
    """Failures of all versions, as an expectation.  The services form no cycle."""
    kinds: tuple[Kind, ...] = ("sick", "other", "relayed")
    return sum(
        _amount(state, service, kind, until, version)
        for version in _versions(state.services[service])
        for kind in kinds
    )


def _versions(service: Service) -> tuple[str, ...]:
    return tuple(sorted({version for split in service.splits for version in split.weights}))


def _pieces(service: Service, until: datetime, version: str) -> Iterator[Piece]:
    """The stretches up to a time in which the version got requests."""
    ends = [split.since for split in service.splits[1:]]
    for index, split in enumerate(service.splits):
        end = min(ends[index], until) if index < len(ends) else until
        weight = split.weights.get(version, 0)
        if weight and end > split.since:
            yield Piece(split.since, end, version, service.rate * weight / 100, split.behaviours[version])


def _whole(amount: float) -> int:
    return math.floor(amount + _ROUNDING)
