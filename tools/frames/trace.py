"""A stack trace that was read from text: language, exception, message, frames, and the exceptions behind it.

Parsers give what they found as plain tuples; :func:`of` makes it harmless and bounded, for every language alike.
"""

import functools
import posixpath
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from incident.stacks import Chained, Frame, Relation
from incident.value import Value
from tools import text
from tools.secrets import redaction

MAX_FRAMES = 50
"""Innermost frames that are kept of one stack."""

MAX_CHAIN = 5
"""Exceptions that are kept behind one: the nearest, and the last of all."""

MAX_CALLS = 1024
"""Calls that are read of one stack: the JVM itself keeps no more unless it is told to."""

MAX_BEHIND = 64
"""Exceptions that are read behind one, the nearest."""

MAX_MESSAGE = 300
"""Characters that are kept of a message's first line."""

Language = Literal["python", "java", "go", "node", "dotnet", "ruby"]


class Call(NamedTuple):
    """A frame as the runtime wrote it."""

    path: str
    line: int
    function: str
    code: str = ""


class Raised(NamedTuple):
    """An exception as the runtime wrote it.  Calls are innermost last."""

    exception: str
    message: str
    calls: Sequence[Call]


@dataclass
class Block:
    """One exception while its text is read, and its calls in the order in which they are written: innermost first."""

    exception: str
    message: str
    calls: list[Call] = field(default_factory=list)

    def raised(self) -> Raised:
        """The exception with its calls innermost last."""
        return Raised(self.exception, self.message, list(reversed(self.calls)))


@dataclass
class IndentedBlock(Block):
    """One exception of a runtime that shows by indentation what stands behind what."""

    at: int = 0
    relation: Relation | None = None
    indent: int = 0


class Found(NamedTuple):
    """An exception with those behind it, nearest first; `at` is the number of the line where its text begins."""

    at: int
    raised: Raised
    behind: Sequence[tuple[Relation, Raised]] = ()


class Trace(Value):
    """One exception with its stack.

    `exception` is the class as the runtime writes it, with its package or module; Go has ``panic``, ``runtime error``
    and ``error``.  It is empty when the text shows a stack and does not say what was raised.  `message` is the first
    line of the message, without secrets and personal data.  A frame's path is absolute, or in brackets when the runtime
    gave a relative one: only :mod:`tools.frames.places` may say that a path is one of the repository's.
    """

    language: Language | None
    """None where frames were logged one by one."""
    exception: str
    message: str
    frames: tuple[Frame, ...] = ()
    chain: tuple[Chained, ...] = ()
    """Exceptions behind it, the nearest first; suppressed ones and members of a group after causes."""

    @property
    def name(self) -> str:
        """The exception's class without package, module or enclosing class."""
        return short(self.exception)


def of(language: Language | None, found: Found) -> Trace:
    """Make a trace of it: text that cannot do harm, without secrets, bounded."""
    behind = found.behind
    kept = behind if len(behind) <= MAX_CHAIN else [*behind[: MAX_CHAIN - 1], behind[-1]]
    return Trace(
        language=language,
        exception=_said(found.raised.exception, 120),
        message=_message(found.raised.message),
        frames=_frames(found.raised.calls),
        chain=tuple(
            Chained(
                relation=relation,
                exception=_said(one.exception, 120),
                message=_message(one.message),
                frames=_frames(one.calls),
            )
            for relation, one in kept
        ),
    )


def chained(chain: Iterable[Chained]) -> tuple[Chained, ...]:
    """A chain as evidence, under the short names of its classes."""
    return tuple(one.model_copy(update={"exception": short(one.exception)}) for one in chain)


def short(exception: str) -> str:
    """The class's own name.

    >>> short("com.example.Outer$Refused"), short("App::Errors::Refused"), short("runtime error")
    ('Refused', 'Refused', 'runtime error')
    """
    return re.split(r"[.$+]|::|/", exception)[-1] or exception


def _said(value: str, limit: int) -> str:
    # Twice: some secrets end with their line, and others show only once invisible characters are gone.
    return redaction.redact_text(text.normalise(redaction.redact_text(value[: 8 * limit]), limit))


def _message(value: str) -> str:
    return text.mask(_said(value, 2000), MAX_MESSAGE)


def _frames(calls: Sequence[Call]) -> tuple[Frame, ...]:
    return tuple(_frame(call) for call in calls[-MAX_FRAMES:])


@functools.lru_cache(maxsize=4096)
def _frame(call: Call) -> Frame:
    """The frame with harmless text.  Errors of one kind share their frames, so each is made once."""
    return Frame(
        path=path_of(call.path),
        line=call.line,
        function=_said(call.function, 200),
        code=redaction.redact_source(text.normalise(call.code, 300)),
    )


def path_of(raw: str) -> str:
    """A path of a trace: absolute, or in brackets so that it cannot pass for one of the repository's."""
    said = _said(raw, 400).replace("\\", "/")
    path = re.sub(r"^(?:file|webpack|webpack-internal)://+(?:/\.)?", "/" if said.startswith("file:") else "", said)
    if path.startswith("/"):
        # POSIX gives a path of two leading slashes a meaning of its own.
        return posixpath.normpath("/" + path.lstrip("/"))
    return path if path.startswith("<") and path.endswith(">") else f"<{path}>"


def number(digits: str) -> int:
    """A line number; 0 when it has more digits than a line number has."""
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) <= 9 else 0
