"""Answers of sources that may refuse or be silent: Missing says why there is none."""

from collections.abc import Callable
from typing import TypeVar

from incident.errors import Refused, Unavailable
from incident.evidence import Fact, Missing, Origin
from tools.ports import Clock

T = TypeVar("T")

Found = tuple[str, Origin, Fact]
"""Name of a source, the author of what it says, and the fact."""

AGAIN = (0.5, 1.0, 2.0, 4.0)
"""Pauses before a source is asked again; after that its silence is the answer."""


def once(ask: Callable[[], T]) -> T | Missing:
    """Return what is answered; Missing when the source refuses or is silent."""
    try:
        return ask()
    except Unavailable as error:
        return Missing(reason=f"{error}")


def patiently(clock: Clock, ask: Callable[[], T]) -> T | Missing:
    """Return what is answered; Missing when the source refuses, or stays silent for some seconds."""
    failure = ""
    for pause in (*AGAIN, 0.0):
        try:
            return ask()
        except Refused as error:
            return Missing(reason=f"{error}")
        except Unavailable as error:
            failure = f"{error}"
        clock.sleep(pause)
    return Missing(reason=failure)
