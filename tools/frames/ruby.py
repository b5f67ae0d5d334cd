"""Backtraces of Ruby in both orders, with causes, and as frameworks log them (``Class (message):`` above the frames).

Format: ``Exception#full_message`` (https://docs.ruby-lang.org/en/3.4/Exception.html).  A cause is told after the
exception that it stands behind, or before it when the innermost frame comes last.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tools.frames.trace import MAX_BEHIND, MAX_CALLS, Block, Call, Found, number

_PLACE = r"([^\s:'`][^:'`]*):(\d+)(?::in [`']([^`']*)')?"
_HEAD = re.compile(rf" *{_PLACE}: (.*)$")
_FROM = re.compile(rf" +(\d+: )?from {_PLACE}$")
_PLAIN = re.compile(rf" *{_PLACE}$")
_CLASS = r"[A-Z]\w*(?:::[A-Z]\w*)*"
_NAMED = re.compile(rf"(.*)\(({_CLASS})\)$")
_ONLY = re.compile(rf"{_CLASS}$")
_LOGGED = re.compile(rf"(?:^|(?<=\s))({_CLASS})(?:: (.*)| \((.*)\):?)$")
_LEVELS = re.compile(r" +\.\.\. \d+ levels\.\.\.$")
_AROUND = re.compile(r"^(?:(?:block|rescue|ensure|else)(?: \(\d+ levels\))? in )+")
_MAX_GAP = 30


@dataclass
class _Block(Block):
    at: int = 0


def read(lines: Sequence[str]) -> Iterator[Found]:
    """Every backtrace whose exception is named."""
    trace = _Trace()
    for index, line in enumerate(lines):
        yield from trace.step(index, line)
    yield from trace.finished()


class _Trace:
    """The backtrace that is being read: exceptions as they are written, and frames that wait for theirs."""

    def __init__(self) -> None:
        self._blocks: list[_Block] = []
        self._open: _Block | None = None
        self._waiting: list[Call] = []
        """Frames of the order that has the innermost last."""
        self._reversed = False
        self._since = 0
        """Lines since the newest line of the backtrace."""
        self._logged: _Block | None = None

    def step(self, index: int, line: str) -> Iterator[Found]:
        """Take one line; a backtrace that ended with it is given back."""
        follows = _FROM.match(line)
        if follows is not None:
            yield from self._followed(follows)
        elif _LEVELS.match(line):
            self._since = 0
        else:
            yield from self._other(index, line)

    def _followed(self, found: re.Match[str]) -> Iterator[Found]:
        call = Call(found[2], number(found[3]), _function(found[4]))
        if found[1]:
            if self._since or (self._blocks and not self._reversed):
                yield from self.finished()
            if len(self._waiting) < MAX_CALLS:
                self._waiting.append(call)
        elif self._open is not None and self._since <= _MAX_GAP:
            if len(self._open.calls) < MAX_CALLS:
                self._open.calls.append(call)
        else:
            yield from self.finished()
        self._since = 0

    def _other(self, index: int, line: str) -> Iterator[Found]:
        head = _HEAD.match(line)
        named = _named(head[4]) if head is not None else None
        plain = _PLAIN.match(line)
        if head is not None and named is not None:
            block = _Block(*named, [Call(head[1], number(head[2]), _function(head[3]))], at=index)
            yield from self._headed(block)
        elif plain is not None and plain[3] is not None and self._logged is not None:
            # Frames without "from" belong to a class that was logged directly above them.
            if self._logged not in self._blocks:
                yield from self.finished(keep=True)
                self._blocks.append(self._logged)
            if len(self._logged.calls) < MAX_CALLS:
                self._logged.calls.append(Call(plain[1], number(plain[2]), _function(plain[3])))
        elif line.strip() or self._open is not None:
            self._since += 1
            yield from self._unknown(index, line)

    def _unknown(self, index: int, line: str) -> Iterator[Found]:
        if self._waiting or self._reversed or (self._open is not None and len(self._open.calls) > 1):
            yield from self.finished()
        logged = _LOGGED.search(line)
        if self._logged is not None and self._logged.calls:
            yield from self.finished()
        if line.strip():
            message = (logged[2] or logged[3] or "") if logged else ""
            self._logged = _Block(logged[1], message, at=index) if logged else None

    def _headed(self, block: _Block) -> Iterator[Found]:
        if self._waiting:
            block.calls += reversed(self._waiting)
            self._waiting, self._reversed = [], True
        elif self._reversed or self._since or not self._is_cause(block):
            yield from self.finished()
        self._since, self._open = 0, block
        if len(self._blocks) <= MAX_BEHIND:
            self._blocks.append(block)

    def _is_cause(self, block: _Block) -> bool:
        """True when the block may stand behind the ones before it: an exception is never its own cause."""
        return all(
            (one.exception, one.message, one.calls[0]) != (block.exception, block.message, block.calls[0])
            for one in self._blocks
        )

    def finished(self, *, keep: bool = False) -> Iterator[Found]:
        """The backtrace so far; whatever comes next is another one."""
        blocks = self._blocks[::-1] if self._reversed else self._blocks
        if blocks:
            yield Found(self._blocks[0].at, blocks[0].raised(), [("cause", one.raised()) for one in blocks[1:]])
        self._blocks, self._open, self._waiting, self._reversed, self._since = [], None, [], False, 0
        if not keep:
            self._logged = None


def _named(said: str) -> tuple[str, str] | None:
    """Class and message of what is said behind a place; None when it names no class."""
    found = _NAMED.match(said)
    if found is not None:
        return found[2], found[1].rstrip()
    if said == "unhandled exception":
        return "RuntimeError", ""
    return (said, "") if _ONLY.match(said) else None


def _function(said: str | None) -> str:
    """The method; a block, rescue or ensure is told by the method around it."""
    return _AROUND.sub("", said) if said else "<main>"
