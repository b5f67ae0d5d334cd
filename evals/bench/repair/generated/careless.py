"""Lazy patches, which give something empty when it fails, and hiding ones, which catch whatever is raised."""

import ast
from collections.abc import Iterator
from functools import partial

import libcst as cst

from evals.bench.repair.generated.scene import Change, Scene

EMPTY = ("None", "0", '""', "[]", "{}", "False")


def lazy(scene: Scene) -> Iterator[Change]:
    """Something empty, or the function's first literal, in place of what fails."""
    for value in (*EMPTY, *_first_literal(scene)):
        action = scene.given_up(value)
        yield f"when it raises {scene.exception}: {action}", partial(scene.tried, scene.caught, action)
        if not action.startswith("return "):
            yield (
                f"when it raises {scene.exception}: return {value}",
                partial(scene.tried, scene.caught, f"return {value}"),
            )
    for node in scene.values:
        text = scene.code.operand(node)
        for value in EMPTY[1:5]:
            yield f"{text} or {value}", partial(scene.code.swapped, {node: f"({text} or {value})"})
        for value in EMPTY[:5]:
            yield from _got(scene, node, value)
        for kind in () if isinstance(node, cst.Call) else ("str", "int", "list"):
            yield f"{kind}({text})", partial(scene.code.swapped, {node: f"{kind}({scene.code.text(node)})"})


def hiding(scene: Scene) -> Iterator[Change]:
    """Everything is caught: around the failing statement, and around the whole body."""
    results = [f"return {value}" for value in (*EMPTY, *_first_literal(scene))]
    actions = ["pass", *(["continue"] if scene.in_loop else []), *results, *scene.returned]
    for action in dict.fromkeys(actions):
        for caught in ("Exception", "", "(Exception,)"):
            yield f"whatever it raises ({caught or 'bare'}): {action}", partial(scene.tried, caught, action)
    yield f"{scene.exception} is passed over", partial(scene.tried, scene.caught, "pass")
    for action in dict.fromkeys((*results, *scene.returned)):
        for caught in ("Exception", scene.caught):
            yield f"whatever the body raises ({caught}): {action}", partial(_around_body, scene, caught, action)


def _got(scene: Scene, node: cst.BaseExpression, value: str) -> Iterator[Change]:
    """The same key by `get`."""
    if isinstance(node, cst.Subscript) and len(node.slice) == 1 and isinstance(node.slice[0].slice, cst.Index):
        key = scene.code.text(node.slice[0].slice.value)
        default = "" if value == "None" else f", {value}"
        text = f"{scene.code.operand(node.value)}.get({key}{default})"
        yield text, partial(scene.code.swapped, {node: text})


def _first_literal(scene: Scene) -> tuple[str, ...]:
    plain = [node for node in scene.code.nodes if isinstance(node, cst.Integer | cst.Float | cst.SimpleString)]
    found = [
        scene.code.text(node)
        for node in plain
        # A docstring is no value, and a key is none that is returned.
        if not isinstance(scene.code.parent(node), cst.Expr | cst.Index)
    ]
    return tuple(found[:1])


def _around_body(scene: Scene, caught: str, action: str) -> str | None:
    tree = ast.parse(scene.code.module.code)
    function = next(node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    said = function.body[:1] if ast.get_docstring(function) is not None else []
    held = ast.parse(f"def f():\n try:\n  pass\n except {caught}:\n  {action}").body[0]
    if not isinstance(held, ast.FunctionDef) or not isinstance(block := held.body[0], ast.Try):
        return None
    block.body = function.body[len(said) :] or [ast.Pass()]
    function.body = [*said, block]
    return f"{ast.unparse(tree)}\n"
