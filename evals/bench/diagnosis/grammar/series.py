"""Series of services: traffic, symptoms and resources, sampled from what was simulated."""

import math
from collections.abc import Callable, Iterator
from random import Random

from evals.bench.diagnosis.grammar import alerting
from evals.bench.diagnosis.grammar.records import Visit
from evals.bench.diagnosis.grammar.scene import Scene
from incident.observed import Track
from incident.series import SeriesKind

Maker = Callable[[str, str, SeriesKind, list[float]], Track]
"""Makes a series of one service from its name, unit, kind and values."""

RESOURCES: tuple[tuple[str, str, SeriesKind, float], ...] = (
    ("memory_bytes", "By", "gauge", 2.0e8),
    ("process_open_fds", "1", "gauge", 60.0),
    ("disk_used_ratio", "1", "gauge", 0.4),
    ("cpu_throttled_ratio", "1", "gauge", 0.02),
    ("queue_age_seconds", "s", "gauge", 0.2),
    ("certificate_expiry_days", "1", "gauge", 50.0),
)
"""Resources that are not used up by single requests: name, unit, kind and usual level."""

OF_STACK = {
    "python": ("python_gc_objects", "1", 3.0e5),
    "java": ("jvm_gc_pause_seconds", "s", 0.02),
    "go": ("go_goroutines", "1", 80.0),
    "node": ("nodejs_eventloop_lag_seconds", "s", 0.004),
}


def tracks(scene: Scene) -> Iterator[Track]:
    """Series of every measured service."""
    for name in scene.system.services:
        if scene.measured(name):
            yield from _of(scene, name)


def watched(scene: Scene) -> Track:
    """Points of the alert's own expression."""
    rule = scene.fired.rule
    points = alerting.values(scene.told.visits.get(rule.service, []), rule, scene.looks)
    unit, kind = ("1", "ratio") if rule.measure == "errors" else ("ms", "percentile")
    return Track.model_validate(
        {
            "service": scene.names[rule.service],
            "name": expression(scene),
            "unit": unit,
            "kind": kind,
            "step_seconds": scene.step,
            "at": tuple(scene.at(at) for at, _ in points),
            "values": tuple(value for _, value in points),
        }
    )


def expression(scene: Scene) -> str:
    """The alert's expression as text."""
    rule = scene.fired.rule
    stem = "errors / requests" if rule.measure == "errors" else "quantile(0.95, duration_ms)"
    return f"{stem} of {scene.names[rule.service]} over {rule.window:g} s"


def _of(scene: Scene, name: str) -> Iterator[Track]:
    steps, muted = scene.steps, scene.muted(name)
    buckets: list[list[Visit]] = [[] for _ in range(steps)]
    for visit in scene.told.visits.get(name, ()):
        # A request is counted when it ends.
        number = int((visit.at + min(visit.inside_ms, 60_000.0) / 1000) // scene.step)
        if number < steps:
            buckets[number].append(visit)
    last = steps if muted is None else min(steps, int(muted // scene.step))
    at = tuple(scene.at(scene.step * (number + 1)) for number in range(last))
    buckets = buckets[:last]

    def track(series: str, unit: str, kind: SeriesKind, values: list[float]) -> Track:
        return Track(
            service=scene.names[name],
            name=series,
            unit=unit,
            kind=kind,
            step_seconds=scene.step,
            at=at,
            values=tuple(values),
        )

    failed = [sum(one.failed for one in many) for many in buckets]
    if not scene.difficulties.ratios_only:
        yield track("requests", "1", "counter", [float(len(many)) for many in buckets])
        yield track("errors", "1", "counter", [float(count) for count in failed])
    yield _where_any(
        track(
            "error_ratio", "1", "ratio", [bad / max(1, len(many)) for bad, many in zip(failed, buckets, strict=True)]
        ),
        buckets,
    )
    times = [sorted(one.inside_ms for one in many) for many in buckets]
    for series, share in (("p50_ms", 0.5), ("p99_ms", 0.99)):
        values = [many[min(len(many) - 1, int(share * len(many)))] if many else 0.0 for many in times]
        yield _where_any(track(series, "ms", "percentile", values), buckets)
    yield from _resources(scene, name, buckets, track)


def _where_any(track: Track, buckets: list[list[Visit]]) -> Track:
    """The series without the steps in which nothing happened."""
    kept = [index for index, many in enumerate(buckets) if many]
    return track.model_copy(
        update={"at": tuple(track.at[index] for index in kept), "values": tuple(track.values[index] for index in kept)}
    )


def _resources(scene: Scene, name: str, buckets: list[list[Visit]], track: Maker) -> Iterator[Track]:
    dice, noise = scene.dice(f"resources {name}"), scene.difficulties.noise
    drifts = [one for one in scene.plan.drifts if one.node == name]
    busy = [
        (sum(one.own_ms for one in many) / 1000 * 0.6 + 0.01 * scene.step) * dice.gauss(1, 0.05 * noise)
        for many in buckets
    ]
    yield track("cpu_seconds", "s", "counter", [max(0.0, value) for value in busy])
    waits = [sum(one.waited_ms for one in many) / 1000 / len(many) if many else 0.0 for many in buckets]
    yield track("pool_wait_seconds", "s", "gauge", waits)
    every = [one.every for one in drifts if math.isfinite(one.every)]
    begun = [one.start for one in drifts if math.isfinite(one.every)]
    restarts = [
        float(
            sum(
                _restarted(start, often, scene.step * (number + 1), scene.step)
                for start, often in zip(begun, every, strict=True)
            )
        )
        for number in range(len(buckets))
    ]
    yield track("restarts_total", "1", "counter", restarts)
    of_stack = OF_STACK[scene.system.nodes[name].stack]
    for series, unit, kind, level in (*RESOURCES, (of_stack[0], of_stack[1], "gauge", of_stack[2])):
        own = level * dice.uniform(0.4, 2.0)
        factors = [1.0] * len(buckets)
        for one in drifts:
            if one.series == series:
                factors = [factor * one.level(scene.step * (number + 1)) for number, factor in enumerate(factors)]
        still = 0.02 if series == "certificate_expiry_days" else 1.0
        wander = _wander(dice, len(buckets), 0.03 * noise * still)
        values = [own * factor * part for factor, part in zip(factors, wander, strict=True)]
        for one in drifts:
            if one.series == series:
                values = [one.drawn(scene.step * (number + 1), value) for number, value in enumerate(values)]
        yield track(series, unit, kind, values)


def _restarted(start: float, every: float, at: float, step: float) -> int:
    """Restarts within the step that ends at a time."""
    return max(0, int((at - start) // every)) - max(0, int((at - step - start) // every))


def _wander(dice: Random, count: int, noise: float) -> list[float]:
    """Factors around 1.0 that wander slowly and jitter: an autoregressive process of the first order."""
    found, slow = [], 0.0
    for _ in range(count):
        slow = 0.97 * slow + dice.gauss(0, noise * 0.2)
        found.append(max(0.05, 1.0 + slow + dice.gauss(0, noise * 0.5)))
    return found
