"""Input and output of a template: the fault, the candidate, and its grounds."""

from collections.abc import Callable
from enum import IntEnum

from incident.value import Value


class Fault(Value):
    """One failing function and what is known of the failure."""

    source: str
    """The function, dedented, decorators included."""
    line: int
    """Failing line within `source`, from 1."""
    exception: str
    """Bare name of the exception's class."""
    message: str
    traits: tuple[str, ...] = ()
    """Traits that set failing requests apart (see `incident.evidence.Traits`)."""
    module: str = ""
    """Text of the whole file: constants, imports, other functions."""
    schemas: tuple[str, ...] = ()
    """Texts of the JSON schemas of the service's data."""
    keys: tuple[str, ...] = ()
    """Keys that its data is known to have: from shapes, schemas and tests."""


class Grounds(IntEnum):
    """Grounds on which a candidate is right rather than silent, the best first."""

    FALLBACK = 0
    """The missing value flows into a fallback, branch or default that the code has already."""
    SCHEMA = 1
    """The schema says what stands for a missing value."""
    SIBLING = 2
    """Other code of the file reads the same thing with this default."""
    CONSTANT = 3
    """A constant of the file is named as the default of this."""
    NEUTRAL = 4
    """An empty container, text or identity element: nothing to do, nothing to add."""
    NONE = 5
    """The value becomes None, and nothing shows what becomes of that."""


class Candidate(Value):
    """A whole function that may mend the fault."""

    template: str
    rationale: str
    source: str
    grounds: Grounds
    named: bool = False
    """True when the data itself points at the expression that was changed."""


Template = Callable[[Fault], tuple[Candidate, ...]]
"""Candidates in the template's own order; empty when it does not apply."""
