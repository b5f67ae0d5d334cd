"""The truth about a scene, by the names that suspects go by."""

from collections.abc import Iterable

from evals.bench.diagnosis.grammar import changes, lines
from evals.bench.diagnosis.grammar.plan import Named
from evals.bench.diagnosis.grammar.records import Line
from evals.bench.diagnosis.grammar.scene import Scene
from evals.bench.diagnosis.truth import Truth
from policies.suspects import changes as suspected
from policies.suspects import scores
from policies.suspects.scores import Suspect


def truth(scene: Scene, kind: str) -> Truth:
    """Right and near suspects of the planted cause."""
    plan = scene.plan
    return Truth(kind=kind, right=tuple(_all(scene, plan.right)), near=tuple(_all(scene, plan.near)))


def _all(scene: Scene, named: Iterable[Named]) -> Iterable[Suspect]:
    for one in named:
        found = _suspect(scene, one)
        if found is not None:
            yield found


def _suspect(scene: Scene, one: Named) -> Suspect | None:
    match one.sort:
        case "change":
            told = changes.told(scene.made, scene.names, scene.system, scene.versions, scene.epoch)
            return next((suspected.suspect(change) for made, change in told if made == scene.plan.change), None)
        case "node":
            services = {scene.names[name] for name in scene.system.services}
            return scores.node(scene.names[one.thing], services)
        case "machine":
            return Suspect(kind="place", name=scene.names[one.thing])
        case "function":
            where = lines.place(scene, Line(one.thing, "v2", "raised.cause"))
            return Suspect(kind="place", name=where, service=scene.names[one.thing])
        case "outside":
            return Suspect(kind="outside", name=one.thing)
        case "record":
            return Suspect(kind="outside", name="record body.id|value|")
