"""A service's source, restructured: helpers out, comments away, functions in another order, other names."""

import random
import re
from collections.abc import Mapping
from functools import lru_cache

import libcst as cst
from libcst.metadata.scope_provider import BuiltinAssignment

from evals.bench.repair.restructured import bland, functions, helpers, order, variables
from evals.bench.repair.restructured.bare import bare
from evals.bench.repair.restructured.functions import TESTS
from evals.bench.repair.restructured.helpers import Helper
from evals.bench.repair.restructured.parsed import Parsed, parse
from incident.value import Value

LOOKS = frozenset(
    {"__import__", "compile", "dir", "eval", "exec", "getattr", "globals", "hasattr", "locals", "setattr", "vars"}
)
"""Built-in functions by which code may look at its own names."""
BLIND = frozenset({"__future__", "__init__"})
"""Special names that show no name and no docstring; any other one may."""


class Restructured(Value):
    """The files by their path in the service's folder, and the new names of functions."""

    files: Mapping[str, str]
    functions: Mapping[str, Mapping[str, str]]
    """Path, old name, new name."""
    helpers: Mapping[str, tuple[Helper, ...]]
    """By path; each with its name in the end."""


def restructured(service: str, files: Mapping[str, str], seed: int, *, documented: bool = False) -> Restructured:
    """Change the Python files of a service, and in its tests the names alone.  Docstrings stay where it is documented.

    Raises LookupError for a service that looks at its own names, whose behaviour might change.
    """
    return _restructured(service, tuple(sorted(files.items())), seed, documented)


@lru_cache(maxsize=128)
def _restructured(
    service: str,
    texts: tuple[tuple[str, str], ...],
    seed: int,
    documented: bool,  # noqa: FBT001 (one caller, beside it)
) -> Restructured:
    """It takes a second, and a bug asks for it twice: by its new name, and when it is written."""
    package, files = f"services.{service}", dict(texts)
    _assert_blind(package, files)
    taken = frozenset(word for text in files.values() for word in re.findall(r"\w+", text))
    own = sorted(path for path in files if not path.startswith(TESTS))
    cut = {path: helpers.extracted(files[path], taken, _rng(seed, path, "helpers")) for path in own}
    after = {
        path: order.shuffled(bare(cut[path].text, documented=documented), _rng(seed, path, "order")) for path in own
    }
    parsed = {path: parse(after.get(path, text)) for path, text in files.items()}
    new, uses = functions.renamed(parsed, package, bland.names(taken, _rng(seed, package, "functions")))
    called = variables.Called.of(parsed.values())
    taken |= {name.lstrip("_") for name in new.values()}
    done = {}
    for path, file in parsed.items():
        names: dict[cst.CSTNode, str] = {use.node: new[use.function] for use in uses if use.path == path}
        if path in own:
            names |= variables.renamed(file, called, taken, _rng(seed, path, "variables"))
        done[path] = file.renamed(names)
    return Restructured(
        files=done,
        functions={path: {old: name for (file, old), name in new.items() if file == path} for path in own},
        helpers={
            path: tuple(item.model_copy(update={"name": new.get((path, item.name), item.name)}) for item in one.helpers)
            for path, one in cut.items()
        },
    )


def _rng(seed: int, path: str, step: str) -> random.Random:
    """Chance of one step in one file: no other file and no other step changes what it draws."""
    return random.Random(f"{seed} {path} {step}")


def _assert_blind(package: str, files: Mapping[str, str]) -> None:
    for path, text in files.items():
        looks = sorted(_looks(package, parse(text)))
        if looks:
            raise LookupError(f"{package}, {path}: names are looked at by {', '.join(looks)}")


def _looks(package: str, parsed: Parsed) -> set[str]:
    """Places at which a file may look at names, at its own or at those of the service."""
    found = {node.value for node in parsed.every(cst.Name) if re.fullmatch(r"__\w+__", node.value)} - BLIND
    if any(node.equal is not None for node in parsed.every(cst.FormattedStringExpression)):
        found.add("f'{NAME=}'")
    for node in parsed.every(cst.Name):
        if any(isinstance(binding, BuiltinAssignment) for binding in parsed.bindings(node) or ()):
            found |= {node.value} & LOOKS
    texts = [item.value for item in parsed.every(cst.SimpleString)]
    texts += [item.value for item in parsed.every(cst.FormattedStringText)]
    return found | {text for text in texts if package in text}
