"""Draws generated patches of a bug: the standard ones, then the kinds in turn, each in an order that the seed decides."""

import ast
import itertools
import random
from collections.abc import Callable, Iterator, Mapping, Sequence

from agents.playbook.repair import syntax
from evals.bench.repair import given, layout
from evals.bench.repair.generated import boundary, careless, overfitting, rivals, standard
from evals.bench.repair.generated.scene import KINDS, Change, Kind, Scene, leaves, scene
from evals.bench.repair.observations import Raised
from evals.bench.repair.planted import Bug
from incident.value import Value

MAKERS: Mapping[Kind, Callable[[Scene], Iterator[Change]]] = {
    "standard": standard.standard,
    "rival": rivals.rivals,
    "lazy": careless.lazy,
    "hiding": careless.hiding,
    "overfitting": overfitting.overfitting,
    "boundary": boundary.boundary,
}


class Generated(Value):
    """A function's new source for a bug, and the change that made it."""

    bug: str
    kind: Kind
    label: str
    """The change, in words."""
    text: str


def quotas(bugs: Sequence[Bug], number: int) -> tuple[tuple[Bug, int], ...]:
    """Patches of each bug when that many are judged in all: the same for each, but for one more of the first ones."""
    each, left = divmod(number, len(bugs))
    return tuple((bug, each + (at < left)) for at, bug in enumerate(bugs) if each + (at < left))


def draw(bug: Bug, place: Scene, seed: int) -> Iterator[Generated]:
    """Patches that parse, each once, in the order of the seed; neither the function as it is nor the known fix."""
    seen = {_shape(place.code.module.code), _shape(place.known.module.code)}
    for kind, (label, made) in _turns(bug, place, seed):
        text = made()
        if text is not None and (shape := _shape(text)) not in seen:
            seen.add(shape)
            yield Generated(bug=bug.name, kind=kind, label=label, text=text)


def _turns(bug: Bug, place: Scene, seed: int) -> Iterator[tuple[Kind, Change]]:
    rng = random.Random(f"{seed} {bug.name}")
    order: list[Kind] = rng.sample(KINDS, len(KINDS))
    shuffled = {kind: [(kind, change) for change in _shuffled(MAKERS[kind](place), rng)] for kind in order}
    # They pass the rules most often, so they come before the turns of the others.
    first = shuffled.pop("standard")
    return itertools.chain(first, (item for turn in itertools.zip_longest(*shuffled.values()) for item in turn if item))


def _shuffled(changes: Iterator[Change], rng: random.Random) -> list[Change]:
    found = list(changes)
    return rng.sample(found, len(found))


def scene_of(bug: Bug, failure: Raised) -> Scene:
    """The scene of a bug, by the stack trace of its failing request.  Raises LookupError."""
    file = layout.SERVICES / bug.service / bug.path
    right = file.read_text(encoding="utf-8")
    module = right.replace(bug.right, bug.wrong)
    place = given.place(bug, module)
    inside = [
        frame.line
        for frame in failure.frames
        if frame.path == f"services/{bug.service}/{bug.path}" and place.first <= frame.line <= place.last
    ]
    # An error that shows elsewhere begins where the known fix differs.
    line = inside[-1] if inside else module[: module.index(bug.wrong)].count("\n") + 1
    imported = sorted(item for item in file.parent.rglob("*.py") if "tests" not in item.parts and item != file)
    wrong = given.function(bug, module)
    if syntax.parse(wrong) is None:
        raise LookupError(f"{bug.name}: {bug.function} does not parse")
    return scene(
        (wrong, given.function(bug, right)),
        (line - place.first + 1, failure.type, failure.message),
        module,
        tuple(item.read_text(encoding="utf-8") for item in imported),
        (*leaves(bug.failing.body), *(("", part) for part in bug.failing.path.split("/") if part)),
    )


def _shape(text: str) -> str:
    return ast.dump(ast.parse(text))
