"""Stack traces of the JVM: ``Caused by``, ``Suppressed`` and ``... n more``, from Java, Kotlin, Scala or Groovy.

Format: ``Throwable.printStackTrace`` (https://docs.oracle.com/en/java/javase/17/docs/api/java.base/java/lang/Throwable.html).
A frame names a file without its folder; the folder is the one that the class's package stands for.
"""

import re
from collections.abc import Iterator, Sequence

from incident.stacks import Relation
from tools.frames import heads
from tools.frames.trace import MAX_BEHIND, MAX_CALLS, Call, Found, IndentedBlock, number

_FRAME = re.compile(
    r" *at (?:[\w.@$-]*/{1,2})?(?:[\w.@$-]+/)?([\w$.<>-]+)\.([\w$<>-]+)"
    r"\((?:([\w$-]+\.\w{1,10})(?::(\d+))?|Native Method|Unknown Source(?::\d+)?|<generated>)\)(?: ~?\[.*\])?$"
)
_MORE = re.compile(r" *\.\.\. (\d{1,9}) (?:more|common frames omitted)$")
_CLASS = r"((?:[\w$]+\.)*[\w$]*{end})(?:: (.*)|:?)$"
_BEFORE = r'^( *)(?:Exception in thread ".*" )?(Caused by: |Suppressed: |)'
_SURE = re.compile(_BEFORE + _CLASS.replace("{end}", "(?:Exception|Error|Throwable)"))
_MARKED = re.compile(r"^( *)(Caused by: |Suppressed: )" + _CLASS.replace("{end}", ""))
_ANY = re.compile(_BEFORE + r"((?:[\w$]+\.)+[\w$]+)(?:: (.*)|:?)$")


def read(lines: Sequence[str]) -> Iterator[Found]:
    """Every trace whose exception is named; a cause whose beginning is missing stands for itself."""
    trace = _Trace()
    for index, line in enumerate(lines):
        framed = _FRAME.match(line)
        if framed is not None:
            yield from trace.frame(index, line, framed)
        else:
            trace.other(line)
    yield from trace.finished()


class _Trace:
    """The trace that is being read: its main exception and those behind it."""

    def __init__(self) -> None:
        self._blocks: list[IndentedBlock] = []
        self._open: IndentedBlock | None = None
        self._gap: list[str] = []

    def frame(self, index: int, line: str, framed: re.Match[str]) -> Iterator[Found]:
        """Take a frame; a trace that ended with it is given back."""
        if self._gap or self._open is None:
            yield from self._headed(index, _indent(line))
        self._gap.clear()
        if self._open is not None and len(self._open.calls) < MAX_CALLS:
            self._open.calls.append(_call(framed))

    def other(self, line: str) -> None:
        """Take a line that is no frame."""
        more = _MORE.match(line)
        if more is None:
            self._gap.append(line)
            del self._gap[: -heads.MAX_GAP]
        elif self._open is not None and not self._gap:
            self._common(self._open, number(more[1]))

    def _common(self, block: IndentedBlock, count: int) -> None:
        """The frames that a block shares with the one it is enclosed in, which the JVM writes once."""
        before = [one for one in self._blocks if one is not block and one.relation != "suppressed"]
        if before and count and len(before[-1].calls) >= count:
            block.calls += before[-1].calls[-count:][: MAX_CALLS - len(block.calls)]

    def _headed(self, index: int, indent: int) -> Iterator[Found]:
        named = heads.nearest(self._gap, _SURE, _MARKED, _ANY)
        if named is None:
            # Frames below some other line: whose they are is not known, nor what was raised.
            yield from self.finished()
            return
        back, found = named
        follows = self._blocks and back == len(self._gap) - self._blanks()
        relation: Relation | None = {"Caused by: ": "cause", "Suppressed: ": "suppressed"}.get(found[2])  # type: ignore[assignment]
        if relation is None or not follows:
            yield from self.finished()
            relation = None
        block = IndentedBlock(found[3], found[4] or "", at=index - back, relation=relation, indent=len(found[1]))
        self._open = block
        if self._belongs(block, indent) and len(self._blocks) <= MAX_BEHIND:
            self._blocks.append(block)

    def _belongs(self, block: IndentedBlock, indent: int) -> bool:
        """False for what stands behind a suppressed exception: it is read, so that its frames are nobody else's."""
        if not self._blocks or block.relation is None:
            return True
        return block.indent - self._blocks[0].indent <= (0 if block.relation == "cause" else indent - block.indent)

    def _blanks(self) -> int:
        return next((count for count, line in enumerate(self._gap) if line.strip()), len(self._gap))

    def finished(self) -> Iterator[Found]:
        """The trace so far; whatever comes next is another one."""
        if self._blocks:
            main, behind = self._blocks[0], self._blocks[1:]
            ordered = [one for one in behind if one.relation == "cause"] + [
                one for one in behind if one.relation == "suppressed"
            ]
            yield Found(main.at, main.raised(), [(one.relation or "cause", one.raised()) for one in ordered])
        self._blocks, self._open = [], None


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _call(framed: re.Match[str]) -> Call:
    owner, method, file = framed[1], framed[2], framed[3]
    package, _, name = owner.partition("$")[0].rpartition(".")
    if file is None:
        return Call(f"<{owner}>", 0, f"{owner.rpartition('.')[2]}.{method}")
    folder = f"{package.replace('.', '/')}/" if package else ""
    return Call(
        f"{folder}{file}", number(framed[4] or ""), f"{owner[len(package) + 1 if package else 0 :] or name}.{method}"
    )
