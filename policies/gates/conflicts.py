"""Conflicts between a plan and the others that are under way, and what becomes of the plan.

Asked before the first lock.  Locks alone would keep two plans from acting at once; they cannot tell that
one plan mends what the other suffers from, that both are the same, or that they contradict each other.
Only computes; `graph.effects.conflicts` waits, starts again, or hands over.
"""

from typing import Literal, NamedTuple

from incident.decision import Allow, Constraint, Deny, Hold, Reason, Verdict, because
from incident.declared_plan import DeclaredPlan, Party
from incident.value import Value
from policies.policy import Judgement, Policy

NAME = "conflicts.judge"
VERSION = 3

Choice = Literal["independent", "merge", "wait", "order", "escalate"]

_RANK: dict[Choice, int] = {"independent": 0, "merge": 1, "wait": 2, "order": 3, "escalate": 4}
"""Strictness of the choices; the strictest decides.  A merge saves nothing where another plan must be waited for."""


class Facts(Value):
    """Declared plans: ours, and those of all other open incidents of this world."""

    mine: Party
    others: tuple[Party, ...] = ()


class _Finding(NamedTuple):
    choice: Choice
    why: Reason


class Result(Value):
    """The incidents to wait for, oldest first."""

    after: tuple[str, ...]


def judge(facts: Facts) -> Judgement[Choice, Result]:
    """Choose: independent (go on), wait, order (then plan anew), merge (then look whether it is over), escalate."""
    found = [(other.incident, _between(facts, other)) for other in sorted(facts.others, key=_age)]
    choices: list[Choice] = ["independent", *(finding.choice for _, finding in found)]
    choice = max(choices, key=lambda one: _RANK[one])
    after = tuple(incident for incident, finding in found if finding.choice != "independent")
    said = tuple(
        because("party", incident=incident, why=finding.why) for incident, finding in found if finding.choice == choice
    )
    return Judgement[Choice, Result](
        policy=NAME,
        version=VERSION,
        verdict=_verdict(choice, said),
        choice=choice,
        constraints=tuple(
            Constraint(
                name=incident,
                held=finding.choice == "independent",
                detail=because("relation", relation=finding.choice, why=finding.why),
            )
            for incident, finding in found
        ),
        result=Result(after=after),
    )


def _verdict(choice: Choice, said: tuple[Reason, ...]) -> Verdict:
    match choice:
        case "independent":
            return Allow(reason=because("beside_others", plans=said) if said else because("no_other_plan"))
        case "escalate":
            return Deny(reason=because("person_must_choose", plans=said))
        case "merge" | "wait" | "order":
            return Hold(reason=because("others_first", plans=said))


def _age(party: Party) -> tuple[float, str]:
    return party.opened_at.timestamp(), party.incident


def _between(facts: Facts, other: Party) -> _Finding:
    mine, theirs = facts.mine.declared, other.declared
    # Age breaks every tie the same way on both sides, so that no two plans wait for each other.
    yields = theirs.acting or _age(other) < _age(facts.mine)
    same_place = _same_setting(mine, theirs, yields=yields) or _same_source(mine, theirs, yields=yields)
    if same_place is not None:
        return same_place
    if mine.service == theirs.service:
        return _Finding("wait", because("same_service", service=theirs.service)) if yields else _first(other)
    return _neighbours(facts, other, yields=yields)


def _first(other: Party) -> _Finding:
    return _Finding("independent", because("came_later", incident=other.incident))


def _same_setting(mine: DeclaredPlan, theirs: DeclaredPlan, *, yields: bool) -> _Finding | None:
    if mine.setting is None or theirs.setting is None or mine.service != theirs.service:
        return None
    if (mine.setting.version, mine.setting.key) != (theirs.setting.version, theirs.setting.key):
        return None
    key = mine.setting.key
    if mine.setting.value != theirs.setting.value:
        # Whoever came second would undo the first, and neither evidence says which value is right.
        return _Finding("escalate", because("set_differently", setting=key))
    return _Finding("merge" if yields else "independent", because("set_alike", setting=key))


def _same_source(mine: DeclaredPlan, theirs: DeclaredPlan, *, yields: bool) -> _Finding | None:
    if not mine.path or mine.path != theirs.path:
        return None
    if not yields:
        return _Finding("independent", because("ours_first", path=mine.path))
    if mine.change == theirs.change:
        return _Finding("merge", because("same_change", path=mine.path))
    # A patch is proved on what it was written for; after the other one it must be written and proved again.
    if mine.function == theirs.function:
        return _Finding("order", because("theirs_first_in", path=mine.path, function=mine.function))
    return _Finding("order", because("theirs_first", path=mine.path))


def _neighbours(facts: Facts, other: Party, *, yields: bool) -> _Finding:
    mine, theirs = facts.mine.declared, other.declared
    calls_them, calls_us = _calls(mine, theirs), _calls(theirs, mine)
    if not calls_them and not calls_us:
        return _Finding("independent", because("no_neighbour", service=theirs.service, ours=mine.service))
    if theirs.acting:
        relying = because("relying_and_changing", service=theirs.service)
        relied_on = because("relied_on_and_changing", service=theirs.service)
        return _Finding("order", relied_on) if calls_them else _Finding("wait", relying)
    if calls_them and not calls_us and not _leads_back(facts, other):
        # What a service suffers from often comes from below, and is gone once that is mended.
        return _Finding("order", because("mended_first", service=mine.service, first=theirs.service))
    if calls_us and not calls_them and not _leads_back(facts, other):
        return _Finding("independent", because("mended_first", service=theirs.service, first=mine.service))
    if yields:
        return _Finding("order", because("came_first", ours=mine.service, service=theirs.service))
    return _first(other)


def _calls(one: DeclaredPlan, other: DeclaredPlan) -> bool:
    return other.service in one.callees or one.service in other.callers


def _leads_back(facts: Facts, other: Party) -> bool:
    """True when both are on a ring of plans that each let the next one go first; then age must decide."""
    parties = (facts.mine, *facts.others)
    return _reaches(parties, other, facts.mine) and _reaches(parties, facts.mine, other)


def _reaches(parties: tuple[Party, ...], start: Party, goal: Party) -> bool:
    seen, ahead = {start.incident}, [start]
    while ahead:
        here = ahead.pop()
        if here.incident == goal.incident:
            return True
        before = [one for one in parties if one.incident not in seen and _lets(here, one)]
        seen.update(one.incident for one in before)
        ahead.extend(before)
    return False


def _lets(one: Party, other: Party) -> bool:
    """True when `one` lets `other` go first, by what these two have in common alone."""
    mine, theirs = one.declared, other.declared
    calls_them, calls_us = _calls(mine, theirs), _calls(theirs, mine)
    if mine.acting:
        return False
    if mine.service == theirs.service or (mine.path and mine.path == theirs.path) or (calls_them and calls_us):
        return theirs.acting or _age(other) < _age(one)
    return calls_them or (calls_us and theirs.acting)


POLICY = Policy(NAME, VERSION, Facts, Result, judge)
