"""Tells a scene as an observation: what ports would have said of it up to the time of looking."""

from evals.bench.diagnosis.grammar import changes, lines, series, spans
from evals.bench.diagnosis.grammar.scene import Scene
from incident.evidence import Condition, Gap
from incident.observed import Heard, Observed, Stretch, Watched, moment
from incident.places import Placement, Pod


def observed(scene: Scene) -> Observed:
    """The observation of a scene, as its difficulties let it be seen."""
    rule, names = scene.fired.rule, scene.names
    condition = Condition(
        name="TooManyErrors" if rule.measure == "errors" else "TooSlow",
        service=names[rule.service],
        expression=series.expression(scene),
        comparison=">",
        threshold=rule.threshold,
        window_seconds=rule.window,
        for_seconds=rule.holds,
        step_seconds=scene.step,
    )
    windows = condition.windows
    began = scene.at(scene.fired.at)
    start, end = scene.at(0.0), scene.at(scene.looks)
    calls, tracks = tuple(spans.calls(scene)), tuple(series.tracks(scene))
    return Observed(
        as_of=moment(end),
        service=names[rule.service],
        alert=Watched(started=began, condition=condition, track=series.watched(scene)),
        windows=windows,
        looked=Stretch(start=start, end=end),
        healthy=Stretch(start=start, end=began - windows.alarm.total_seconds()),
        since=Stretch(start=began - windows.alarm.total_seconds(), end=end),
        bucket_seconds=scene.step,
        services=tuple(sorted(names[name] for name in scene.system.services)),
        tracks=tracks,
        logged=lines.logged(scene),
        calls=calls,
        changes=tuple(
            change
            for _, change in changes.told(scene.made, names, scene.system, scene.versions, scene.epoch)
            if change.at <= moment(end)
        ),
        placements=_placements(scene),
        requests=spans.requests(scene),
        heard=tuple(_heard(scene, name) for name in scene.system.services),
        gaps=_gaps(scene),
    )


def _placements(scene: Scene) -> tuple[Placement, ...]:
    if scene.difficulties.no_places:
        return ()
    found = []
    for name in scene.system.services:
        node = scene.system.nodes[name]
        called = {link.callee for operation in node.operations for link in operation.links}
        told = {
            sort: tuple(sorted(scene.names[one] for one in called if scene.system.nodes[one].sort == sort))
            for sort in ("database", "third_party")
        }
        pods = tuple(
            Pod(name=f"{scene.names[name]}-{number}", node=scene.names[machine])
            for number, machine in enumerate(node.machines)
        )
        found.append(
            Placement(
                service=scene.names[name], pods=pods, databases=told["database"], third_parties=told["third_party"]
            )
        )
    return tuple(found)


def _heard(scene: Scene, name: str) -> Heard:
    last = scene.muted(name)
    end = scene.looks if last is None else min(last, scene.looks)
    visits = [one.at for one in scene.told.visits.get(name, ()) if one.at <= end]
    spans_told = scene.difficulties.spans != "absent" and not scene.silent_spans(name)
    latest = scene.at(max(visits)) if visits else None
    return Heard(
        service=scene.names[name],
        metrics=scene.at(int(end / scene.step) * scene.step) if scene.measured(name) else None,
        logs=latest if scene.difficulties.messages else None,
        spans=latest if spans_told else None,
        lines=(Stretch(start=scene.at(0.0), end=scene.at(scene.looks)),),
    )


def _gaps(scene: Scene) -> tuple[Gap, ...]:
    hard = scene.difficulties
    sought = (
        ("traces", "calls between services", hard.spans == "absent"),
        ("places", "places of services", hard.no_places),
        ("recorder", "recorded requests", hard.no_requests),
    )
    return tuple(
        Gap(source=source, sought=what, reason="nothing is configured") for source, what, missing in sought if missing
    )
