"""Panics and fatal errors of Go, the stack of a goroutine (``debug.Stack``), and ``%+v`` of ``github.com/pkg/errors``.

Formats: https://pkg.go.dev/runtime (``GOTRACEBACK``) and https://pkg.go.dev/github.com/pkg/errors.  Of several goroutines
the running one is told: it is the one that failed.  What runs above the call of ``panic`` is a deferred function that
saw the panic or made a new one, so the frames of a panic begin below its own call.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from incident.stacks import Relation
from tools.frames.trace import MAX_CALLS, Call, Found, Raised, number

_MAX_GAP = 30
"""Lines between the message of a panic and its goroutine: the rest of the message, and the signal."""

_GOROUTINE = re.compile(r"goroutine \d{1,18}(?: gp=\S+ m=\S+ mp=\S+| gp=\S+ m=\S+)? \[([^\]]*)\]:$")
_PANIC = re.compile(r"(?:^|(?<=\s))(panic|fatal error): (.*)$")
_SERVED = re.compile(r"(?:^|(?<=\s))http: panic serving \S+: (.*)$")
_AGAIN = re.compile(r" +panic: (.*)$")
_RECOVERED = re.compile(r" \[recovered(, repanicked)?\]$")
_VALUE = re.compile(r"\((\*?[\w./-]+\.\w+)\) (?:0x[0-9a-f]+|\{.*\}|\(.*\))$")
_PLACE = re.compile(r" +(\S.*\.(?:go|s|c|h|cc)):(\d+)(?: \+0x[0-9a-f]+)?(?: fp=.*)?$")
_BARE = re.compile(r"[\w.~/%-]+\.[\w.()*\[\]/%-]*[\w\]]$")


class _Stack(NamedTuple):
    """Frames of one stack, innermost first as they are written, and the number of the line below them."""

    calls: list[Call]
    end: int


def read(lines: Sequence[str]) -> Iterator[Found]:
    """Every panic with a stack, every stack that was logged, and every error with stacks of its own."""
    index, told, system = 0, -1, -1
    while index < len(lines):
        line = lines[index]
        goroutine = _GOROUTINE.match(line)
        if line == "runtime stack:":
            # The scheduler's own stack stands between the message of a fatal error and the goroutine.
            system, index = index, _goroutine(lines, index + 1).end
        elif goroutine is not None:
            stack = _goroutine(lines, index + 1)
            said = _said(lines, system if system > told else index, told)
            if said or goroutine[1].partition(",")[0] == "running":
                found = _panicked(index, said, stack.calls)
                if found is not None:
                    yield found
            # The stacks of other goroutines follow without a word of their own.
            index = told = _skipped(lines, stack.end)
        elif index + 1 < len(lines) and _BARE.match(line) and _PLACE.match(lines[index + 1]):
            wrapped, index = _wrapped(lines, index)
            if wrapped is not None:
                yield wrapped
        else:
            index += 1


def _goroutine(lines: Sequence[str], index: int) -> _Stack:
    calls: list[Call] = []
    while index + 1 < len(lines):
        if lines[index].startswith("...") and "frames elided" in lines[index]:
            index += 1
            continue
        place = _PLACE.match(lines[index + 1])
        if place is None:
            break
        # The statement that started the goroutine is no call of its stack.
        name = None if lines[index].startswith("created by ") else _function(lines[index])
        if name and len(calls) < MAX_CALLS:
            calls.append(Call(place[1], number(place[2]), name))
        index += 2
    return _Stack(calls, index)


def _function(line: str) -> str | None:
    """Name of a called function, with its package's name and without the package's folder."""
    name = line.rpartition("(")[0] if line.endswith(")") else ""
    return None if not name or name.startswith(" ") else name.rpartition("/")[2].replace("%2e", ".")


def _skipped(lines: Sequence[str], index: int) -> int:
    """The line after all goroutines that follow."""
    while True:
        ahead = index
        while ahead < len(lines) and not lines[ahead].strip():
            ahead += 1
        if ahead >= len(lines) or not _GOROUTINE.match(lines[ahead]):
            return index
        index = _goroutine(lines, ahead + 1).end


class _Said(NamedTuple):
    """One panic as it is told above the goroutine."""

    at: int
    raised: Raised
    repanicked: bool = False


def _said(lines: Sequence[str], index: int, told: int) -> list[_Said]:
    """The panics that are told above a goroutine, the first one first; none for a stack that was only logged."""
    found: list[_Said] = []
    for number_ in range(index - 1, max(index - _MAX_GAP, told, 0) - 1, -1):
        line = lines[number_]
        again = _AGAIN.match(line)
        first = _SERVED.search(line) or _PANIC.search(line)
        if again is not None:
            found.append(_one(number_, "panic", again[1]))
        elif first is not None:
            kind = first[1] if first.re is _PANIC else "panic"
            found.append(_one(number_, kind, first[first.re.groups]))
            break
        elif _PLACE.match(line):
            return []
    else:
        return []
    return found[::-1]


def _one(at: int, kind: str, said: str) -> _Said:
    recovered = _RECOVERED.search(said)
    message = said[: recovered.start()] if recovered else said
    value = _VALUE.match(message)
    exception = kind
    if message.startswith("runtime error: "):
        exception, message = "runtime error", message.removeprefix("runtime error: ")
    elif value is not None:
        exception, message = value[1], ""
    return _Said(at, Raised(exception, message, []), bool(recovered and recovered[1]))


def _panicked(index: int, said: Sequence[_Said], calls: Sequence[Call]) -> Found | None:
    """The panics with their frames: those of the newest above its deferred function, of older ones below."""
    starts = [0, *(number_ + 1 for number_, call in enumerate(calls) if call.function == "panic")]
    if not said:
        logged = len(starts) > 1
        while not logged and starts[0] < len(calls) and calls[starts[0]].function.startswith("debug."):
            starts[0] += 1
        said = [_Said(index, Raised("panic" if logged else "", "", []))]
    # A recovered panic was told by a deferred function, whose frames stand above it.
    starts = starts[len(starts) - len(said) :] if len(starts) > len(said) else starts
    newest_first = [
        one.raised._replace(calls=list(reversed(calls[starts[min(number_, len(starts) - 1)] :])))
        for number_, one in enumerate(reversed(said))
    ]
    if not newest_first[0].calls:
        return None
    behind: list[tuple[Relation, Raised]] = [("context", one) for one in newest_first[1:]]
    return Found(said[0].at, newest_first[0], behind)


def _wrapped(lines: Sequence[str], index: int) -> tuple[Found | None, int]:
    """The first of an error's stacks, which is where it arose, and the line after all of them."""
    first: list[Call] = []
    start, known = index, False
    while index + 1 < len(lines):
        place = _PLACE.match(lines[index + 1])
        if place is None or not _BARE.match(lines[index]):
            # One message may stand between two stacks, and says what the next one wrapped it with.
            if known or index + 2 >= len(lines) or not _PLACE.match(lines[index + 2]):
                break
            index, known = index + 1, True
            continue
        if not known and len(first) < MAX_CALLS:
            first.append(Call(place[1], number(place[2]), lines[index].rpartition("/")[2].replace("%2e", ".")))
        known = known or lines[index] == "runtime.goexit"
        index += 2
    above = lines[start - 1].strip() if start else ""
    if not above or _PLACE.match(lines[start - 1]):
        return None, index
    return Found(start - 1, Raised("error", above, list(reversed(first)))), index
