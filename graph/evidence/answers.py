"""Answers of a source that may be silent for a moment: asked again for some seconds, and Missing after that."""

from collections.abc import Callable
from typing import TypeVar

from incident.errors import Refused, Unavailable
from incident.evidence import Missing
from tools.ports import Clock

T = TypeVar("T")

AGAIN = (0.5, 1.0, 2.0, 4.0)
"""Pauses before a source is asked again; after that its silence is the answer."""


def patiently(clock: Clock, ask: Callable[[], T]) -> T | Missing:
    """Return what is answered; Missing when the source refuses, or stays silent."""
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
