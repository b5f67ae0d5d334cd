"""Tracebacks of Python 3: chains, exception groups, syntax errors, and the caret lines of 3.11 to 3.13.

Format: ``traceback.format_exception`` (https://docs.python.org/3/library/traceback.html).  The outermost frame comes
first and the exception last, so a traceback without its end does not say what was raised, and is left out.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from incident.stacks import COMPREHENSIONS, Relation
from tools.frames.trace import Call, Found, Raised, number

_HEADER = "Traceback (most recent call last):"
_FRAME = re.compile(r' *File "([^"]*)", line (\d+)(?:, in (.*))?$')
_EXCEPTION = re.compile(r"([^\W\d][\w.<>]*)(?:: (.*)|:? *)$")
_LEVELS = frozenset({"TRACE", "DEBUG", "INFO", "NOTICE", "WARN", "WARNING", "ERROR", "CRITICAL", "FATAL"})
_MARGIN = re.compile(r"( *)\|(?: (.*)|)$")
_MEMBER = re.compile(r"( *)\+(-\+)?-+(?: \d+ -+)?$")
_CARETS = re.compile(r"[ ^~]+$")
_MAX_OUTSIDE = 30
"""Lines without a margin after which a group has ended."""
_BETWEEN: dict[str, Relation] = {
    "The above exception was the direct cause of the following exception:": "cause",
    "During handling of the above exception, another exception occurred:": "context",
}


def read(lines: Sequence[str]) -> Iterator[Found]:
    """Every whole traceback, also one whose beginning is missing."""
    levels = [_Level()]
    outside = _MAX_OUTSIDE
    for index, raw in enumerate(lines):
        grouped = outside < _MAX_OUTSIDE
        depth, line, begins = _placed(raw) if grouped else (0, raw, False)
        if line.lstrip().startswith("+ Exception Group Traceback ") or line is not raw:
            outside = 0
        elif grouped and _HEADER not in line and line.strip() not in _BETWEEN:
            # Until 3.12 only the first line of a message stands behind the group's margin.
            outside += 1
            continue
        # A member's number stands one level above its text; whatever is deeper has ended.
        _close(levels, depth if begins else depth + 1)
        while len(levels) <= depth:
            levels.append(_Level())
        if begins:
            levels[depth].open = _Open(index, 0)
        else:
            levels[depth].step(index, line)
        yield from levels[0].drained()
    _close(levels, 1)
    levels[0].finish()
    yield from levels[0].drained()


@dataclass
class _Open:
    """A traceback that is being read; frames stand two columns right of its header."""

    at: int
    indent: int
    calls: list[Call] = field(default_factory=list)
    framed: int = -1
    """Number of the line of the newest frame."""


@dataclass
class _Level:
    """Tracebacks of one depth: the one being read, the newest whole one, and the ones behind it, farthest first."""

    open: _Open | None = None
    last: Raised | None = None
    at: int = 0
    relation: Relation | None = None
    behind: list[tuple[Relation, Raised]] = field(default_factory=list)
    members: list[tuple[int, Raised]] = field(default_factory=list)
    done: list[Found] = field(default_factory=list)

    def step(self, index: int, line: str) -> None:
        """Take one line."""
        indent = len(line) - len(line.lstrip())
        framed = _FRAME.match(line)
        if self.last is not None and line.strip() in _BETWEEN:
            self.open, self.relation = None, _BETWEEN[line.strip()]
        elif line.rstrip().endswith(_HEADER):
            self._begin(index, indent if line.lstrip().startswith("Traceback") else 0)
        elif framed is not None and (self.open is None or indent == self.open.indent + 2):
            if self.open is None:
                self._begin(index, max(indent - 2, 0))
            self._frame(index, framed)
        elif self.open is not None and line.strip():
            self._inside(self.open, index, line, indent)

    def _begin(self, index: int, indent: int) -> None:
        if self.relation is None:
            self.finish()
        self.open = _Open(index, indent)

    def _frame(self, index: int, framed: re.Match[str]) -> None:
        if self.open is not None:
            # The place of a syntax error is no call: nothing of the module has run.
            call = Call(framed[1], number(framed[2]), framed[3] or "<module>")
            self.open.calls.append(call)
            self.open.framed = index

    def _inside(self, open_: _Open, index: int, line: str, indent: int) -> None:
        if indent > open_.indent:
            if open_.framed == index - 1 and not _CARETS.match(line):
                open_.calls[-1] = open_.calls[-1]._replace(code=line.strip())
            return
        said = _EXCEPTION.match(line.strip())
        self.open = None
        if said is not None and _is_class(said[1]):
            self._end(open_, Raised(said[1], said[2] or "", enclosed(open_.calls)))

    def _end(self, open_: _Open, raised: Raised) -> None:
        if self.last is None:
            self.at = open_.at
        elif self.relation is not None:
            self.behind.append((self.relation, self.last))
        self.last, self.relation = raised, None
        self.members.clear()

    def finish(self) -> None:
        """Whatever is whole is done; what comes next stands alone."""
        if self.last is not None:
            members: list[tuple[Relation, Raised]] = [("member", one) for _, one in sorted(self.members, key=_first)]
            self.done.append(Found(self.at, self.last, [*reversed(self.behind), *members]))
        self.open, self.last, self.relation = None, None, None
        self.behind.clear()
        self.members.clear()

    def drained(self) -> Iterator[Found]:
        """Takes out the traces that are done."""
        done, self.done = self.done, []
        yield from done


def _first(member: tuple[int, Raised]) -> int:
    return member[0]


def _close(levels: list[_Level], depth: int) -> None:
    """End the levels from a depth on: what each has last is a member of the group at the top."""
    while len(levels) > max(depth, 1):
        ended = levels.pop()
        if ended.last is not None:
            levels[0].members.append((ended.at, ended.last))


def _placed(line: str) -> tuple[int, str, bool]:
    """Depth of a line in a group, its text without the margin, and whether a member begins with it."""
    if margin := _MARGIN.match(line):
        return min(max(len(margin[1]) // 2 - 1, 0), _DEEPEST), margin[2] or "", False
    if member := _MEMBER.match(line):
        return min(max(len(member[1]) // 2 - (0 if member[2] else 1), 1), _DEEPEST), "", True
    return 0, line, False


_DEEPEST = 16
"""Depth of groups that is told apart; Python itself prints ten."""


def _is_class(name: str) -> bool:
    """True for what can be an exception's class, and for neither a level nor a word of some other line."""
    last = name.rpartition(".")[2]
    return name not in _LEVELS and ("." in name or last[:1].isupper())


def enclosed(calls: Sequence[Call]) -> list[Call]:
    """The calls, each comprehension under the name of the function that it stands in: the nearest one of its file."""
    found: list[Call] = []
    around: dict[str, str] = {}
    for call in calls:
        if call.function in COMPREHENSIONS:
            found.append(call._replace(function=around.get(call.path, call.function)))
        else:
            around[call.path] = call.function
            found.append(call)
    return found
