"""Check ``scope``: a patch touches one function of non-test source and new test files, nothing else."""

import ast
from pathlib import PurePosixPath

from incident.proof import Check
from incident.remedy import FileEdit, Patch
from tools import ports

_TEST_SETTINGS = frozenset({"conftest.py", "pytest.ini", "tox.ini", "setup.cfg", "pyproject.toml", "__init__.py"})


def check(patch: Patch, component: ports.Component, base: dict[str, str]) -> Check:
    """The check ``scope``.  `base` holds the text at the base commit of every edited path that exists there."""
    wrong = [
        *(_wrong_edit(edit, patch, component, base) for edit in patch.edits),
        *_wrong_whole(patch, component),
    ]
    found = [problem for problem in wrong if problem]
    if found:
        return Check(name="scope", outcome="failed", detail="; ".join(found)[:600])
    return Check(name="scope", outcome="passed", detail=f"only {patch.function} in {patch.path} differs")


def _wrong_whole(patch: Patch, component: ports.Component) -> list[str]:
    paths = [edit.path for edit in patch.edits]
    wrong = []
    if paths.count(patch.path) != 1:
        wrong.append(f"{patch.path} must be edited exactly once")
    if len(set(paths)) != len(paths):
        wrong.append("a path is edited twice")
    if not _below(patch.path, component.path) or _below(patch.path, component.tests):
        wrong.append(f"{patch.path} is not source of {component.service}")
    return wrong


def _wrong_edit(edit: FileEdit, patch: Patch, component: ports.Component, base: dict[str, str]) -> str:  # noqa: PLR0911 (one flat return for each reason)
    if not _plain(edit.path):
        return f"{edit.path} is no path inside the repository"
    if edit.before != base.get(edit.path):
        return f"{edit.path} is not what the base commit holds"
    if edit.path == patch.path:
        return _wrong_function(edit, patch.function)
    name = PurePosixPath(edit.path).name
    if not _below(edit.path, component.tests):
        return f"{edit.path} is neither the patched file nor a test"
    if edit.before is not None:
        return f"{edit.path} is an existing test"
    if name in _TEST_SETTINGS or not name.startswith("test_") or not name.endswith(".py"):
        return f"{edit.path} is no test file"
    return ""


def _wrong_function(edit: FileEdit, function: str) -> str:
    if edit.before is None:
        return f"{edit.path} does not exist at the base commit"
    before, after = _without(edit.before, function), _without(edit.after, function)
    if isinstance(before, str):
        return f"the base's {edit.path}: {before}"
    if isinstance(after, str):
        return f"{edit.path}: {after}"
    if before != after:
        return f"{edit.path} differs outside {function}"
    if edit.before == edit.after:
        return f"{edit.path} is unchanged"
    return ""


def _without(text: str, function: str) -> tuple[str, ...] | str:
    """The lines outside the function, or the reason that it cannot be told."""
    try:
        module = ast.parse(text)
    except (SyntaxError, ValueError) as error:
        return f"does not parse: {error.__class__.__name__}: {error}"
    places = [node for name, node in _functions(module, "") if name == function]
    places = places or [node for name, node in _functions(module, "") if name.rpartition(".")[2] == function]
    if len(places) != 1:
        return f"{len(places)} functions are called {function}"
    node = places[0]
    # Since Python 3.8 a function's own line is that of its `def`; decorators stand above it.
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    lines = text.splitlines()
    # The mark stands in the function's place, so a function that was moved makes a difference.
    return (*lines[: first - 1], "\0", *lines[node.end_lineno or node.lineno :])


def _functions(node: ast.AST, prefix: str) -> list[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Every function with its dotted name; the body of a function is named as Python's ``__qualname__`` does."""
    found: list[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]] = []
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            found.append((f"{prefix}{child.name}", child))
            found += _functions(child, f"{prefix}{child.name}.<locals>.")
        elif isinstance(child, ast.ClassDef):
            found += _functions(child, f"{prefix}{child.name}.")
        else:
            found += _functions(child, prefix)
    return found


def _below(path: str, folder: str) -> bool:
    return PurePosixPath(path).is_relative_to(folder)


def _plain(path: str) -> bool:
    parts = PurePosixPath(path)
    return not parts.is_absolute() and ".." not in parts.parts and ".git" not in parts.parts and str(parts) == path
