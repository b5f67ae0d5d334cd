"""New names for the functions at the top of a service's files, wherever the service names them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import libcst as cst
from libcst.helpers import get_full_name_for_node
from libcst.metadata import GlobalScope, ImportAssignment
from libcst.metadata.scope_provider import Assignment, BaseAssignment

from evals.bench.repair.restructured.parsed import Parsed
from evals.bench.repair.restructured.variables import alike

Function = tuple[str, str]
"""Path and name."""

TESTS = "tests/"


@dataclass(frozen=True)
class Use:
    """A place at which a file names a function."""

    function: Function
    path: str
    node: cst.Name


@dataclass(frozen=True)
class Doubt:
    """A function that is named in a way that is not followed up."""

    path: str
    name: str | None
    """None: any function of the file."""


@dataclass(frozen=True)
class Slip:
    """A name that nothing binds: it may mean another one."""

    name: str


Found = Use | Doubt | Slip


def renamed(files: Mapping[str, Parsed], package: str, fresh: Iterator[str]) -> tuple[dict[Function, str], list[Use]]:
    """New names of functions, and the places of these; a function that is in doubt keeps its name."""
    own = [(path, name) for path, parsed in files.items() for name in _own(path, parsed)]
    found = [item for path in files for item in _Reader(files, package, path).all()]
    doubts = {(item.path, item.name) for item in found if isinstance(item, Doubt)}
    meant = alike((name for _, name in own), (item.name for item in found if isinstance(item, Slip)))
    free = [
        (path, name)
        for path, name in own
        if not doubts & {(path, name), (path, None), ("", None)} and name not in meant
    ]
    new = {(path, name): f"_{next(fresh)}" if name.startswith("_") else next(fresh) for path, name in free}
    return new, [item for item in found if isinstance(item, Use) and item.function in new]


def _own(path: str, parsed: Parsed) -> Iterator[str]:
    """Functions of a file that are plain and that only their definition binds."""
    if path.startswith(TESTS):
        return
    for function in parsed.functions():
        name = function.name.value
        if not function.decorators and not name.startswith("__") and len(parsed.at_top(name)) == 1:
            yield name


@dataclass(frozen=True)
class _Reader:
    """Reads what one file says of functions."""

    files: Mapping[str, Parsed]
    package: str
    path: str

    @property
    def parsed(self) -> Parsed:
        return self.files[self.path]

    def all(self) -> Iterator[Found]:
        for node in self.parsed.nodes:
            match node:
                case cst.Name():
                    yield from self._name(node)
                case cst.ImportFrom():
                    yield from self._imported(node)
                case cst.Import() if any(self._is_ours(get_full_name_for_node(item.name)) for item in node.names):
                    yield Doubt("", None)
                case _:
                    pass

    def _name(self, node: cst.Name) -> Iterator[Found]:
        bindings = self.parsed.bindings(node)
        if bindings is None:
            return
        if not bindings:
            yield Slip(node.value)
        for binding in bindings:
            match self._target(binding):
                case (path, None):
                    yield self._behind(path, node)
                case (path, name) if len(bindings) == 1 and name == node.value:
                    yield Use((path, name), self.path, node)
                case (path, name) if len(bindings) > 1:
                    yield Doubt(path, name)
                case _:
                    pass

    def _behind(self, path: str, node: cst.Name) -> Found:
        """The use behind the name of a file: it must be something that the file binds itself, and be read."""
        around = self.parsed.parents[node]
        read = isinstance(around, cst.Attribute) and around.value is node
        if not read or isinstance(self.parsed.parents[around], cst.AssignTarget | cst.AugAssign | cst.Del):
            return Doubt(path, None)
        attribute = cst.ensure_type(around, cst.Attribute).attr
        bindings = self.files[path].at_top(attribute.value)
        if not bindings:
            return Slip(attribute.value)
        if any(isinstance(binding, ImportAssignment) for binding in bindings):
            return Doubt("", None)
        return Use((path, attribute.value), self.path, attribute)

    def _imported(self, node: cst.ImportFrom) -> Iterator[Found]:
        module = get_full_name_for_node(node.module) if node.module is not None else None
        if node.relative or (isinstance(node.names, cst.ImportStar) and self._is_ours(module)):
            yield Doubt("", None)
            return
        path = self._path(module or "")
        if path is None or isinstance(node.names, cst.ImportStar):
            return
        for item in node.names:
            if isinstance(item.name, cst.Name) and self._path(f"{module}.{item.name.value}") is None:
                yield Use((path, item.name.value), self.path, item.name)

    def _target(self, binding: BaseAssignment) -> tuple[str, str | None] | None:
        """The function that a binding stands for, or the file with None for a name; None for anything else."""
        match binding:
            case ImportAssignment(node=cst.ImportFrom() as node):
                return self._import_target(node, binding.name)
            case Assignment(node=cst.FunctionDef() as node) if isinstance(binding.scope, GlobalScope):
                return self.path, node.name.value
            case _:
                return None

    def _import_target(self, node: cst.ImportFrom, bound: str) -> tuple[str, str | None] | None:
        if isinstance(node.names, cst.ImportStar) or node.module is None:
            return None
        module = get_full_name_for_node(node.module)
        for item in node.names:
            if (item.evaluated_alias or item.evaluated_name) == bound:
                inner = self._path(f"{module}.{item.evaluated_name}")
                outer = self._path(module or "")
                return (inner, None) if inner else (outer, item.evaluated_name) if outer else None
        return None

    def _path(self, module: str) -> str | None:
        """The file of a module of this service; None for any other module."""
        inside = module.removeprefix(self.package).lstrip(".").replace(".", "/")
        if not self._is_ours(module):
            return None
        return next(
            (path for path in (f"{inside}.py", f"{inside}/__init__.py".lstrip("/")) if path in self.files), None
        )

    def _is_ours(self, module: str | None) -> bool:
        return module is not None and (module == self.package or module.startswith(f"{self.package}."))
