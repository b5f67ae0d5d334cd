"""Draws mutants, and estimates the share of all from those drawn: weighted by file, with an interval."""

import random
from collections.abc import Mapping, Sequence

from scipy import stats

from incident.value import Value


class Tried(Value):
    """Fate of the drawn mutants of one file."""

    file: str
    mutants: int
    """All that the file has."""
    killed: int = 0
    timeouts: int = 0
    """Mutants under which the tests did not end: noticed as well."""
    survived: tuple[str, ...] = ()

    @property
    def drawn(self) -> int:
        """Number of the file's mutants that were tried."""
        return self.killed + self.timeouts + len(self.survived)

    @property
    def noticed(self) -> float:
        """The share of the tried ones that a test noticed."""
        return (self.killed + self.timeouts) / self.drawn


def quotas(sizes: Mapping[str, int], sample: int) -> dict[str, int]:
    """Shares of a sample in proportion to the sizes, and at least one of each file that has any.

    What is left after rounding down goes to the largest remainders.
    """
    total = sum(sizes.values())
    exact = {file: size * min(sample, total) / total for file, size in sizes.items() if size}
    found = {file: max(1, int(share)) for file, share in exact.items()}
    by_remainder = sorted(exact, key=lambda file: (int(exact[file]) - exact[file], file))
    left = max(0, min(sample, total) - sum(found.values()))
    return found | {file: found[file] + 1 for file in by_remainder[:left]}


def draw(names: Mapping[str, Sequence[str]], sample: int, seed: int) -> dict[str, list[str]]:
    """Draw that many names in all, file by file; the same seed draws the same ones."""
    rng = random.Random(seed)
    of = quotas({file: len(found) for file, found in names.items()}, sample)
    return {file: rng.sample(sorted(names[file]), of[file]) for file in sorted(of)}


def weighted(tried: Sequence[Tried]) -> float:
    """The share of all mutants that would be noticed: each file counts as much as it has mutants."""
    return sum(one.noticed * one.mutants for one in tried) / sum(one.mutants for one in tried)


def interval(share: float, drawn: int) -> tuple[float, float]:
    """The exact binomial interval of 95 % around a share (Clopper and Pearson 1934).

    A sample drawn file by file varies less than one drawn from all, so the true interval is not wider.
    """
    good = share * drawn
    low = stats.beta.ppf(0.025, good, drawn - good + 1) if good > 0 else 0.0
    high = stats.beta.ppf(0.975, good + 1, drawn - good) if good < drawn else 1.0
    return float(low), float(high)
