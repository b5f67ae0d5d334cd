"""The shape of every decision: a verdict with its reason, and everything needed to explain it.

Weights, contributions and thresholds are integers in ten-thousandths, so that they add up exactly
and compare byte for byte; people are shown ``value / 10_000``.
"""

from typing import Annotated, Literal

from pydantic import Field, JsonValue

from incident.value import Value

SCALE = 10_000
"""One, in ten-thousandths."""


class Allow(Value):
    """Go on."""

    kind: Literal["allow"] = "allow"
    reason: str


class Hold(Value):
    """Not now: something is unknown, too little, or a person's to decide."""

    kind: Literal["hold"] = "hold"
    reason: str
    liftable: bool = False
    """Whether a person's approval may turn it into Allow."""


class Deny(Value):
    """No, and no approval changes that."""

    kind: Literal["deny"] = "deny"
    reason: str


Kind = Literal["allow", "hold", "deny"]

Verdict = Annotated[Allow | Hold | Deny, Field(discriminator="kind")]

_RANK = {"allow": 0, "hold": 1, "deny": 2}


def worst(verdicts: tuple[Verdict, ...]) -> Verdict:
    """The strictest verdict; a hold that no person may lift outranks one that they may.

    No verdicts at all is a Hold: nobody said yes.
    """
    if not verdicts:
        return Hold(reason="nothing was decided")
    return max(verdicts, key=_strictness)


def _strictness(verdict: Verdict) -> tuple[int, bool]:
    return _RANK[verdict.kind], isinstance(verdict, Hold) and not verdict.liftable


class Factor(Value):
    """One named factor of a score, in ten-thousandths: contribution = value * weight // 10_000."""

    name: str
    value: int = Field(ge=0, le=SCALE)
    weight: int = Field(ge=0, le=SCALE)
    contribution: int
    note: str = ""


class Constraint(Value):
    """A condition that had to hold, and whether it did."""

    name: str
    held: bool
    detail: str = ""


class Alternative(Value):
    """Something that was considered and not chosen."""

    name: str
    pros: tuple[str, ...] = ()
    cons: tuple[str, ...] = ()
    why_not: str


class Decision(Value):
    """What a policy decided, from which facts, and why."""

    policy: str
    """Name in the registry, for example ``risk.assess``."""
    version: int
    verdict: Verdict
    choice: str = ""
    """The option taken, where a policy chooses among several (``advance``, ``roll_back``, ...)."""
    factors: tuple[Factor, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    reasoning: str = ""
    data: dict[str, JsonValue] = {}
    """What the next step needs from this decision; integers and rounded numbers only."""
