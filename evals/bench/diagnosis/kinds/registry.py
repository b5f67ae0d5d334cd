"""Registry of the kinds of causes, by mark.  Figures of development kinds are development figures."""

from collections.abc import Mapping

from evals.bench.diagnosis.kinds.development import code, machines, outside, quiet, settings
from evals.bench.diagnosis.kinds.kind import Kind, Mark
from evals.bench.diagnosis.kinds.test import contracts, network, processes, saturation, stores

KINDS: Mapping[Mark, tuple[Kind, ...]] = {
    "development": (*code.KINDS, *settings.KINDS, *machines.KINDS, *outside.KINDS),
    "test": (*saturation.KINDS, *network.KINDS, *contracts.KINDS, *stores.KINDS, *processes.KINDS),
}

QUIET: tuple[Kind, ...] = quiet.KINDS
"""Windows in which nothing is wrong; no mechanism can be tuned to a cause that is not there, so both runs have them."""


def of(mark: Mark) -> tuple[Kind, ...]:
    """Kinds of causes of a mark."""
    return KINDS[mark]


def named(name: str) -> Kind:
    """A kind by its name.  Raises KeyError."""
    return {one.name: one for kinds in (*KINDS.values(), QUIET) for one in kinds}[name]
