"""Stack traces: frames, and the exceptions that stand behind another one."""

from typing import Literal

from incident.value import Value


class Frame(Value):
    """One frame of a stack trace.  `path` is relative to the repository where that could be told."""

    path: str
    line: int
    function: str
    code: str = ""


COMPREHENSIONS = frozenset({"<listcomp>", "<dictcomp>", "<setcomp>", "<genexpr>"})
"""Names of frames that are told by the function around them: most of them have no frame since Python 3.12 (PEP 709)."""

Relation = Literal["cause", "context", "suppressed", "member"]
"""Reason for which an exception stands behind another one.

``cause`` raised it on purpose, ``context`` was being handled, ``suppressed`` was raised while resources were closed
(Java), ``member`` is one of a group (Python's ExceptionGroup, .NET's and Node's AggregateError).
"""


class Chained(Value):
    """An exception that stands behind another one."""

    relation: Relation
    exception: str
    message: str
    frames: tuple[Frame, ...] = ()
