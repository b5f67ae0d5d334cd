"""The mix of users and the times at which they come.  No I/O, and the randomness is given."""

import itertools
import random
from collections.abc import Callable, Iterator, Mapping


def shifted(normal: Mapping[str, float], kinds: Mapping[str, float]) -> dict[str, float]:
    """The normal mix with more kinds of users: each gets its share (0..1) of all arrivals, the rest is as before.

    >>> shifted({"browse": 3, "buy": 1}, {"import": 0.2})
    {'browse': 0.6, 'buy': 0.2, 'import': 0.2}
    """
    taken = sum(kinds.values())
    if not 0 <= taken <= 1 or any(share < 0 for share in kinds.values()):
        raise ValueError(f"shares must lie between 0 and 1 together: {dict(kinds)}")
    total = sum(normal.values())
    mixed = {kind: weight / total * (1 - taken) for kind, weight in normal.items()}
    for kind, share in kinds.items():
        mixed[kind] = mixed.get(kind, 0.0) + share
    return mixed


def arrivals(rng: random.Random, rate: Callable[[], float]) -> Iterator[float]:
    """Times of a Poisson process, in seconds from its start: exponential gaps with mean 1/rate, as it is by then."""
    return itertools.accumulate(rng.expovariate(rate()) for _ in itertools.count())


def choose(rng: random.Random, mixed: Mapping[str, float]) -> str:
    """One kind of user by its weight."""
    return rng.choices(tuple(mixed), weights=tuple(mixed.values()))[0]
