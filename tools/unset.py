"""Port without a backend: it answers every question with the reason why it cannot.

It follows the protocol that it stands for: a method that may answer Missing does, and any other raises.  So nothing
that was not asked of anybody is ever taken for an answer.
"""

import typing
from collections.abc import Callable
from typing import Any

from incident.errors import Unavailable
from incident.evidence import Missing


class Unset:
    """Stands in for one port: `raising` makes the error of a method that cannot answer Missing."""

    def __init__(self, protocol: type, reason: str, raising: Callable[[str], Unavailable]) -> None:
        self._protocol, self.reason, self._raising = protocol, reason, raising

    def __getattr__(self, name: str) -> Callable[..., Missing]:
        """Return the method of this name.  Raises AttributeError for one that the port does not have."""
        method = None if name.startswith("_") else self._protocol.__dict__.get(name)
        if method is None:
            raise AttributeError(f"{self._protocol.__name__} has no {name}")

        def asked(*_: Any, **__: Any) -> Missing:
            if Missing in typing.get_args(typing.get_type_hints(method).get("return")):
                return Missing(reason=self.reason)
            raise self._raising(self.reason)

        return asked
