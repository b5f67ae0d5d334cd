"""Parses stack traces from the log into frames relative to the repository, and an error's signature."""

import functools
import posixpath
from collections.abc import Callable, Sequence
from pathlib import PurePosixPath

from pydantic import JsonValue

from incident.evidence import COMPREHENSIONS, Chained, Frame, Signature
from tools import text
from tools.secrets import redaction

MAX_FRAMES = 50
"""Innermost frames that are kept of one stack."""

MAX_CHAIN = 5
"""Exceptions that are kept behind one."""

_FOREIGN = frozenset({"site-packages", "dist-packages", ".venv", "venv"})
_SHARED = frozenset({"libs", "lib", "vendor"})


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


def place(frames: Sequence[Frame], component: str) -> Frame | None:
    """The frame that an error is told apart by, or None when none lies in the repository.

    The innermost one below the component's folder; without one the innermost outside shared
    libraries; without that the innermost in the repository.
    """
    own = [frame for frame in frames if _inside(frame)]
    below = [frame for frame in own if component and f"{frame.path}/".startswith(f"{component.rstrip('/')}/")]
    direct = [frame for frame in own if frame.path.partition("/")[0] not in _SHARED]
    found = below or direct or own
    return found[-1] if found else None


def signature(service: str, route: str, exception: str, frames: Sequence[Frame], component: str) -> Signature | None:
    """The signature that groups equal errors, or None when no frame lies in the repository."""
    found = place(frames, component)
    if found is None:
        return None
    return Signature(
        service=service,
        route=route,
        exception=exception,
        path=found.path,
        function=found.function,
        line=found.line,
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


def _inside(frame: Frame) -> bool:
    """True when the frame lies in the repository: relative, and not in an environment that was installed inside it."""
    return not frame.path.startswith(("/", "<", ".")) and _FOREIGN.isdisjoint(frame.path.split("/"))
