"""The shape of every policy: a name, a version, and a pure function from its facts to its decision."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import Field, SerializeAsAny, ValidationError, model_validator

from incident.decision import Allow, Constraint, Decision, Reason, Verdict, because, worst
from incident.value import Value, encode

F = TypeVar("F", bound=Value)
C = TypeVar("C", bound=str)
R = TypeVar("R", bound=Value)


class Nothing(Value):
    """The result of a policy whose verdict and choice say everything."""


class Judgement(Decision, Generic[C, R]):
    """A decision with its types: the choice from its closed set, and the result that the next step needs.

    It is recorded as a plain decision, with the result as ``data``.
    """

    choice: C
    # Left out of the record, which holds it as `data` already.
    result: SerializeAsAny[R] = Field(exclude=True)

    @model_validator(mode="before")
    @classmethod
    def _recorded(cls, given: Mapping[str, Any]) -> Mapping[str, Any]:
        return {**given, "data": given["result"].model_dump(mode="json")}


Finding = tuple[str, Verdict]
"""One thing that a gate looks at, by name, with its verdict."""


def strictest(findings: Sequence[Finding], all_well: Reason) -> Verdict:
    """The strictest verdict of all findings; where several all allow, Allow with this reason."""
    found = worst(tuple(verdict for _, verdict in findings))
    # The first of many reasons to go on would read as if it were the only one.
    return found if len(findings) == 1 or not isinstance(found, Allow) else Allow(reason=all_well)


def constraints(findings: Iterable[Finding]) -> tuple[Constraint, ...]:
    """One constraint per finding, which holds where the verdict allows."""
    return tuple(Constraint(name=name, held=isinstance(found, Allow), detail=found.reason) for name, found in findings)


def points(constraints: Iterable[Constraint]) -> tuple[Reason, ...]:
    """Constraints by name with what was found, for a reason that lists those that do not hold."""
    return tuple(
        because("point", name=item.name, detail=item.detail) if item.detail else because("point_alone", name=item.name)
        for item in constraints
    )


@dataclass(frozen=True)
class Policy(Generic[F, C, R]):
    """One policy: its name, its version, the types of its facts and its result, and the function."""

    name: str
    version: int
    facts: type[F]
    result: type[R]
    decide: Callable[[F], Judgement[C, R]]

    def read(self, decision: Decision) -> R | None:
        """The result of a recorded decision; None when another version recorded another shape."""
        # Old records stay readable: a report leaves the result out instead of failing.
        try:
            return self.result.model_validate_json(encode(decision.data))
        except ValidationError:
            return None
