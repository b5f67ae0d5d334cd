"""The search keeps every round, comes back to the earlier ones, and never goes the same way twice."""

from typing import Any

from hypothesis import given as examples
from hypothesis import strategies as st

from incident.decision import because
from incident.diagnosis import Hypothesis, UnknownCause
from incident.ending import Outcome
from incident.search import Setback, Strike
from policies import limits
from policies.diagnosis import search
from tests.unit.policies import given

LIMITS = limits.Retry()
WHY = because("none_mends", count=2, checks=("fixed",))
KNOWN = ("edge", "orders", "stock")


def code(service: str = "orders") -> Hypothesis:
    return given.hypothesis(service=service)


def blames(service: str) -> Hypothesis:
    return given.hypothesis().model_copy(update={"service": service, "cause": UnknownCause(reason="begins there")})


def looked(service: str, *hypotheses: Hypothesis, struck: tuple[int, ...] = (), kind: str = "failed") -> search.Looked:
    strikes = tuple(Strike.model_validate({"hypothesis": index, "kind": kind, "why": WHY}) for index in struck)
    return search.Looked(service=service, hypotheses=hypotheses, strikes=strikes)


def setback(outcome: Outcome = Outcome.ESCALATED) -> Setback:
    return Setback(service="orders", remedy="patch", outcome=outcome, why=WHY)


def step(*rounds: search.Looked, **changed: Any) -> tuple[str, int, int, str]:
    decision = search.next(search.Facts.model_validate({"rounds": rounds, "known": KNOWN, "limits": LIMITS} | changed))
    result = decision.result
    return decision.choice, result.round, result.hypothesis, result.service


def ending(*rounds: search.Looked, **changed: Any) -> tuple[str, Outcome]:
    decision = search.next(search.Facts.model_validate({"rounds": rounds, "known": KNOWN, "limits": LIMITS} | changed))
    assert decision.choice == "end"
    return decision.verdict.reason.code, decision.result.outcome


def test_the_leading_hypothesis_is_followed() -> None:
    assert step(looked("orders", code(), code())) == ("follow", 0, 0, "orders")


def test_after_a_strike_the_next_one_is_followed() -> None:
    assert step(looked("orders", code(), code(), struck=(0,)), setbacks=(setback(),)) == ("follow", 0, 1, "orders")


def test_another_service_that_is_blamed_is_looked_at() -> None:
    assert step(looked("orders", blames("stock"), code())) == ("look", 0, 0, "stock")


def test_when_the_other_service_knows_no_cause_the_search_comes_back() -> None:
    rounds = (looked("orders", blames("stock"), code()), looked("stock", blames("stock")))
    assert step(*rounds) == ("follow", 0, 1, "orders")


def test_what_the_other_service_knows_comes_first() -> None:
    rounds = (looked("orders", blames("stock"), code()), looked("stock", code("stock")))
    assert step(*rounds) == ("follow", 1, 0, "stock")


def test_two_services_that_blame_each_other_end_it() -> None:
    rounds = (looked("orders", blames("stock")), looked("stock", blames("orders")))
    assert step(*rounds)[0] == "end"


def test_without_a_cause_the_search_goes_back_along_the_failing_path() -> None:
    assert step(looked("stock", blames("stock")), path=("stock", "orders", "edge"))[3] == "orders"


def test_a_cause_without_a_remedy_sends_nobody_to_the_callers() -> None:
    """They pass the failures on; a change of theirs would be blamed in place of what was found."""
    spent = looked("orders", code(), struck=(0,))
    assert ending(spent, path=("orders", "edge"), setbacks=(setback(),))[0] == "nothing_helped"


def test_what_is_less_credible_than_not_to_know_is_not_followed() -> None:
    assert ending(looked("orders", blames("orders"), code()))[0] == "does_not_know"


def test_a_service_that_nobody_knows_is_not_looked_at() -> None:
    assert step(looked("orders", blames("ghost"), code())) == ("follow", 0, 1, "orders")


def test_what_could_not_be_tested_is_named_and_not_followed() -> None:
    rounds = looked("orders", code(), struck=(0,), kind="untested")
    assert ending(rounds) == ("only_suspected", Outcome.ESCALATED)


def test_a_service_that_was_looked_at_again_is_known_by_its_last_round() -> None:
    rounds = (looked("orders", code(), code()), looked("orders", code()))
    assert step(*rounds) == ("follow", 1, 0, "orders")


def test_the_last_investigation_is_followed_by_no_other() -> None:
    rounds = tuple(looked(name, blames(name)) for name in ("a", "b", "c"))
    assert ending(*rounds, known=(*KNOWN, "d"), path=("d",))[0] == "does_not_know"
    assert step(*rounds[:2], known=(*KNOWN, "d"), path=("d",))[0] == "look"


def test_the_bounds_end_what_could_go_on() -> None:
    more = looked("orders", code(), code())
    assert step(more, setbacks=(setback(),) * (LIMITS.max_remedies - 1))[0] == "follow"
    assert ending(more, setbacks=(setback(),) * LIMITS.max_remedies)[0] == "nothing_helped"
    late = LIMITS.search_seconds
    assert ending(more, setbacks=(setback(),), seconds=late)[0] == "nothing_helped"
    assert step(more, seconds=late)[0] == "follow"


def test_a_change_that_was_taken_back_is_the_ending_and_refusals_alone_are_a_refusal() -> None:
    spent = looked("orders", code(), struck=(0,))
    ends = {
        (Outcome.ROLLED_BACK, Outcome.ESCALATED): Outcome.ROLLED_BACK,
        (Outcome.REJECTED, Outcome.REJECTED): Outcome.REJECTED,
        (Outcome.REJECTED, Outcome.ESCALATED): Outcome.ESCALATED,
    }
    for tried, outcome in ends.items():
        assert ending(spent, setbacks=tuple(map(setback, tried))) == ("nothing_helped", outcome)


def test_what_leads_stands_or_was_followed_in_vain() -> None:
    """First what stands in the newest round, then the first cause whose remedy failed, and nothing that was disproved."""
    failed, newer = looked("orders", code(), code(), struck=(1,)), looked("stock", code("stock"))
    assert search.leading((failed, newer)) == (1, 0)
    assert search.leading((failed, looked("stock", blames("stock")))) == (0, 0)
    assert search.leading((looked("orders", blames("stock"), code(), struck=(1,)),)) == (0, 1)
    assert search.leading((looked("orders", code(), struck=(0,), kind="disproved"),)) is None
    assert search.leading((looked("orders", blames("orders"), code()),)) is None


HYPOTHESES = st.lists(st.sampled_from([code(), code("stock"), *map(blames, KNOWN)]), max_size=4)


@examples(st.data())
def test_the_search_always_ends_and_takes_no_step_twice(data: st.DataObject) -> None:
    """Whatever is found and struck: no hypothesis is followed twice, and no service is looked at twice."""
    rounds: list[search.Looked] = []
    setbacks: list[Setback] = []
    path = tuple(data.draw(st.permutations(KNOWN)))
    taken: list[tuple[str, int, int, str]] = [("look", -1, -1, path[0])]
    while taken[-1][0] != "end":
        choice, number, index, service = taken[-1]
        if choice == "look":
            rounds.append(looked(service, *data.draw(HYPOTHESES)))
        else:
            strike = Strike(hypothesis=index, kind="failed", why=WHY)
            rounds[number] = rounds[number].model_copy(update={"strikes": (*rounds[number].strikes, strike)})
            setbacks.append(setback())
        taken.append(step(*rounds, setbacks=tuple(setbacks), path=path))
        assert taken.count(taken[-1]) == 1
    assert len({item.service for item in rounds}) == len(rounds) <= LIMITS.max_rounds
    assert len(setbacks) <= LIMITS.max_remedies
