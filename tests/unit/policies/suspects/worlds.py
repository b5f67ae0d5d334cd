"""Observations of made-up worlds: a chain of services with noise of a fixed seed, and troubles that a test adds.

`shop` is healthy for forty minutes and watched for twenty more; `Trouble` says what begins at the onset.
"""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from incident.evidence import Change, Condition
from incident.observed import (
    Calls,
    Heard,
    Logged,
    Observed,
    Request,
    Requests,
    Stretch,
    Track,
    Watched,
    moment,
    seconds,
)
from incident.places import Placement, Pod

AS_OF = seconds(datetime(2026, 11, 28, 12, tzinfo=UTC))
START, ONSET, ALERT = AS_OF - 3600, AS_OF - 1200, AS_OF - 1080
STEP = 5.0
CHAIN = ("front", "cart", "price", "rates")
"""Each calls the next; the alert is the first one's."""
RULE = Condition(
    name="TooManyErrors",
    service="front",
    expression="errors / requests",
    comparison=">",
    threshold=0.05,
    window_seconds=60,
    for_seconds=30,
    step_seconds=STEP,
)


@dataclass(frozen=True)
class Trouble:
    """One thing that begins at the onset; times in milliseconds, rates as shares of the requests."""

    fails: dict[str, float] = field(default_factory=dict)
    """Rate of requests that a service fails by itself since the onset."""
    slow: dict[str, tuple[float, float]] = field(default_factory=dict)
    """Share of the requests that take so many milliseconds more in a service."""
    lines: tuple[tuple[str, str, int], ...] = ()
    """Lines of a service since the onset: (service, template, lines a minute)."""
    gone: tuple[tuple[str, str, int], ...] = ()
    """Lines of a service until the onset."""
    load: float = 1.0
    moved: dict[tuple[str, str], float] = field(default_factory=dict)
    """Factor on a resource of a service, by its name."""
    silent: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    requests: tuple[Requests, ...] = ()
    others: tuple[str, ...] = ()
    """More services, which nobody of the chain calls."""
    machines: dict[str, str] = field(default_factory=dict)
    """Machine of each service."""
    calls: bool = True
    """False: nothing is traced."""


def deploy(service: str, at: float = ONSET - 30, patch: str = "", version: str = "v2", **more: str) -> Change:
    return Change(
        service=service,
        at=moment(at),
        what="deploy",
        version=version,
        previous="v1",
        patch=patch,
        **more,
    )


def config(service: str, key: str, old: str, new: str, at: float = ONSET - 30) -> Change:
    return Change(service=service, at=moment(at), what="config", key=key, old=old, new=new)


def shop(trouble: Trouble | None = None, seed: int = 7) -> Observed:
    told = trouble or Trouble()
    dice = random.Random(seed)
    names = (*CHAIN, *told.others)
    tracks = tuple(track for name in names for track in _tracks(name, told, dice))
    return Observed(
        as_of=moment(AS_OF),
        service="front",
        alert=Watched(started=ALERT, condition=RULE, track=_watched(told, dice)),
        windows=RULE.windows,
        looked=Stretch(start=START, end=AS_OF),
        healthy=Stretch(start=START, end=ALERT - 90),
        since=Stretch(start=ALERT - 90, end=AS_OF),
        bucket_seconds=STEP,
        services=tuple(sorted(names)),
        tracks=tracks,
        logged=tuple(_logged(told, dice)),
        calls=tuple(_calls(told, dice)) if told.calls else (),
        changes=tuple(sorted(told.changes, key=lambda change: change.at)),
        placements=tuple(
            Placement(service=name, pods=(Pod(name=f"{name}-0", node=node),)) for name, node in told.machines.items()
        ),
        requests=told.requests,
        heard=tuple(
            Heard(
                service=name,
                metrics=ONSET if name in told.silent else AS_OF,
                logs=ONSET if name in told.silent else AS_OF,
                lines=(Stretch(start=START, end=AS_OF),),
            )
            for name in names
        ),
    )


def times(step: float = STEP) -> tuple[float, ...]:
    return tuple(START + step * (index + 1) for index in range(int(3600 / step)))


def _rate(name: str, told: Trouble, at: float) -> float:
    """Share of the requests that fail in the sight of a service: its own failures and those below."""
    if at <= ONSET or name not in CHAIN:
        return 0.002
    well = 1.0
    for one in CHAIN[CHAIN.index(name) :]:
        well *= 1 - told.fails.get(one, 0.0)
    return 1 - well * 0.998


def _added(name: str, told: Trouble, at: float) -> float:
    chain = CHAIN[CHAIN.index(name) :] if name in CHAIN else ()
    return sum(told.slow[one][1] for one in chain if at > ONSET and one in told.slow)


def _tracks(name: str, told: Trouble, dice: random.Random) -> Iterable[Track]:
    at = times()
    if name in told.silent:
        at = tuple(one for one in at if one <= ONSET)
    load = [100 * (told.load if one > ONSET - 60 else 1.0) * dice.gauss(1, 0.05) for one in at]
    yield _track(name, "requests", "1", "counter", at, [round(one) for one in load])
    errors = [
        round(count * _rate(name, told, one) * dice.uniform(0.8, 1.2)) for one, count in zip(at, load, strict=True)
    ]
    yield _track(name, "errors", "1", "counter", at, errors)
    yield _track(
        name, "p99_ms", "ms", "percentile", at, [40 * dice.gauss(1, 0.05) + _added(name, told, one) for one in at]
    )
    for resource, unit, level in (
        ("memory_bytes", "By", 1e8),
        ("cpu_seconds", "s", 0.5),
        ("pool_wait_seconds", "s", 0.01),
    ):
        factor = told.moved.get((name, resource), 1.0)
        values = [level * dice.gauss(1, 0.03) * (factor if one > ONSET else 1.0) for one in at]
        yield _track(name, resource, unit, "gauge", at, values)


def _track(name: str, series: str, unit: str, kind: str, at: tuple[float, ...], values: Iterable[float]) -> Track:
    return Track(
        service=name,
        name=series,
        unit=unit,
        kind=kind,
        step_seconds=STEP,
        at=at,
        values=tuple(map(float, values)),
    )


def _watched(told: Trouble, dice: random.Random) -> Track:
    at = times()
    # As the rule sees it: a rate over a minute.
    values = [
        sum(_rate("front", told, one - back) for back in range(0, 60, 5)) / 12 * dice.uniform(0.9, 1.1) for one in at
    ]
    return _track("front", "errors / requests", "1", "ratio", at, values)


def _logged(told: Trouble, dice: random.Random) -> Iterable[Logged]:
    usual = [(name, "request served", 60) for name in (*CHAIN, *told.others)]
    usual += [(name, "cache refreshed", 2) for name in CHAIN]
    for name, text, minute in usual:
        yield _line(name, text, minute, START, AS_OF, dice)
    for name, text, minute in told.lines:
        yield _line(name, text, minute, ONSET, AS_OF, dice)
    for name, text, minute in told.gone:
        yield _line(name, text, minute, START, ONSET, dice)


def _line(name: str, text: str, minute: float, start: float, end: float, dice: random.Random) -> Logged:
    at, count = [], []
    share = minute * STEP / 60
    for one in times():
        number = int(share) + (dice.random() < share - int(share))
        if start < one - STEP / 2 <= end and number:
            at.append(one - STEP)
            count.append(number)
    return Logged(
        service=name,
        what="template",
        text=text,
        example=text,
        at=tuple(at),
        count=tuple(count),
        first=at[0] if at else 0,
    )


def _calls(told: Trouble, dice: random.Random) -> Iterable[Calls]:
    """One traced request every two seconds, through the whole chain."""
    rows: dict[str, list[tuple[float, float, float | None, float, bool, bool, bool]]] = {name: [] for name in CHAIN}
    for number in range(1800):
        at = START + 2 * number + dice.random()
        below, failed_below = 0.0, False
        for name in reversed(CHAIN):
            own = dice.lognormvariate(2, 0.2)
            share, added = told.slow.get(name, (0.0, 0.0))
            if at > ONSET and dice.random() < share:
                own += added
            if at > ONSET and name in told.silent:
                rows[name].append((at, 1.0, None, 0.0, True, False, False))
                below, failed_below = 1.0, True
                continue
            fails = dice.random() < (told.fails.get(name, 0.0) if at > ONSET else 0.0) or dice.random() < 0.001
            badly = fails or failed_below
            inside = own + below
            took = inside + dice.uniform(0.2, 0.6)
            rows[name].append((at, took, inside, below, badly, badly, failed_below))
            below, failed_below = took, badly
    for index, name in enumerate(CHAIN):
        columns = list(zip(*rows[name], strict=True))
        yield Calls(
            caller=CHAIN[index - 1] if index else "",
            callee=name,
            version="v1",
            operation=f"GET /{name}",
            at=columns[0],
            took_ms=columns[1],
            callee_ms=columns[2],
            below_ms=columns[3],
            failed=columns[4],
            answered_badly=columns[5],
            failed_below=columns[6],
        )


def recorded(
    service: str, failing: tuple[str, ...], healthy: tuple[str, ...], count: int = 40, alike_before: int = 0
) -> Requests:
    """Requests of one route: healthy ones all the time, failing ones since the onset, and some alike that went well."""
    found = [Request(at=START + 60 * index, failed=False, features=healthy) for index in range(50)]
    found += [Request(at=START + 60 * index + 1, failed=False, features=failing) for index in range(alike_before)]
    found += [Request(at=ONSET + 10 + index, failed=True, features=failing) for index in range(count)]
    return Requests(service=service, route="GET /a", requests=tuple(sorted(found, key=lambda one: one.at)))


def renamed(observed: Observed, names: dict[str, str]) -> Observed:
    """The same observation with other names of services."""

    def new(name: str) -> str:
        return names.get(name, name)

    return observed.model_copy(
        update={
            "service": new(observed.service),
            "services": tuple(sorted(map(new, observed.services))),
            "tracks": tuple(one.model_copy(update={"service": new(one.service)}) for one in observed.tracks),
            "logged": tuple(one.model_copy(update={"service": new(one.service)}) for one in observed.logged),
            "heard": tuple(one.model_copy(update={"service": new(one.service)}) for one in observed.heard),
            "changes": tuple(one.model_copy(update={"service": new(one.service)}) for one in observed.changes),
            "requests": tuple(one.model_copy(update={"service": new(one.service)}) for one in observed.requests),
            "placements": tuple(one.model_copy(update={"service": new(one.service)}) for one in observed.placements),
            "calls": tuple(
                one.model_copy(update={"caller": new(one.caller), "callee": new(one.callee)}) for one in observed.calls
            ),
        }
    )


def more(trouble: Trouble, **changes: object) -> Trouble:
    return replace(trouble, **changes)  # type: ignore[arg-type]
