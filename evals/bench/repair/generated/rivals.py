"""Rivals: at the failing statement the function refuses, returns what it returns elsewhere, skips, or falls back."""

from collections.abc import Iterator
from functools import partial

import libcst as cst

from evals.bench.repair.generated.scene import Change, Scene, indented

_KINDS = ("str", "list", "dict", "(int, float)")


def rivals(scene: Scene) -> Iterator[Change]:
    """Every way out, for everything that may be odd at the failing statement."""
    for action in (*scene.raised, *scene.returned, *(["continue"] if scene.in_loop else [])):
        yield f"when it raises {scene.exception}: {action}", partial(scene.tried, scene.caught, action)
        for test in odd(scene):
            yield (
                f"if {test}: {action}",
                partial(scene.code.before, scene.statement, f"if {test}:\n{indented(action)}\n"),
            )
    for test in odd(scene):
        instead = f"if not ({test}):\n{indented(scene.text)}\n"
        yield f"not done if {test}", partial(scene.code.instead, scene.statement, instead)
    yield from _skipped(scene)
    yield from _fallbacks(scene)


def odd(scene: Scene) -> Iterator[str]:
    """Conditions that may hold for the failing request alone, by what the exception says."""
    for value in scene.values:
        # A call that raises is not tested.
        if not scene.scoped(value) and not isinstance(value, cst.Call):
            yield from _tests(scene, value)


def _tests(scene: Scene, value: cst.BaseExpression) -> Iterator[str]:
    text = scene.code.operand(value)
    missing = "None" in scene.message
    if isinstance(value, cst.Subscript) and len(value.slice) == 1 and scene.exception in ("KeyError", "IndexError"):
        key = scene.code.module.code_for_node(value.slice[0].slice)
        yield f"{key} not in {scene.code.operand(value.value)}"
    if scene.exception != "KeyError":
        yield f"{text} is None"
    yield f"not {text}"
    if not missing and scene.exception in ("TypeError", "AttributeError", "ValueError"):
        for kind in _KINDS:
            yield f"isinstance({text}, {kind})"
            yield f"not isinstance({text}, {kind})"


def _skipped(scene: Scene) -> Iterator[Change]:
    """Comprehensions of the failing statement that leave out what is odd."""
    kinds: tuple[type[cst.BaseComp], ...] = (cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp)
    for found in (node for kind in kinds for node in scene.code.on(scene.line, kind)):
        text = scene.code.text(found)
        if not text.endswith(("]", "}", ")")):
            continue
        for value in scene.values:
            if scene.scoped(value):
                for test in _tests(scene, value):
                    changed = f"{text[:-1]} if not ({test}){text[-1]}"
                    yield f"items are left out if {test}", partial(scene.code.swapped, {found: changed})


def _fallbacks(scene: Scene) -> Iterator[Change]:
    """Each value in scope in place of one that is odd, or of what fails."""
    for name in scene.names:
        yield f"when it raises {scene.exception}, {name}", partial(scene.tried, scene.caught, scene.given_up(name))
        for value in scene.values:
            text = scene.code.operand(value)
            if text != name:
                yield f"{text} or {name}", partial(scene.code.swapped, {value: f"({text} or {name})"})
                changed = f"({text} if {text} is not None else {name})"
                yield f"{name} where {text} is None", partial(scene.code.swapped, {value: changed})
