"""Finds functions in a file, and replaces exactly one."""

import ast
import threading

from agents.view import indentation
from incident.errors import ToolMistake
from incident.value import Value
from tools.secrets.redaction import MARK


class Place(Value):
    """One function in one file.  `name` is dotted for methods and inner functions; lines count from 1."""

    path: str
    name: str
    first: int
    """First line, decorators included."""
    last: int

    @property
    def key(self) -> str:
        """Name of the function for tools: ``path::name``."""
        return f"{self.path}::{self.name}"


Function = ast.FunctionDef | ast.AsyncFunctionDef

_PARSING = threading.Lock()
"""CPython (3.11 at least) counts the depth of a tree in one place for all threads, and fails when two build one at the same time
(https://github.com/python/cpython/issues/106905).  Tries side by side read the same function."""


def outline(path: str, text: str) -> tuple[Place, ...]:
    """All functions of a file in the order they stand; none for a file that does not parse."""
    try:
        tree = _parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return ()
    found: list[Place] = []
    stack: list[tuple[ast.AST, str]] = [(tree, "")]
    while stack:
        node, prefix = stack.pop()
        for child in ast.iter_child_nodes(node):
            inner = prefix
            if isinstance(child, Function | ast.ClassDef):
                inner = f"{prefix}{child.name}."
            if isinstance(child, Function):
                found.append(
                    Place(path=path, name=inner[:-1], first=_first(child), last=child.end_lineno or child.lineno)
                )
            stack.append((child, inner))
    # An outer function begins where its first inner one may begin, too: the longer one comes first.
    return tuple(sorted(found, key=lambda place: (place.first, -place.last)))


def _first(node: Function) -> int:
    return min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])


def cut(text: str, place: Place) -> str:
    """The function's own source, dedented."""
    return indentation.dedented("".join(indentation.lines(text)[place.first - 1 : place.last]))


def module_level(text: str) -> str:
    """The file without the bodies of its functions: imports, constants, signatures."""
    try:
        tree = _parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return ""
    hidden: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, Function):
            hidden.update(range(node.body[0].lineno, (node.end_lineno or 0) + 1))
    return "".join(line for number, line in enumerate(indentation.lines(text), start=1) if number not in hidden)


def function_named(text: str, name: str) -> str:
    """The first function of this name in some code, dedented; empty when it does not parse or has none."""
    try:
        tree = _parse(indentation.dedented(text))
    except (SyntaxError, ValueError, RecursionError):
        return ""
    for node in ast.walk(tree):
        if isinstance(node, Function) and node.name == name:
            lines = indentation.lines(indentation.dedented(text))
            return indentation.dedented("".join(lines[_first(node) - 1 : node.end_lineno]))
    return ""


def replace(text: str, place: Place, replacement: str) -> str:
    """The file with this one function replaced.  Every other byte stays.

    Raises ToolMistake when the replacement is not this one function with its signature unchanged.
    """
    lines = indentation.lines(text)
    old_lines = lines[place.first - 1 : place.last]
    old = _parsed("".join(old_lines))
    new = _parsed(replacement)
    if new.name != old.name:
        raise ToolMistake(f"the source defines {new.name}; send only the function {old.name}, complete")
    if type(new) is not type(old) or ast.dump(new.args) != ast.dump(old.args):
        raise ToolMistake(f"keep the signature of {old.name} as it is, async or not included")
    if ast.dump(new) == ast.dump(old):
        raise ToolMistake("the source is the same as before; change what is wrong")
    if MARK in replacement and MARK not in "".join(old_lines):
        # Models see source without its secrets; what they copied must not take a secret's place.
        raise ToolMistake(f"this function holds a secret that you were not shown; leave it to a person, not as {MARK}")
    body = indentation.dedented(_without_fence(replacement)).strip("\n")
    # Small models often leave decorators out; without its route a handler would be gone.
    if old.decorator_list and not new.decorator_list:
        kept = old_lines[: old.lineno - 1]
        body = indentation.dedented("".join(kept)) + body
    # The file's own indentation, because a model sends the function as it was shown: dedented.
    indent = old_lines[0][: len(old_lines[0]) - len(old_lines[0].lstrip())]
    # The file's own line ends, so that the diff shows nothing else.
    end = "\r\n" if old_lines[0].endswith("\r\n") else "\n"
    closing = end if old_lines[-1].endswith("\n") else ""
    spliced = end.join(indentation.indented(body, indent)) + closing
    after = "".join([*lines[: place.first - 1], spliced, *lines[place.last :]])
    _whole(after)
    return after


def _parsed(text: str) -> Function:
    try:
        tree = _parse(indentation.dedented(_without_fence(text)))
    except (SyntaxError, ValueError, RecursionError) as error:
        raise ToolMistake(f"the source does not parse: {error}") from error
    if len(tree.body) != 1 or not isinstance(tree.body[0], Function):
        raise ToolMistake("send exactly one function definition, and nothing before or after it")
    return tree.body[0]


def _without_fence(text: str) -> str:
    """The code without a Markdown fence: small models add one whatever they are told."""
    lines = indentation.lines(text.strip("\n"))
    if len(lines) > 2 and lines[0].startswith("```") and lines[-1].strip() == "```":
        lines = lines[1:-1]
    return "".join(lines)


def _whole(text: str) -> None:
    try:
        _parse(text)
    except (SyntaxError, ValueError, RecursionError) as error:
        raise ToolMistake(f"with this function the file does not parse: {error}") from error


def _parse(text: str) -> ast.Module:
    with _PARSING:
        return ast.parse(text)
