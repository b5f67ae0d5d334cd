"""Log lines of services, counted by template, attribute and place."""

from collections.abc import Iterator

from evals.bench.diagnosis.grammar import messages, stacks
from evals.bench.diagnosis.grammar.records import Line
from evals.bench.diagnosis.grammar.scene import Scene
from evals.bench.diagnosis.grammar.system import Operation
from incident.observed import Logged

Key = tuple[str, str, str, str, str]
"""Service, version, what, text and level."""


def logged(scene: Scene) -> tuple[Logged, ...]:
    """Every kind of line with its counts until somebody looks."""
    counts: dict[Key, dict[int, int]] = {}
    for line, buckets in scene.told.lines.items():
        if scene.system.nodes[line.service].sort != "service":
            continue
        muted = scene.muted(line.service)
        for what, text, level in _texts(scene, line):
            for bucket, count in buckets.items():
                at = bucket * scene.step
                if at + scene.step > scene.looks or (muted is not None and at >= muted):
                    continue
                version = scene.versions.at(line.service, at, line.version)
                found = counts.setdefault((scene.names[line.service], version, what, text, level), {})
                found[bucket] = found.get(bucket, 0) + count
    return tuple(_logged(scene, key, buckets) for key, buckets in sorted(counts.items()) if buckets)


def _logged(scene: Scene, key: Key, buckets: dict[int, int]) -> Logged:
    service, version, what, text, level = key
    ordered = sorted(buckets)
    return Logged.model_validate(
        {
            "service": service,
            "version": version,
            "what": what,
            "text": text,
            "level": level,
            "example": text.replace("<*>", "17") if what == "template" else "",
            "at": tuple(scene.at(bucket * scene.step) for bucket in ordered),
            "count": tuple(buckets[bucket] for bucket in ordered),
            "first": scene.at(ordered[0] * scene.step + scene.step / 2),
        }
    )


def _texts(scene: Scene, line: Line) -> Iterator[tuple[str, str, str]]:
    """Texts of a line: its message, its attributes, and the place that raised."""
    node = scene.system.nodes[line.service]
    operation = _operation(scene, line)
    noun = scene.names.nouns[scene.plan.noun if line.key == "raised.cause" else operation.noun]
    field = scene.names.nouns[scene.plan.field]
    if line.key.startswith("raised."):
        yield "place", place(scene, line), ""
    if not scene.difficulties.messages:
        return
    level = "" if scene.difficulties.no_severity else messages.level(line.key)
    peer = scene.names[line.about] if line.about in scene.names.of else ""
    said = messages.text(line.key, scene.difficulties.language, peer=peer, noun=noun, field=field)
    if line.key.startswith("raised."):
        kinds = stacks.EXCEPTIONS[node.stack]
        kind = kinds[(len(line.key) + scene.seed) % len(kinds)]
        yield "template", f"{kind}: {said}", level
        yield "attribute", f"exception.type={kind}", ""
    else:
        yield "template", said, level
    if level:
        yield "attribute", f"level={level.lower()}", ""
    if line.key.startswith("served."):
        yield "attribute", f"http.route=/{noun}s", ""


def place(scene: Scene, line: Line) -> str:
    """``path:function`` of the place that raised."""
    node, plan = scene.system.nodes[line.service], scene.plan
    if line.key == "raised.cause":
        return stacks.place(node.stack, plan.verb, scene.names.nouns[plan.noun])
    verb = {"raised.nonsense": "read", "raised.chance": "check", "raised.disk": "write"}.get(line.key, "acquire")
    return stacks.place(node.stack, verb, scene.names.nouns[_operation(scene, line).noun])


def _operation(scene: Scene, line: Line) -> Operation:
    number = line.about if line.about.isdigit() else line.key.rpartition(".")[2]
    return scene.system.nodes[line.service].operations[int(number) if number.isdigit() else 0]
