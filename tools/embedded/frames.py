"""Reads the frames that a service of the embedded world logs one by one; text is read by :mod:`tools.frames`."""

import functools
import posixpath
from collections.abc import Callable, Sequence
from pathlib import PurePosixPath

from pydantic import JsonValue

from incident.evidence import COMPREHENSIONS, Chained, Frame
from tools import text
from tools.secrets import redaction

MAX_FRAMES = 50
"""Innermost frames that are kept of one stack."""

MAX_CHAIN = 5
"""Exceptions that are kept behind one."""


def read(stack: JsonValue, root: str) -> tuple[Frame, ...]:
    """The frames of a stack, innermost last; malformed ones are left out.

    A path inside the checkout is relative to it; any other stays absolute.
    """
    if not isinstance(stack, list):
        return ()
    found = [frame for frame in (_frame(item, root) for item in stack[-MAX_FRAMES:]) if frame is not None]
    return tuple(_enclosed(frame, found[:index]) for index, frame in enumerate(found))


def _enclosed(frame: Frame, outer: Sequence[Frame]) -> Frame:
    """The frame under the name of the function that a comprehension stands in: the nearest one of its file."""
    if frame.function not in COMPREHENSIONS:
        return frame
    around = (item for item in reversed(outer) if item.path == frame.path and item.function not in COMPREHENSIONS)
    found = next(around, None)
    return frame if found is None else frame.model_copy(update={"function": found.function})


def chain(behind: JsonValue, root: str, said: Callable[[dict[str, JsonValue], str, int], str]) -> tuple[Chained, ...]:
    """The exceptions behind one, the nearest first; malformed ones are left out.  `said` cleans one text."""
    items = behind[:MAX_CHAIN] if isinstance(behind, list) else []
    return tuple(
        Chained(
            relation="cause" if item.get("relation") == "cause" else "context",
            exception=said(item, "type", 120).rpartition(".")[2],
            message=text.mask(said(item, "message", 2000), 300),
            frames=read(item.get("stack"), root),
        )
        for item in items
        if isinstance(item, dict)
    )


def _frame(item: JsonValue, root: str) -> Frame | None:
    if not isinstance(item, dict):
        return None
    file, line, function = item.get("file"), item.get("line"), item.get("function")
    if not isinstance(file, str) or not isinstance(line, int) or not isinstance(function, str):
        return None
    code = item.get("code")
    return _clean(file, max(line, 0), function, code if isinstance(code, str) else "", root)


@functools.lru_cache(maxsize=4096)
def _clean(file: str, line: int, function: str, code: str, root: str) -> Frame:
    """The frame with harmless text.  Errors of one kind share their frames, so each is made once."""
    return Frame(
        path=_relative(text.normalise(file, 400), root),
        line=line,
        function=text.normalise(function, 200),
        code=redaction.redact_source(text.normalise(code, 300)),
    )


def _relative(file: str, root: str) -> str:
    path = PurePosixPath(posixpath.normpath(file))
    if root and path.is_relative_to(root):
        return str(path.relative_to(root))
    # A relative path could pass for one of the repository's; in brackets it does not.
    return str(path) if path.is_absolute() else f"<{path}>"
