"""Scene of a failure: the wrong function, its failing statement, and what stands in its scope."""

import ast
import builtins
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

import libcst as cst
from pydantic import JsonValue

from agents.playbook.repair import flow, syntax
from agents.playbook.repair.fault import Fault
from agents.playbook.repair.syntax import Code

Kind = Literal["standard", "rival", "lazy", "hiding", "overfitting", "boundary"]
KINDS: tuple[Kind, ...] = get_args(Kind)

Change = tuple[str, Callable[[], str | None]]
"""A change in words, and the maker of the function's new source; None where the change does not parse.

Most are never drawn, and making one takes longer than naming it.
"""

_LONG = 60
"""Characters of a list or an object that a branch may compare with."""
_READ = (cst.Name, cst.Attribute, cst.Subscript, cst.Call)


@dataclass(frozen=True)
class Scene:
    """One wrong function, and where and how it fails."""

    code: Code
    line: int
    """Failing line within the function, from 1."""
    exception: str
    message: str
    module: str
    """Text of the whole file."""
    imported: tuple[str, ...]
    """Texts of the service's files that it imports."""
    request: tuple[tuple[str, JsonValue], ...]
    """Values that the failing request brought, with their keys; an empty key for a part of its path or of a list."""
    known: Code
    """The function as the known fix has it."""

    @cached_property
    def statement(self) -> cst.BaseStatement:
        """The failing statement: a simple line, or a compound one whose head fails."""
        body = self.code.function.body.body
        inside = [node for node in self.code.nodes if isinstance(node, cst.BaseStatement)]
        on = [node for node in inside if node is not self.code.function and self._touches(node)]
        # Nodes come from the outside in.
        found: cst.CSTNode = on[-1] if on else body[0]
        if len(body) > 1 and found is body[0] and self.code.text(found).startswith(('"', "'")):
            found = body[1]  # a docstring does not fail
        # Nothing can stand before an `elif`.
        while isinstance(above := self.code.parent(found), cst.If) and above.orelse is found:
            found = above
        if not isinstance(found, cst.BaseStatement):
            raise LookupError(f"no statement stands at line {self.line}")  # noqa: TRY004 (the place is missing)
        return found

    def _touches(self, node: cst.CSTNode) -> bool:
        first, last = self.code.lines(node)
        return first <= self.line <= last

    @cached_property
    def text(self) -> str:
        """The failing statement's source."""
        return self.code.text(self.statement)

    @property
    def fault(self) -> Fault:
        """The failure as the product's own makers of patches get it."""
        return Fault(
            source=self.code.module.code,
            line=self.line,
            exception=self.exception,
            message=self.message,
            module=self.module,
        )

    @cached_property
    def values(self) -> tuple[cst.BaseExpression, ...]:
        """Expressions that the failing statement reads, each text once."""
        found: dict[str, cst.BaseExpression] = {}
        for node in self.code.nodes:
            if isinstance(node, _READ) and self._fails_with(node) and _read(self.code, node) and self._varies(node):
                found.setdefault(self.code.text(node), node)
        return tuple(found.values())

    def _fails_with(self, node: cst.CSTNode) -> bool:
        for above in self.code.above(node):
            if above is self.statement:
                return True
            if isinstance(above, cst.IndentedBlock | cst.Annotation):
                return False
        return False

    def _varies(self, node: cst.CSTNode) -> bool:
        """False for the name of a module, a class, a function or a constant of the language."""
        fixed = {*self.bound, *dir(builtins)}
        return not isinstance(node, cst.Name) or node.value.isupper() or node.value not in fixed

    def scoped(self, node: cst.BaseExpression) -> bool:
        """True for an expression with a name that only a comprehension or a lambda knows."""
        return flow.scoped(self.code, node)

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """Names of the function's parameters, without `self`."""
        params = self.code.function.params
        given = (*params.posonly_params, *params.params, *params.kwonly_params)
        return tuple(param.name.value for param in given if param.name.value != "self")

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names in scope at the failing statement: parameters, variables set before it, constants of the module."""
        before = self.code.lines(self.statement)[0]
        own = [
            node.value
            for node in self.code.every(cst.Name)
            if isinstance(self.code.parent(node), cst.AssignTarget | cst.For | cst.Tuple | cst.Element)
            and self._stored(node)
            and self.code.lines(node)[0] < before
        ]
        constants = [name for name in self.bound if name.isupper()]
        return tuple(dict.fromkeys(name for name in (*self.parameters, *own, *constants) if name != "_"))

    def _stored(self, node: cst.Name) -> bool:
        last: cst.CSTNode = node
        for above in self.code.above(node):
            if isinstance(above, cst.AssignTarget):
                return True
            if isinstance(above, cst.For):
                return above.target is last
            if not isinstance(above, cst.Tuple | cst.Element):
                return False
            last = above
        return False

    @cached_property
    def bound(self) -> tuple[str, ...]:
        """Names that the module binds at its top level."""
        return tuple(_bound(ast.parse(self.module)))

    @cached_property
    def caught(self) -> str:
        """The raised exception, as the module can name it."""
        known = isinstance(getattr(builtins, self.exception, None), type) or self.exception in self.bound
        return self.exception if known else "(ValueError, ArithmeticError)"

    @cached_property
    def returned(self) -> tuple[str, ...]:
        """The function's own `return` statements, each once."""
        return tuple(dict.fromkeys(self.code.text(node) for node in self.code.every(cst.Return)))

    @cached_property
    def raised(self) -> tuple[str, ...]:
        """`raise` statements of the module, or of what it imports, made to fit the function's scope."""
        trees = [ast.parse(text) for text in (self.module, *self.imported)]
        fitted = [self._fitted(node.exc) for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Raise)]
        return tuple(dict.fromkeys(f"raise {text}" for text in fitted if text))

    def _fitted(self, exc: ast.expr | None) -> str:
        """The exception with what is not in scope here replaced by what is; empty when the module cannot name it."""
        called = exc.func if isinstance(exc, ast.Call) else exc
        if called is None or ast.unparse(called).partition(".")[0] not in self.bound:
            return ""
        if not isinstance(exc, ast.Call):
            return ast.unparse(called)
        instead = [*(self.code.text(value) for value in self.values if not self.scoped(value)), *self.names, "None"][0]
        known = {*self.names, *self.bound, *dir(builtins)}
        arguments = [
            ast.unparse(item)
            if {name.id for name in ast.walk(item) if isinstance(name, ast.Name)} <= known
            else instead
            for item in exc.args
        ]
        return f"{ast.unparse(called)}({', '.join(arguments)})"

    @property
    def in_loop(self) -> bool:
        """True when the failing statement stands in a loop."""
        return any(isinstance(above, cst.For | cst.While) for above in self.code.above(self.statement))

    def given_up(self, value: str) -> str:
        """The failing statement with a value in place of what it computes."""
        match self.statement:
            case cst.SimpleStatementLine(body=[cst.Assign(targets=[target])]):
                return f"{self.code.text(target.target)} = {value}"
            case cst.SimpleStatementLine(body=[cst.AnnAssign(target=target)] | [cst.AugAssign(target=target)]):
                return f"{self.code.text(target)} = {value}"
            case _:
                return f"return {value}"

    def tried(self, caught: str, action: str) -> str | None:
        """The function with the failing statement in a ``try``, and what is done when it fails."""
        return self.code.instead(
            self.statement, f"try:\n{indented(self.text)}\nexcept{caught and f' {caught}'}:\n{indented(action)}\n"
        )


def scene(
    texts: tuple[str, str],
    place: tuple[int, str, str],
    module: str,
    imported: tuple[str, ...],
    request: tuple[tuple[str, JsonValue], ...],
) -> Scene:
    """Build the scene from the function's source, wrong and right, and from (line, exception, message).

    Raises LookupError when either is no function.
    """
    wrong, right = map(syntax.parse, texts)
    if wrong is None or right is None:
        raise LookupError("no function")
    return Scene(wrong, *place, module=module, imported=imported, request=request, known=right)


def leaves(value: JsonValue, key: str = "") -> Iterator[tuple[str, JsonValue]]:
    """Values in a JSON value with their keys: single ones, and lists and objects short enough to be written out."""
    if not isinstance(value, dict | list):
        yield key, value
        return
    if len(repr(value)) <= _LONG:
        yield key, value
    for name, item in value.items() if isinstance(value, dict) else [("", item) for item in value]:
        yield from leaves(item, name)


def indented(text: str) -> str:
    """The text one level further in."""
    return "\n".join(f"    {line}" if line.strip() else line for line in text.splitlines())


def _read(code: Code, node: cst.CSTNode) -> bool:
    """True for a value that is read: no target, no name of an attribute, an argument or a called function."""
    above = code.parent(node)
    match above:
        case cst.AssignTarget() | cst.Param() | cst.CompFor():
            return node in (getattr(above, "iter", None), getattr(above, "default", None))
        case cst.AugAssign() | cst.AnnAssign() | cst.For():
            return node is not above.target
        case cst.Attribute():
            return node is above.value
        case cst.Arg():
            return node is above.value
        case cst.Call():
            return node is not above.func
        case _:
            return isinstance(node, cst.BaseExpression)


def _bound(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        match node:
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                yield from ((alias.asname or alias.name).partition(".")[0] for alias in names)
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case ast.Assign(targets=targets):
                yield from (target.id for target in targets if isinstance(target, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield name
            case _:
                pass
