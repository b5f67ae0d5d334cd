"""The shape of every decision: a verdict with its reason, and everything needed to explain it.

A reason is a code with values; what people read of it is in `graph.reports.vocabulary`.

Weights, contributions and thresholds are integers in ten-thousandths, so that they add up exactly
and compare byte for byte; people are shown ``value / 10_000``.
"""

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import Field, JsonValue, model_validator

from incident.value import Value

SCALE = 10_000
"""One, in ten-thousandths."""


class Reason(Value):
    """A reason of a decision: a code from the closed set of its policy, with numbers and short names."""

    code: str = ""
    values: "dict[str, bool | int | float | str | Reason | tuple[str | Reason, ...]]" = {}

    @model_validator(mode="before")
    @classmethod
    def _sentence(cls, given: Any) -> Any:
        """Older records hold a sentence, which is a code that nobody knows."""
        return {"code": given} if isinstance(given, str) else given

    def __hash__(self) -> int:
        # The hash that pydantic makes for frozen models fails on a dictionary.
        return hash(self.canonical())

    def __bool__(self) -> bool:
        return bool(self.code)


def because(code: str, **values: bool | int | float | str | Reason | tuple[str | Reason, ...]) -> Reason:
    """Return a reason."""
    return Reason(code=code, values=values)


def listed(items: Iterable[str | Reason]) -> Reason:
    """Return what was found, each item by itself; nothing when nothing was found."""
    found = tuple(items)
    return because("listed", what=found) if found else Reason()


class Allow(Value):
    """Yes: go on."""

    kind: Literal["allow"] = "allow"
    reason: Reason


class Hold(Value):
    """Not now: something is unknown, too little, or a person's to decide."""

    kind: Literal["hold"] = "hold"
    reason: Reason
    liftable: bool = False
    """True when a person's approval may turn it into Allow."""


class Deny(Value):
    """No, and no approval changes that."""

    kind: Literal["deny"] = "deny"
    reason: Reason


Kind = Literal["allow", "hold", "deny"]

Verdict = Annotated[Allow | Hold | Deny, Field(discriminator="kind")]

_RANK = {"allow": 0, "hold": 1, "deny": 2}


def worst(verdicts: tuple[Verdict, ...]) -> Verdict:
    """The strictest verdict; a hold that no person may lift outranks one that they may.

    No verdicts at all is a Hold: nobody said yes.
    """
    if not verdicts:
        return Hold(reason=because("nothing_decided"))
    # Of equally strict ones `max` takes the first, so the order of the findings chooses the reason that is told.
    return max(verdicts, key=_strictness)


def _strictness(verdict: Verdict) -> tuple[int, bool]:
    # Else an approval would lift a hold that no person may lift, if both were there.
    return _RANK[verdict.kind], isinstance(verdict, Hold) and not verdict.liftable


class Factor(Value):
    """One named factor of a score, in ten-thousandths: contribution = value * weight // 10_000."""

    name: str
    value: int = Field(ge=0, le=SCALE)
    weight: int = Field(ge=0, le=SCALE)
    contribution: int
    note: Reason = Reason()


class Constraint(Value):
    """A condition that had to hold, with its result."""

    name: str
    held: bool
    detail: Reason = Reason()


class Alternative(Value):
    """An option that was considered and not chosen."""

    name: str
    pros: tuple[Reason, ...] = ()
    cons: tuple[Reason, ...] = ()
    why_not: Reason


class Decision(Value):
    """A policy's decision, with its facts and reasons."""

    policy: str
    """Name in the registry, for example ``risk.assess``."""
    version: int
    verdict: Verdict
    choice: str = ""
    """The option taken, where a policy chooses among several (``advance``, ``roll_back``, ...)."""
    factors: tuple[Factor, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    data: dict[str, JsonValue] = {}
    """The result that the next step needs; integers and rounded numbers only."""

    @model_validator(mode="before")
    @classmethod
    def _older(cls, given: Any) -> Any:
        """Older records tell the reason a second time."""
        return (
            {name: value for name, value in given.items() if name != "reasoning"} if isinstance(given, dict) else given
        )
