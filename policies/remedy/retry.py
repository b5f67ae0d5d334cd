"""Retry of a refused patch: another try, or the ending without one."""

from typing import Literal

from pydantic import Field

from incident.decision import Allow, Constraint, Deny, Hold, Verdict, because
from incident.value import Value
from policies.policy import Judgement, Nothing, Policy

NAME = "retry.next"
VERSION = 3

Choice = Literal["revise", "give_up", "escalate"]

HARMFUL: frozenset[str] = frozenset(
    {"own_tests", "same_answers", "scope", "inverse", "bounded", "inspection", "review"}
)
"""Checks whose failure says that the candidate would do harm; the others say that it does not mend."""


class Facts(Value):
    """Tries so far, and their failures."""

    attempt: int = Field(ge=0)
    """Times that the patch agent was asked so far."""
    max_attempts: int = Field(ge=1)
    exhausted: bool = False
    """True when every question that is left was asked before, of one who answers the same again."""
    failures: tuple[str, ...]
    """Name of the check that refused each candidate, one per candidate, in order."""


def next(facts: Facts) -> Judgement[Choice, Nothing]:  # noqa: A001 (callers write retry.next, which reads as a sentence)
    """Choose `revise` while tries are left, then `give_up` (rejected) or `escalate` (a person)."""
    left = facts.max_attempts - facts.attempt
    bounded = Constraint(
        name="tries_left", held=left > 0, detail=because("tries_of", tried=facts.attempt, most=facts.max_attempts)
    )
    if left > 0 and not facts.exhausted:
        reason = because("another_try", number=facts.attempt + 1, most=facts.max_attempts)
        return _decision(Allow(reason=reason), "revise", bounded)
    # Nobody offered anything: that is not a harmful patch, it is a question for a person.
    if not facts.failures:
        never = because("no_candidate_at_all")
        reason = never if facts.exhausted else because("no_candidate", tries=facts.attempt)
        return _decision(Hold(reason=reason), "escalate", bounded)
    count, refused = len(facts.failures), tuple(sorted(set(facts.failures)))
    if all(failure in HARMFUL for failure in facts.failures):
        reason = because("all_refused", count=count, checks=refused)
        return _decision(Deny(reason=reason), "give_up", bounded)
    reason = because("none_mends", count=count, checks=refused)
    return _decision(Hold(reason=reason), "escalate", bounded)


def _decision(verdict: Verdict, choice: Choice, constraint: Constraint) -> Judgement[Choice, Nothing]:
    return Judgement[Choice, Nothing](
        policy=NAME,
        version=VERSION,
        verdict=verdict,
        choice=choice,
        constraints=(constraint,),
        result=Nothing(),
    )


POLICY = Policy(NAME, VERSION, Facts, Nothing, next)
