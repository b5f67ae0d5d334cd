"""Reads the stack traces in a piece of log, whichever of the six languages wrote them.

Takes a trace as text of several lines, as consecutive lines of a log, or inside a JSON line.  Gives what is sure and
nothing else: a trace that was cut before it says what was raised is left out, and so are lines between which something
else was written.  Reads :data:`tools.frames.lines.MAX_CHARACTERS` in linear time and raises nothing, whatever it reads.
"""

from collections.abc import Callable, Iterator, Sequence

from tools.frames import dotnet, go, java, lines, node, python, ruby, trace
from tools.frames.trace import Found, Language, Trace

_PARSERS: tuple[tuple[Language, str, Callable[[Sequence[str]], Iterator[Found]]], ...] = (
    ("python", 'File "', python.read),
    ("java", "at ", java.read),
    ("node", "at ", node.read),
    ("dotnet", "at ", dotnet.read),
    ("go", ".go:", go.read),
    ("ruby", ":in ", ruby.read),
)
"""Each language with a text without which it has no trace."""

MAX_TRACES = 100
"""Traces that are read of one text, its first."""


def traces(whole: str) -> tuple[Trace, ...]:
    """The traces of a text, in the order in which they begin (those inside JSON first)."""
    found: list[Trace] = []
    for part in lines.texts(whole):
        found += _traces(part)
        if len(found) >= MAX_TRACES:
            break
    return tuple(found[:MAX_TRACES])


def _traces(part: Sequence[str]) -> list[Trace]:
    found: list[tuple[int, Language, Found]] = []
    for language, sign, read in _PARSERS:
        if any(sign in line for line in part):
            for number, one in enumerate(read(part)):
                if number == MAX_TRACES:
                    break
                found.append((one.at, language, one))
    found.sort(key=lambda item: item[0])
    return [trace.of(language, one) for _, language, one in found[:MAX_TRACES]]
