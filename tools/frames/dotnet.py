"""Stack traces of .NET and Mono: inner exceptions behind ``--->``, AggregateException, async state machines.

Format: ``Exception.ToString`` (https://learn.microsoft.com/dotnet/api/system.exception.tostring).  All names come first,
the outermost first; then the frames of each, the innermost first, up to ``--- End of inner exception stack trace ---``.
"""

import re
from collections.abc import Iterator, Sequence

from incident.stacks import Relation
from tools.frames import heads
from tools.frames.trace import MAX_BEHIND, MAX_CALLS, Block, Call, Found, number

_FRAME = re.compile(
    r" *at ([^\s()]+)(?:\(([^():]*)\)(?: in (.+):line (\d+))?| \([^()]*\) \[0x[0-9a-f]+\] in (.+):(\d+) ?)(<---)?$"
)
_NOT_OURS = frozenset({"Native Method", "Unknown Source"})
_END = "--- End of inner exception stack trace ---"
_PREVIOUS = "--- End of stack trace from previous location"
_ARROW = re.compile(r"(?:^|(?<=\s))---> ")
_INNER = re.compile(r" *---> \(Inner Exception #(\d{1,6})\) ([\w.+`]+)(?:: (.*))?$")
_BEFORE = r"(?:^ *|(?i:unhandled exception[.:] ))"
_SURE = re.compile(_BEFORE + r"((?:\w+[.+])*[\w`]*(?:Exception|Error))(?:: (.*)|:?)$")
_ANY = re.compile(_BEFORE + r"((?:\w+[.+])+[\w`]+)(?:: (.*)|:?)$")
_CLASS = re.compile(r"((?:\w+[.+])*[\w`]+)(?:: (.*)|:?)$")
_GENERATED = re.compile(r"(?:<>c(?:__DisplayClass\w+)?\.)?<+(\w+)>[\w|>`]*(?:\.MoveNext)?$")
"""Names that the compiler gives to lambdas, local functions and async methods: they are told by the method around."""


def read(lines: Sequence[str]) -> Iterator[Found]:
    """Every trace whose exception is named."""
    trace = _Trace()
    for index, line in enumerate(lines):
        framed = _FRAME.match(line)
        call = _call(framed) if framed is not None else None
        if call is not None:
            yield from trace.frame(index, call)
        else:
            yield from trace.other(line)
    yield from trace.finished()


class _Trace:
    """The trace that is being read: the exceptions that are open, outermost first, and those behind the main one."""

    def __init__(self) -> None:
        self._at = 0
        self._main: Block | None = None
        self._open: list[Block] = []
        self._behind: list[tuple[Relation, Block]] = []
        self._gap: list[str] = []

    def frame(self, index: int, call: Call) -> Iterator[Found]:
        """Take a frame; a trace that ended with it is given back."""
        if self._gap or not self._open:
            yield from self.finished()
            self._headed(index)
        self._gap.clear()
        if self._open and len(self._open[-1].calls) < MAX_CALLS:
            self._open[-1].calls.append(call)

    def other(self, line: str) -> Iterator[Found]:
        """Take a line that is no frame."""
        said = line.strip()
        inner = _INNER.match(line)
        if said == _END and not self._gap:
            # Without a name above it, the frames below belong to an exception whose name is missing.
            self._open = self._open[:-1]
            if not self._open:
                yield from self.finished()
        elif inner is not None and self._main is not None and not self._gap:
            self._open = [Block(inner[2], inner[3] or "")]
            # The first is said once more by some versions; it stands behind the arrow already.
            if inner[1] != "0" and len(self._behind) < MAX_BEHIND:
                self._behind.append(("member", self._open[0]))
        elif not (said.startswith(_PREVIOUS) or (self._open and said in ("", "<---"))):
            self._gap.append(line)
            del self._gap[: -heads.MAX_GAP]

    def _headed(self, index: int) -> None:
        # Names behind arrows may stand on lines of their own; above them is the one that the trace begins with.
        upper = [_ARROW.split(line)[0] for line in self._gap]
        named = heads.nearest(upper, _SURE, _ANY)
        if named is None:
            return
        back, found = named
        self._at = index - back
        self._main = Block(found[1], (found[2] or "").rstrip())
        self._open = [self._main]
        for line in self._gap[-back:]:
            for said in _ARROW.split(line)[1:]:
                inner = _CLASS.match(said.rstrip())
                if inner is not None and len(self._behind) < MAX_BEHIND:
                    self._open.append(Block(inner[1], inner[2] or ""))
                    self._behind.append(("cause", self._open[-1]))

    def finished(self) -> Iterator[Found]:
        """The trace so far; whatever comes next is another one."""
        if self._main is not None:
            yield Found(self._at, self._main.raised(), [(relation, one.raised()) for relation, one in self._behind])
        self._main, self._open, self._behind = None, [], []


def _call(framed: re.Match[str]) -> Call | None:
    name, parameters = framed[1], framed[2]
    if parameters is not None and not _are_parameters(parameters):
        return None
    path, line = (framed[3], framed[4]) if framed[3] else (framed[5], framed[6])
    if not path or path.startswith("<"):
        # Without symbols there is no file; the type stands in its place.
        path, line = (
            f"<{re.split('[.][.<]', name)[0] if '.<' in name or '..' in name else name.rpartition('.')[0]}>",
            "",
        )
    return Call(path, number(line or ""), _GENERATED.sub(r"\1", name))


def _are_parameters(said: str) -> bool:
    """True for types with names, which tell a frame of .NET from one of the JVM."""
    return said == "" or (
        said not in _NOT_OURS and all(" " in one.strip() + " " * (one != one.rstrip()) for one in said.split(","))
    )
