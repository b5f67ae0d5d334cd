"""A function as a concrete syntax tree with positions and parents, and the replacement of nodes in it."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TypeVar

import libcst as cst
from libcst.metadata import CodeRange, MetadataWrapper, ParentNodeProvider, PositionProvider

N = TypeVar("N", bound=cst.CSTNode)

PLAIN = (cst.Name, cst.Attribute, cst.Subscript, cst.Call)
"""Expressions that need no parentheses inside another one."""


@dataclass(frozen=True)
class Code:
    """One parsed function."""

    module: cst.Module
    parents: Mapping[cst.CSTNode, cst.CSTNode]
    positions: Mapping[cst.CSTNode, CodeRange]
    nodes: tuple[cst.CSTNode, ...]
    """All nodes in source order."""

    @cached_property
    def function(self) -> cst.FunctionDef:
        """The outermost function."""
        return next(node for node in self.nodes if isinstance(node, cst.FunctionDef))

    def every(self, kind: type[N]) -> Iterator[N]:
        """All nodes of a kind in source order."""
        return (node for node in self.nodes if isinstance(node, kind))

    def on(self, line: int, kind: type[N]) -> tuple[N, ...]:
        """Nodes of a kind that touch a line, the shortest first: an error's line is where its expression stands."""
        found = [node for node in self.every(kind) if self.lines(node)[0] <= line <= self.lines(node)[1]]
        return tuple(sorted(found, key=lambda node: self.lines(node)[1] - self.lines(node)[0]))

    def lines(self, node: cst.CSTNode) -> tuple[int, int]:
        """First and last line of a node; (0, 0) for one without a position."""
        at = self.positions.get(node)
        return (at.start.line, at.end.line) if at else (0, 0)

    def parent(self, node: cst.CSTNode) -> cst.CSTNode:
        """The node around this one; the module's is itself."""
        return self.parents.get(node, self.module)

    def above(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """The nodes around this one, inside out."""
        while node is not self.module:
            node = self.parent(node)
            yield node

    def statement(self, node: cst.CSTNode) -> cst.BaseStatement | None:
        """The statement around a node: a simple line, or the head of a compound one."""
        return next((item for item in self.above(node) if isinstance(item, cst.BaseStatement)), None)

    def text(self, node: cst.CSTNode) -> str:
        """A node's source."""
        return self.module.code_for_node(node).strip()

    def operand(self, node: cst.CSTNode) -> str:
        """A node's source, in parentheses where an operator beside it would tear it apart."""
        text = self.text(node)
        return text if isinstance(node, PLAIN) or text.startswith("(") else f"({text})"

    def swapped(self, changes: Mapping[N, str]) -> str | None:
        """The function with expressions replaced by other text; None when that does not parse or changes nothing."""
        try:
            new: dict[cst.CSTNode, Put] = {
                node: cst.parse_expression(self._fitted(node, text)) for node, text in changes.items()
            }
        except cst.ParserSyntaxError:
            return None
        return self.checked(self.module.visit(_Swap(new)))

    def before(self, statement: cst.BaseStatement, added: str) -> str | None:
        """The function with a statement inserted before another one; None when that does not work."""
        return self.instead(statement, added, keep=True)

    def instead(self, statement: cst.BaseStatement, text: str, *, keep: bool = False) -> str | None:
        """The function with a statement replaced by another one, or kept behind it; None when that does not work."""
        try:
            new = cst.parse_statement(text, config=self.module.config_for_parsing)
        except cst.ParserSyntaxError:
            return None
        both = cst.FlattenSentinel([new, statement])
        return self.checked(self.module.visit(_Swap({statement: both if keep else new})))

    def checked(self, tree: cst.CSTNode | object) -> str | None:
        """The tree's source when it parses and differs, else None."""
        if not isinstance(tree, cst.Module):
            return None
        code = tree.code
        try:
            ast.parse(code)
        except SyntaxError:
            return None
        return None if code == self.module.code else code

    def _fitted(self, node: cst.CSTNode, text: str) -> str:
        """Without outer parentheses where the place needs none, and with the quotes that an f-string allows."""
        around = next((item for item in self.above(node) if isinstance(item, cst.FormattedString)), None)
        if around is not None:
            # Before Python 3.12 the quotes of an f-string may not stand inside it.
            quote = around.start[-1]
            return text.replace(quote, "'" if quote == '"' else '"')
        alone = isinstance(self.parent(node), cst.Assign | cst.AnnAssign | cst.Return | cst.Arg | cst.Index)
        if not alone or not (text.startswith("(") and text.endswith(")")) or "\n" in text:
            return text
        inner = text[1:-1]
        try:
            same = ast.dump(ast.parse(inner, mode="eval")) == ast.dump(ast.parse(text, mode="eval"))
        except SyntaxError:
            return text
        return inner if same and not inner.startswith(("yield", "await")) and ":=" not in inner else text


Put = cst.CSTNode | cst.FlattenSentinel[cst.BaseStatement | cst.SimpleStatementLine]


class _Swap(cst.CSTTransformer):
    def __init__(self, changes: Mapping[cst.CSTNode, Put]) -> None:
        super().__init__()
        self._changes = changes

    def on_leave(self, original_node: cst.CSTNode, updated_node: cst.CSTNode) -> Put:  # type: ignore[override]  # as libcst wants it
        # By the original: the updated node is a copy once anything below it has changed (libcst compares by
        # identity).
        return self._changes.get(original_node, updated_node)


@lru_cache(maxsize=16)
def parse(source: str) -> Code | None:
    """Parse one function; None when it does not parse or is none."""
    try:
        # It copies the tree, so only nodes of `wrapper.module` have positions and parents.
        wrapper = MetadataWrapper(cst.parse_module(source))
    except (cst.ParserSyntaxError, RecursionError):
        return None
    if not any(isinstance(item, cst.FunctionDef) for item in wrapper.module.body):
        return None
    return Code(
        module=wrapper.module,
        parents=wrapper.resolve(ParentNodeProvider),
        positions=wrapper.resolve(PositionProvider),
        nodes=below(wrapper.module),
    )


class _Collect(cst.CSTVisitor):
    def __init__(self) -> None:
        super().__init__()
        self.nodes: list[cst.CSTNode] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        self.nodes.append(node)
        return True


def below(node: cst.CSTNode) -> tuple[cst.CSTNode, ...]:
    """A node and all nodes in it, in source order."""
    collected = _Collect()
    node.visit(collected)
    return tuple(collected.nodes)


def literal(node: cst.CSTNode) -> object:
    """The value of a literal node, or the node itself when it is none."""
    if isinstance(node, cst.SimpleString | cst.ConcatenatedString | cst.Integer | cst.Float | cst.UnaryOperation):
        try:
            return ast.literal_eval(cst.Module([]).code_for_node(node))
        except (ValueError, SyntaxError):
            return node
    return node


def index_of(node: cst.Subscript) -> cst.BaseExpression | None:
    """The one index of a subscript; None for slices and tuples."""
    if len(node.slice) == 1 and isinstance(node.slice[0].slice, cst.Index):
        return node.slice[0].slice.value
    return None


def method_call(node: cst.CSTNode, name: str) -> cst.Call | None:
    """The node as a call of a method of this name, or None."""
    if isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute) and node.func.attr.value == name:
        return node
    return None


def key_of(node: cst.CSTNode) -> str | None:
    """The name under which an expression finds its value: a key, an attribute, the variable itself."""
    match node:
        case cst.Subscript():
            index = index_of(node)
            value = literal(index) if index is not None else None
            return value if isinstance(value, str) else None
        case cst.Attribute():
            return node.attr.value
        case cst.Name():
            return node.value
        case cst.Await():
            return key_of(node.expression)
        case cst.Call() if method_call(node, "get") and node.args:
            value = literal(node.args[0].value)
            return value if isinstance(value, str) else None
        case _:
            return None
