"""Kind of a cause: how it is planted, and for which of the two runs."""

from typing import Literal, NamedTuple

from evals.bench.diagnosis.grammar.worlds import Plant

Mark = Literal["development", "test"]


class Kind(NamedTuple):
    """One kind of cause."""

    name: str
    plant: Plant
