"""Chooses the version of a request, and counts its result.  No I/O, and the randomness is given."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

SLOW_MS = 1_000.0
"""Answers at or above this count as slow."""


@dataclass(frozen=True)
class Share:
    """A version, the port of its process, and its weight in percent."""

    version: str
    port: int
    weight: int


@dataclass
class Counts:
    """Cumulative counts of one version."""

    requests: int = 0
    errors: int = 0
    slow: int = 0


class Split:
    """One service: its versions with their shares and counts."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self.shares: tuple[Share, ...] = ()
        self.counts: dict[str, Counts] = {}

    def route(self, shares: Sequence[Share]) -> None:
        """Take over the versions.  Counts of versions that are gone are forgotten."""
        self.shares = tuple(shares)
        self.counts = {share.version: self.counts.get(share.version, Counts()) for share in shares}

    def pick(self) -> Share | None:
        """A version by weight; None when nothing is routed."""
        point = self._rng.random() * sum(share.weight for share in self.shares)
        for share in self.shares:
            point -= share.weight
            if point < 0:
                return share
        return None

    def count(self, version: str, status: int | None, seconds: float) -> None:
        """Count one finished request; without a status there was no answer."""
        counts = self.counts.get(version)
        if counts is None:  # its last answer came after it was removed
            return
        counts.requests += 1
        counts.errors += status is None or status >= 500
        counts.slow += seconds * 1000 >= SLOW_MS
