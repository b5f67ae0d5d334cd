"""Functions by path and qualified name, class and function, as bugs name them."""

from agents.view import source
from agents.view.source import Place
from evals.bench.repair.planted import Bug


def around(path: str, text: str, line: int) -> Place:
    """The innermost function around a line (from 1) of a file's text.  Raises LookupError outside of every function.

    A frame of a stack trace names no class, and for a comprehension no function: its line tells both.
    """
    found = [place for place in source.outline(path, text) if place.first <= line <= place.last]
    if not found:
        raise LookupError(f"{path}:{line} is in no function")
    return min(found, key=lambda place: place.last - place.first)


def is_wrong(bug: Bug, path: str, function: str) -> bool:
    """True for the function that was made wrong.  `path` is the repository's, `function` is qualified."""
    return path == f"services/{bug.service}/{bug.path}" and function in {bug.function, *bug.moved}
