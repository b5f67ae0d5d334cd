"""Traced calls and recorded requests, as tracing and a recorder tell them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random

from pydantic import JsonValue

from evals.bench.diagnosis.grammar.records import Kept
from evals.bench.diagnosis.grammar.scene import Scene
from evals.bench.diagnosis.grammar.system import Operation
from incident import call_times, capture, features
from incident.call_times import Row
from incident.observed import Calls, Request, Requests

MOST_KEPT = 60
"""Requests of one route and outcome that a recorder keeps."""


def calls(scene: Scene) -> Iterator[Calls]:
    """Traced calls by caller, callee, version and operation."""
    if scene.difficulties.spans == "absent":
        return
    grouped: dict[tuple[str, str, str, int], list[Row]] = {}
    for (caller, callee, simulated, number), rows in scene.told.calls.items():
        # A caller without spans tells of nobody whom it calls.
        if caller and scene.silent_spans(caller):
            continue
        for row in rows:
            if row.at <= scene.looks:
                version = _version(scene, callee, row.at, simulated)
                grouped.setdefault((caller, callee, version, number), []).append(row)
    for (caller, callee, version, number), rows in sorted(grouped.items()):
        found = [_seen(scene, caller, callee, row) for row in sorted(rows)]
        if not caller and scene.silent_spans(callee):
            continue
        operation = scene.system.nodes[callee].operations[number]
        name = scene.names[caller] if caller else ""
        told = [_rounded(scene, row) for row in found]
        yield call_times.columns(name, scene.names[callee], version, route(scene, operation), told)


def route(scene: Scene, operation: Operation) -> str:
    """Method and path of an operation."""
    return f"{operation.verb} /{scene.names.nouns[operation.noun]}s"


def _version(scene: Scene, callee: str, at: float, simulated: str) -> str:
    if scene.system.nodes[callee].sort != "service" or scene.silent_spans(callee):
        return ""
    return scene.versions.at(callee, at, simulated)


def _rounded(scene: Scene, row: Row) -> Row:
    inside = None if row.callee_ms is None else round(row.callee_ms, 3)
    return row._replace(
        at=scene.at(row.at), took_ms=round(row.took_ms, 3), callee_ms=inside, below_ms=round(row.below_ms, 3)
    )


def _seen(scene: Scene, caller: str, callee: str, row: Row) -> Row:
    """A call as far as both ends tell of it."""
    muted = scene.muted(callee)
    if scene.silent_spans(callee) or (muted is not None and row.at > muted):
        row = row._replace(callee_ms=None, below_ms=0.0, answered_badly=False, failed_below=False)
    if scene.unset(callee):
        row = row._replace(answered_badly=False, failed=row.failed and bool(caller))
    if caller and scene.unset(caller):
        row = row._replace(failed=False)
    return row


def requests(scene: Scene) -> tuple[Requests, ...]:
    """Requests that recorders kept: of half of the services, if anybody has one."""
    if scene.difficulties.no_requests:
        return ()
    found = []
    for (name, number), kept in sorted(scene.told.kept.items()):
        dice = scene.dice(f"recorder {name} {number}")
        if dice.random() < 0.4:
            continue
        seen = [one for one in kept if one.at <= scene.looks]
        chosen = [one for one in seen if one.failed][-MOST_KEPT:] + [one for one in seen if not one.failed][-MOST_KEPT:]
        operation = scene.system.nodes[name].operations[number]
        told = tuple(_request(scene, dice, name, operation, one) for one in sorted(chosen, key=lambda one: one.at))
        found.append(Requests(service=scene.names[name], route=route(scene, operation), requests=told))
    return tuple(found)


def _request(scene: Scene, dice: Random, name: str, operation: Operation, kept: Kept) -> Request:
    recorded = capture.Capture(
        at=datetime(2026, 1, 1, tzinfo=UTC),
        service=name,
        version="",
        route="",
        trace_id="",
        outcome="failed" if kept.failed else "ok",
        status=500 if kept.failed else 200,
        method=operation.verb,
        path="/",
        body=body(scene, dice, kept.traits),
        calls=tuple(
            capture.Call(
                method=scene.system.nodes[callee].operations[number].verb,
                host=scene.names[callee],
                path=f"/{scene.names.nouns[scene.system.nodes[callee].operations[number].noun]}s/{dice.randrange(10**6)}",
                status=200 if why in ("", "nonsense") else 502,
                body=_answer(scene, callee, nonsense=why == "nonsense"),
            )
            for callee, number, why in kept.calls
            if scene.system.nodes[callee].sort != "database"
        ),
    )
    return Request(
        at=scene.at(kept.at),
        failed=kept.failed,
        version=scene.versions.at(name, kept.at, kept.version),
        features=features.of(recorded),
    )


def _answer(scene: Scene, callee: str, *, nonsense: bool) -> JsonValue:
    """Body of an answer: two fields; nonsense is a page, an empty list, or an object without one of them."""
    nouns = scene.names.nouns
    usual: dict[str, JsonValue] = {nouns[34]: 12.5, nouns[35]: ["a", "b"]}
    if not nonsense:
        return usual
    odd: tuple[JsonValue, ...] = ("<html>closed</html>", [], {nouns[34]: 12.5})
    return scene.dice(f"nonsense {callee}").choice(odd)


def body(scene: Scene, dice: Random, traits: frozenset[str]) -> JsonValue:
    """Body of a request: four ordinary fields, changed by each trait that the request has."""
    nouns = scene.names.nouns
    told: dict[str, JsonValue] = {
        "id": dice.randrange(10**7),
        nouns[30]: dice.choice(("basic", "plus", "family")),
        nouns[31]: dice.randrange(1, 5000),
        nouns[32]: f"2026-{dice.randrange(1, 13):02d}-{dice.randrange(1, 29):02d}",
        nouns[scene.plan.field]: f"{nouns[33]} {dice.randrange(100)}",
    }
    for trait in sorted(traits):
        match trait:
            case "null":
                told[nouns[scene.plan.field]] = None
            case "negative":
                told[nouns[31]] = -dice.randrange(1, 100)
            case "absent":
                told.pop(nouns[scene.plan.field], None)
            case "rare":
                told[nouns[30]] = "partner"
            case "record":
                told["id"] = 1_234_567
    return told
