"""The connection between a caller and a service: whole, or cut in one of three ways.  No I/O; the randomness is given."""

import random
from dataclasses import dataclass
from typing import Literal

Cut = Literal["delay", "reset", "black hole"]
"""*delay* holds a request back, *reset* breaks its connection, and into a *black hole* it goes without an answer."""


@dataclass
class Wire:
    """Requests from one caller to one service."""

    rng: random.Random
    cut: Cut | None = None
    seconds: float = 0.0
    """Wait of a delayed request."""
    share: float = 1.0
    """Share of the requests (0..1) that the cut meets."""

    def fate(self) -> Cut | None:
        """Cut that the next request meets; None when it gets through."""
        return self.cut if self.cut is not None and self.rng.random() < self.share else None
