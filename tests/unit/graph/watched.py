"""A port that notes what stretches of time it is asked about."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any


class Watched:
    """A port that notes how long each stretch of time was that it was asked about."""

    def __init__(self, port: object, stretches: list[timedelta]) -> None:
        self._port, self._stretches = port, stretches

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            times = [value for value in given if isinstance(value, datetime)]
            if len(times) > 1:
                self._stretches.append(times[1] - times[0])
            return getattr(self._port, name)(*given, **named)

        return call
