"""Steering: what a person says of where the cause lies, while an incident runs.

It is weighed and opens nothing: evidence that supports no cause.
"""

from collections.abc import Iterable
from typing import Literal

from pydantic import AwareDatetime

from incident.value import Value

LONGEST = 200
"""Characters of the name of what it is about."""

MOST = 20
"""Words about one incident that are taken."""


class Steering(Value):
    """One word of one person about a service, a host outside, or a change."""

    kind: Literal["steering"] = "steering"
    said: Literal["look", "doubt"]
    """`look`: the cause may lie there; `doubt`: it does not."""
    what: Literal["service", "outside", "change"]
    name: str
    """Service, host, or what was changed (``deploy v2``), as the table of suspects prints it."""
    service: str = ""
    """Of a change: the service that it was made to; empty for a change of no single service, and for others."""
    because: str = ""
    by: str
    """The name that was given with ``--as``."""
    os_user: str
    at: AwareDatetime

    @property
    def target(self) -> str:
        """Object of the word, as a person writes it."""
        return f"{self.what} {self.name}{f' of {self.service}' if self.service else ''}"

    @property
    def root(self) -> str:
        """The service that a look at it leads to: its own name, or the service of the change."""
        return self.service if self.what == "change" else self.name

    def names_node(self, name: str) -> bool:
        """True when it is about this service or host."""
        return self.what != "change" and self.name == name

    def names_change(self, name: str, service: str) -> bool:
        """True when it is about this change of this service."""
        return self.what == "change" and self.name == name and self.service in ("", service)


def standing(words: Iterable[Steering]) -> tuple[Steering, ...]:
    """The words that stand, in order: of what one person says about one thing, the last; nobody lifts another's."""
    last = {(word.by, word.os_user, word.target): word for word in words}
    return tuple(sorted(last.values(), key=lambda word: word.at))


def people(words: Iterable[Steering]) -> tuple[str, ...]:
    """People who said these words, each once."""
    return tuple(dict.fromkeys(word.by for word in words))
