"""Scope of a patch: allowed paths, one function, few lines, the same signature."""

import ast
import difflib
import posixpath
from collections.abc import Iterator

from incident.decision import Constraint, because, listed
from incident.remedy import FileEdit, Patch
from policies import limits
from policies.patch import text

_COMPARED = 2_000
"""Lines that are compared one by one; of more, all count as changed."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


def constraints(patch: Patch, component: str, tests: str, bounds: limits.Patch) -> tuple[Constraint, ...]:
    """Return the constraints on files and lines, before any function is compared."""
    source = [edit for edit in patch.edits if edit.path == patch.path]
    added = [edit for edit in patch.edits if edit.path != patch.path]
    outside = [edit.path for edit in patch.edits if not inside(edit.path, component) and not inside(edit.path, tests)]
    changed = sum(_distance(edit) for edit in source)
    lines = sum(len(edit.after.splitlines()) for edit in added)
    test_source = inside(patch.path, tests) or not inside(patch.path, component)
    return (
        Constraint(name="allowed_paths", held=not outside, detail=listed(outside)),
        Constraint(
            name="one_source_file",
            held=len(source) == 1 and source[0].before is not None and patch.path.endswith(".py") and not test_source,
            detail=listed((patch.path,)),
        ),
        Constraint(name="tests_only_added", held=not _spoilt(added, tests), detail=listed(_spoilt(added, tests))),
        Constraint(
            name="small",
            held=0 < changed <= bounds.max_changed_lines,
            detail=because("lines_of", changed=changed, most=bounds.max_changed_lines),
        ),
        Constraint(name="tests_small", held=lines <= bounds.max_test_lines, detail=because("test_lines", count=lines)),
    )


def inside(path: str, folder: str) -> bool:
    """True when a path is below a folder, without tricks: relative, normalised, no hidden part, no empty folder."""
    parts = path.split("/")
    plain = posixpath.normpath(path) == path and not path.startswith("/") and "\\" not in path and "\0" not in path
    # An empty folder would mean everything.
    return plain and bool(folder) and path.startswith(folder.rstrip("/") + "/") and not _hidden(parts)


def _hidden(parts: list[str]) -> bool:
    return any(part.startswith(".") for part in parts)


def _spoilt(added: list[FileEdit], tests: str) -> tuple[str, ...]:
    """Other files of the patch that are not new test modules."""
    # They could weaken the suite that judges the patch: a conftest.py, a test that is there.
    return tuple(edit.path for edit in added if edit.before is not None or not _is_test(edit, tests))


def _is_test(edit: FileEdit, tests: str) -> bool:
    name = edit.path.rsplit("/", 1)[-1]
    named = name.endswith(".py") and (name.startswith("test_") or name.endswith("_test.py"))
    tree = text.parse(edit.after)
    return named and inside(edit.path, tests) and tree is not None and any(_tests(tree))


def _tests(tree: ast.Module) -> Iterator[bool]:
    for node in ast.walk(tree):
        if isinstance(node, Function) and node.name.startswith("test"):
            yield True


def _distance(edit: FileEdit) -> int:
    old, new = _differing(text.lines(edit.before or ""), text.lines(edit.after))
    # The comparison takes quadratic time, and a model writes what is compared.
    if len(old) + len(new) > _COMPARED:
        return len(old) + len(new)
    # `autojunk` would take frequent lines for noise from 200 lines on, and count lines as changed that are not.
    codes = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return sum((i2 - i1) + (j2 - j1) for tag, i1, i2, j1, j2 in codes if tag != "equal")


def _differing(old: list[str], new: list[str]) -> tuple[list[str], list[str]]:
    """Lines between the common beginning and the common end."""
    start = next(
        (at for at, (one, other) in enumerate(zip(old, new, strict=False)) if one != other), min(len(old), len(new))
    )
    old, new = old[start:], new[start:]
    pairs = zip(reversed(old), reversed(new), strict=False)
    end = next((at for at, (one, other) in enumerate(pairs) if one != other), min(len(old), len(new)))
    return old[: len(old) - end], new[: len(new) - end]


def functions(tree: ast.Module, name: str) -> tuple[Function, ...]:
    """Return all functions of this dotted name."""
    return tuple(node for found, node in _named(tree, "") if found == name)


def _named(node: ast.AST, prefix: str) -> Iterator[tuple[str, Function]]:
    for child in ast.iter_child_nodes(node):
        inner = prefix
        if isinstance(child, Function | ast.ClassDef):
            inner = f"{prefix}{child.name}."
        if isinstance(child, Function):
            yield inner[:-1], child
        yield from _named(child, inner)


def outside_same(before: str, after: str, trees: tuple[ast.Module, ast.Module], old: Function, new: Function) -> bool:
    """True when everything outside the function is the same: as syntax, and every line, comments and spaces included."""
    rest = [ast.dump(tree).replace(ast.dump(node), "", 1) for tree, node in zip(trees, (old, new), strict=True)]
    if rest[0] != rest[1]:
        return False
    old_lines, new_lines = text.lines(before), text.lines(after)
    # The tree has no comments, and a comment may switch a linter or a type checker off.
    head = old_lines[: _first(old) - 1] == new_lines[: _first(new) - 1]
    return head and old_lines[old.end_lineno or 0 :] == new_lines[new.end_lineno or 0 :]


def _first(node: Function) -> int:
    return min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])


def same_signature(old: Function, new: Function) -> bool:
    """True when name, arguments, defaults, annotations, decorators and ``async`` are the same."""
    return type(old) is type(new) and _signature(old) == _signature(new)


def _signature(node: Function) -> tuple[str, ...]:
    returns = ast.dump(node.returns) if node.returns else ""
    parameters = [ast.dump(item) for item in getattr(node, "type_params", ())]
    return (node.name, ast.dump(node.args), returns, *parameters, *(ast.dump(item) for item in node.decorator_list))
