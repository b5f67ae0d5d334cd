"""Judgement of a canary's recorded answers: are they unlike every answer of the stable version?

The recorder runs inside the service, so the workload writes what is judged here.  It may take a canary back or hold it,
and it never widens one: no answers, too few of them, and answers that are alike all change nothing.

A difference is *clear* when it was seen `strange_answers` times (3) in the canary's recorded answers, in none of at
least `known_answers` (20) of the stable version's, and when chance alone would hardly have given all of them to the
canary: its part of the answers, to the power of the times seen, is at most alpha.  A clear difference rolls back, one
that is not clear yet holds.  A value alone counts only when it was seen often enough, because values are data.
"""

from typing import assert_never

from incident.decision import Constraint, Reason, because
from incident.rollout import Answers, Difference
from policies import limits


def clear(answers: Answers | None, bounds: limits.Canary) -> Reason:
    """Reason to roll back: the differences that are clear; empty without one."""
    found = tuple(_difference(one) for one in _known(answers, bounds) if _is_clear(one, bounds))
    return because("answers_differ", route=_route(answers), differences=found) if found else Reason()


def unclear(answers: Answers | None, bounds: limits.Canary) -> Reason:
    """Reason to hold: the differences that may still be chance; empty without one."""
    known = _known(answers, bounds)
    found = tuple(_difference(one) for one in known if one.what != "value" or one.seen >= bounds.strange_answers)
    return because("answers_may_differ", route=_route(answers), differences=found) if found else Reason()


def constraints(answers: Answers | None, bounds: limits.Canary) -> tuple[Constraint, ...]:
    """One constraint where answers were compared; none where they were not."""
    if answers is None:
        return ()
    found = clear(answers, bounds) or unclear(answers, bounds)
    compared = because("answers_compared", route=answers.route, new=answers.new, old=answers.old)
    return (Constraint(name="answers_as_before", held=not found, detail=compared),)


def _known(answers: Answers | None, bounds: limits.Canary) -> tuple[Difference, ...]:
    """Differences that rest on enough answers of the stable version."""
    if answers is None:
        return ()
    return tuple(one for one in answers.differences if one.seen > 0 and one.old >= bounds.known_answers)


def _is_clear(one: Difference, bounds: limits.Canary) -> bool:
    # Were the versions alike, each such answer would be the canary's with about this chance.
    share = one.new / (one.new + one.old)
    return bool(one.seen >= bounds.strange_answers and share**one.seen <= bounds.alpha)


def _route(answers: Answers | None) -> str:
    return "" if answers is None else answers.route


def _difference(one: Difference) -> Reason:
    who = because("of_the_failing_kind" if one.of_failing_kind else "of_ordinary_requests")
    seen, new, old = one.seen, one.new, one.old
    match one.what:
        case "failed":
            return because("answers_failed", who=who, status=one.status, names=one.names, seen=seen, new=new, old=old)
        case "status":
            return because("answers_status", who=who, status=one.status, seen=seen, new=new, old=old)
        case "shape":
            return because("answers_shape", who=who, status=one.status, names=one.names, seen=seen, new=new, old=old)
        case "missing":
            return because("answers_missing", who=who, status=one.status, names=one.names, seen=seen, new=new, old=old)
        case "value":
            return because("answers_value", who=who, status=one.status, names=one.names, seen=seen, new=new, old=old)
    assert_never(one.what)
