"""Parses stack traces from the log into frames relative to the repository, and an error's signature."""

import functools
import posixpath
from collections.abc import Sequence
from pathlib import PurePosixPath

from pydantic import JsonValue

from incident.evidence import Frame, Signature
from tools import text
from tools.secrets import redaction

MAX_FRAMES = 50
"""Innermost frames that are kept of one stack."""

_FOREIGN = frozenset({"site-packages", "dist-packages", ".venv", "venv"})
_SHARED = frozenset({"libs", "lib", "vendor"})


def read(stack: JsonValue, root: str) -> tuple[Frame, ...]:
    """The frames of a stack, innermost last; malformed ones are left out.

    A path inside the checkout is relative to it; any other stays absolute.
    """
    if not isinstance(stack, list):
        return ()
    frames = (_frame(item, root) for item in stack[-MAX_FRAMES:])
    return tuple(frame for frame in frames if frame is not None)


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
