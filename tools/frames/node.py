"""Stack traces of V8 as Node prints them: ``Error.cause``, ``AggregateError``, async frames, eval, native, file URLs.

Formats: V8's stack trace API (https://v8.dev/docs/stack-trace-api) and ``util.inspect``
(https://nodejs.org/api/util.html), which indents what stands behind an error and writes common frames once.
"""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from incident.stacks import Relation
from tools.frames import heads
from tools.frames.trace import MAX_BEHIND, MAX_CALLS, Call, Found, IndentedBlock, number

_FRAME = re.compile(r"( *)at (?:async )?(\S.*)$")
_PLACE = re.compile(r"(.*[^:\s]):(\d{1,9}):\d{1,9}$")
_MATCHING = re.compile(r" *\.\.\. (\d{1,9}) lines matching cause stack trace \.\.\.$")
_TAIL = r"(?: \[([\w-]+)\])?(?:: (.*)|:?)$"
_SURE = re.compile(r"(?:^|[\s(\[])([A-Za-z_$][\w$.]*(?:Error|Exception))" + _TAIL)
_ANY = re.compile(r"(?:^|\s)([A-Z][\w$.]*)" + _TAIL)
_BARE = re.compile(r" *(?:\[cause\]: |Uncaught )?\[([A-Za-z_$][\w$.]*)(?: \[[\w-]+\])?(?:: (.*))?\] \{$")

_BELOW = re.compile(r" *(?:\[cause\]|caused by): ")
"""A cause that a logger writes below the whole stack, without indentation (pino-std-serializers)."""


@dataclass
class _Block(IndentedBlock):
    gaps: list[tuple[int, int]] = field(default_factory=list)
    """Frames that were left out: position, and how many."""


def read(lines: Sequence[str]) -> Iterator[Found]:
    """Every trace whose error is named."""
    trace = _Trace()
    for index, line in enumerate(lines):
        call = call_of(line)
        if call is not None:
            yield from trace.frame(index, call)
        else:
            yield from trace.other(index, line)
    yield from trace.finished()


class _Trace:
    """The trace that is being read: its main error and those behind it."""

    def __init__(self) -> None:
        self._blocks: list[_Block] = []
        self._open: _Block | None = None
        self._gap: list[str] = []
        self._inside = False
        self._members = -1
        """Indentation of the list of errors that is open."""

    def frame(self, index: int, call: Call) -> Iterator[Found]:
        """Take a frame; a trace that ended with it is given back."""
        if self._gap or self._open is None:
            yield from self._headed(index)
        self._gap.clear()
        if self._open is not None and len(self._open.calls) < MAX_CALLS:
            self._open.calls.append(call)

    def other(self, index: int, line: str) -> Iterator[Found]:
        """Take a line that is no frame."""
        matching = _MATCHING.match(line)
        if matching is not None and self._open is not None and not self._gap:
            self._open.gaps.append((len(self._open.calls), number(matching[1])))
            return
        self._gap.append(line)
        del self._gap[: -heads.MAX_GAP]
        indent = len(line) - len(line.lstrip())
        bare = _BARE.match(line)
        if self._blocks and line.strip() and indent <= self._blocks[0].indent and not self._goes_on():
            yield from self.finished()
        if bare is not None and not self._blocks:
            self._begin(_Block(bare[1], bare[2] or "", at=index, indent=indent))
        elif line.strip() == "[errors]: [":
            self._members = indent
        elif line.strip() in ("]", "],") and indent == self._members:
            self._members = -1

    def _headed(self, index: int) -> Iterator[Found]:
        named = heads.nearest(self._gap, _SURE) or heads.nearest(self._gap[-1:], _ANY) or heads.nearest(self._gap, _ANY)
        if named is None:
            yield from self.finished()
            return
        back, found = named
        line = self._gap[-back]
        indent = len(line) - len(line.lstrip())
        relation: Relation | None = None
        if self._blocks and indent > self._blocks[0].indent:
            relation = "cause" if line.lstrip().startswith("[cause]: ") else "member" if self._members >= 0 else None
        elif self._goes_on() and back == len(self._gap):
            relation = "cause"
        if relation is None:
            yield from self.finished()
        self._begin(_Block(found[1], found[3] or "", at=index - back, relation=relation, indent=indent))

    def _goes_on(self) -> bool:
        """True when what stands directly below a frame is a cause."""
        return bool(self._open and self._open.calls and _BELOW.match(self._gap[0]))

    def _begin(self, block: _Block) -> None:
        self._open = block
        # What stands behind a member is read, so that its frames are nobody else's.
        behind_member = block.relation == "cause" and 0 <= self._members < block.indent
        if not behind_member and len(self._blocks) <= MAX_BEHIND:
            self._blocks.append(block)

    def finished(self) -> Iterator[Found]:
        """The trace so far; whatever comes next is another one."""
        causes = [one for one in self._blocks[1:] if one.relation == "cause"]
        members = [one for one in self._blocks[1:] if one.relation == "member"]
        main = self._blocks[0] if self._blocks else None
        if main is not None and (main.calls or members):
            line_of = [main, *causes]
            for outer, cause in reversed(list(itertools.pairwise(line_of))):
                _fill(outer, cause)
            behind = [(one.relation or "cause", one.raised()) for one in [*causes, *members]]
            yield Found(main.at, main.raised(), behind)
        self._blocks, self._open, self._members = [], None, -1


def _fill(outer: _Block, cause: _Block) -> None:
    """Put back the frames that were written only once, at the cause: they follow there on the same frame as here."""
    for position, count in reversed(outer.gaps[:1]):
        same = [index for index, call in enumerate(cause.calls) if position and call == outer.calls[position - 1]]
        if same:
            outer.calls[position:position] = cause.calls[same[0] + 1 : same[0] + 1 + count]


def call_of(line: str) -> Call | None:
    """The call that a line shows, or None."""
    framed = _FRAME.match(line)
    if framed is None:
        return None
    said = framed[2].rstrip(" {,")
    function, place = "", said
    if said.endswith(")") and " (" in said:
        function, _, place = said[:-1].partition(" (")
    if place.startswith("eval at "):
        place = place.rpartition(", ")[2]
    found = _PLACE.match(place)
    if found is not None:
        return Call(found[1], number(found[2]), function.partition(" [as ")[0] or "<anonymous>")
    if place in ("<anonymous>", "native") or re.fullmatch(r"index \d{1,9}", place):
        return Call(f"<{place.strip('<>')}>", 0, function or "<anonymous>")
    return None
