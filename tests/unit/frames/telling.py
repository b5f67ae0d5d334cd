"""Tells what was read of a text in lines that a person can compare with the program that wrote it."""

import re
from collections.abc import Sequence

from incident.stacks import Frame
from tests.unit.frames import record
from tools.frames import reading

_OWN = re.compile(rf"<shop/|<Shop\.|{record.ROOT}/(?!.*node_modules)")


def told(text: str) -> tuple[str, ...]:
    """Each trace as ``exception: message at file:line function``, and each exception behind it below, with its relation."""
    lines: list[str] = []
    for trace in reading.traces(text):
        lines.append(_one(trace.exception, trace.message, trace.frames))
        lines += [f"  {one.relation} {_one(one.exception, one.message, one.frames)}" for one in trace.chain]
    return tuple(lines)


def own(frames: Sequence[Frame]) -> list[Frame]:
    """The frames of the recorded program itself."""
    return [frame for frame in frames if _OWN.match(frame.path)]


def _one(exception: str, message: str, frames: Sequence[Frame]) -> str:
    inner = own(frames)[-1:]
    place = "".join(f" at {frame.path.strip('<>').rpartition('/')[2]}:{frame.line} {frame.function}" for frame in inner)
    # The JVM numbers its lambdas as it likes, and Go prints addresses.
    return re.sub(r"\$\d+|0x[0-9a-f]+", "", f"{exception}: {message}{place}")
