"""What people say is weighed: it turns the search and the list, and nothing that it leads to is changed without them."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given as examples
from hypothesis import settings
from hypothesis import strategies as st

from incident.decision import because
from incident.diagnosis import Cause, Hypothesis, UnknownCause
from incident.ending import Outcome
from incident.evidence import Dossier
from incident.remedy import Remedy, Restart, RevertConfig, RollBack
from incident.search import Setback, Strike
from incident.steering import Steering, standing
from policies import limits
from policies.diagnosis import doubts, search, support
from policies.gates import evidence_gate
from tests.unit.policies import given

LIMITS = limits.Retry()
WHY = because("none_mends", count=2, checks=("fixed",))
KNOWN = ("edge", "orders", "stock", "rates")


def word(said: str, name: str, service: str = "", by: str = "ada", at: float = 0.0) -> Steering:
    what = "change" if service else "service"
    return Steering.model_validate(
        {"said": said, "what": what, "name": name, "service": service, "by": by, "os_user": "root", "at": given.at(at)}
    )


def blames(service: str, cause: Cause = given.CODE) -> Hypothesis:
    return given.hypothesis().model_copy(update={"service": service, "cause": cause})


def elsewhere(service: str) -> Hypothesis:
    return blames(service, UnknownCause(reason="begins there"))


def looked(service: str, *hypotheses: Hypothesis, **changed: Any) -> search.Looked:
    return search.Looked.model_validate({"service": service, "hypotheses": hypotheses} | changed)


def step(*rounds: search.Looked, words: tuple[Steering, ...] = (), **changed: Any) -> tuple[str, str, int, bool]:
    facts = {"rounds": rounds, "words": words, "known": KNOWN, "limits": LIMITS}
    decision = search.next(search.Facts.model_validate(facts | changed))
    result = decision.result
    return decision.choice, result.service, result.hypothesis, result.steered


ORDERS = looked("orders", blames("orders"), blames("orders"))


def test_where_a_person_points_is_looked_at_next_once_and_then_the_search_goes_on_as_before() -> None:
    words = (word("look", "stock"),)
    assert step(ORDERS, words=words) == ("look", "stock", -1, True)
    there = looked("stock", elsewhere("stock"), steered=True)
    assert step(ORDERS, there, words=words) == ("follow", "orders", 0, False)


def test_where_a_change_was_made_to_is_looked_at() -> None:
    assert step(ORDERS, words=(word("look", "deploy v2", "stock"),)) == ("look", "stock", -1, True)


def test_what_the_search_would_have_done_anyway_is_not_marked() -> None:
    blamed = looked("orders", elsewhere("stock"), blames("orders"))
    assert step(blamed, words=(word("look", "stock"),)) == ("look", "stock", -1, False)
    assert step(blamed, looked("stock", blames("stock")), words=(word("look", "stock"),))[3] is False


def test_what_a_look_finds_is_followed_and_marked() -> None:
    there = looked("stock", blames("stock"), steered=True)
    assert step(ORDERS, there, words=(word("look", "stock"),)) == ("follow", "stock", 0, True)


def test_what_follows_from_a_marked_round_is_marked_as_well() -> None:
    there = looked("stock", elsewhere("rates"), steered=True)
    assert step(ORDERS, there, words=(word("look", "stock"),)) == ("look", "rates", 0, True)


def test_nobody_is_looked_at_whom_the_world_does_not_know_or_beyond_the_bound() -> None:
    assert step(ORDERS, words=(word("look", "ghost"),))[:2] == ("follow", "orders")
    bound = LIMITS.model_copy(update={"max_rounds": 1})
    assert step(ORDERS, words=(word("look", "stock"),), limits=bound)[:2] == ("follow", "orders")


DEPLOY, CODE = blames("orders", given.DEPLOY), blames("orders", given.CODE)
RELEASE = word("doubt", "deploy v2", "orders")


def test_what_a_person_doubts_is_followed_last() -> None:
    both = looked("orders", DEPLOY, CODE)
    assert step(both) == ("follow", "orders", 0, False)
    assert step(both, words=(RELEASE,)) == ("follow", "orders", 1, True)
    alone = looked("orders", DEPLOY, elsewhere("stock"))
    assert step(alone, words=(RELEASE,))[:2] == ("look", "stock")
    left = search.next(search.Facts(rounds=(looked("orders", DEPLOY),), words=(RELEASE,), known=KNOWN, limits=LIMITS))
    assert (left.choice, left.verdict.reason.code) == ("follow", "doubted_and_left")
    assert left.result.steered is False


def test_facts_and_results_without_words_are_encoded_as_before() -> None:
    facts = search.Facts(rounds=(ORDERS,), limits=LIMITS)
    told = facts.canonical() + search.next(facts).canonical()
    assert b"words" not in told
    assert b"steered" not in told


@pytest.mark.parametrize(
    ("said", "hypothesis", "doubted"),
    [
        (RELEASE, DEPLOY, True),
        (RELEASE, CODE, False),
        (word("doubt", "deploy v3", "orders"), DEPLOY, False),
        (word("doubt", "deploy v2", "stock"), DEPLOY, False),
        (word("doubt", "config TIMEOUT_MS", "orders"), blames("orders", given.CONFIG), True),
        (word("doubt", "orders"), DEPLOY, True),
        (word("doubt", "stock"), DEPLOY, False),
        (word("doubt", "rates.example:443"), blames("orders", given.DEPENDENCY), True),
        (word("look", "orders"), DEPLOY, False),
    ],
)
def test_a_doubt_is_about_a_service_a_host_or_a_change(said: Steering, hypothesis: Hypothesis, doubted: bool) -> None:
    assert bool(doubts.of(hypothesis, (said,))) is doubted


@pytest.mark.parametrize(
    ("remedy", "said"),
    [
        (RollBack(service="orders", from_version="v2", to_version="v1"), RELEASE),
        (
            RevertConfig(service="orders", version="v2", key="TIMEOUT_MS", now="5", back_to="500"),
            word("doubt", "config TIMEOUT_MS", "orders"),
        ),
        (Restart(service="orders", version="v2"), word("doubt", "orders")),
    ],
)
def test_a_doubt_holds_what_would_be_changed_whatever_is_blamed(remedy: Remedy, said: Steering) -> None:
    assert doubts.about(remedy, (said,)) == (said,)
    assert doubts.about(remedy, (said.model_copy(update={"name": "other"}),)) == ()


def test_of_one_person_the_last_word_about_one_thing_stands_and_nobody_lifts_anothers() -> None:
    hers, later = word("doubt", "stock"), word("look", "stock", at=5.0)
    his = word("look", "stock", by="bob", at=9.0)
    assert standing((hers, his)) == (hers, his)
    assert standing((hers, his, later)) == (later, his)


def test_a_word_supports_no_cause_and_is_no_kind_of_evidence() -> None:
    said = (word("look", "orders"), word("look", "deploy v2", "orders"), word("look", "config TIMEOUT_MS", "orders"))
    for cause in (given.CODE, given.DEPLOY, given.CONFIG, given.DEPENDENCY):
        assert not any(support.supports(blames("orders", cause), one) for one in said)
    bare, told = given.dossier(given.errors(), given.deployed()), given.dossier(given.errors(), given.deployed(), *said)

    def judged(dossier: Dossier) -> bytes:
        facts = evidence_gate.Facts(hypothesis=given.hypothesis(), dossier=dossier, disproof=given.PASSED)
        return evidence_gate.judge(facts).canonical()

    assert judged(told) == judged(bare)


# Whatever people say, what is changed without them is what would have been changed without their words.

HYPOTHESES = (
    *(blames(name) for name in KNOWN),
    *(blames(name, given.DEPLOY) for name in KNOWN),
    *(elsewhere(name) for name in KNOWN),
)
WORDS = st.builds(
    word,
    st.sampled_from(("look", "doubt")),
    st.sampled_from((*KNOWN, "deploy v2")),
    st.sampled_from(("", *KNOWN)),
    st.sampled_from(("ada", "bob")),
    st.integers(0, 9).map(float),
)
FOUND = st.fixed_dictionaries({name: st.lists(st.sampled_from(HYPOTHESES), max_size=3) for name in (*KNOWN, "ranked")})


class Played:
    """One incident whose services show the same whenever they are looked at; a change helps or not, and is noted."""

    def __init__(
        self,
        found: Mapping[str, list[Hypothesis]],
        path: tuple[str, ...],
        helps: Callable[[Hypothesis], bool],
        *,
        thin: bool = False,
    ) -> None:
        self.found, self.path, self.thin, self.helps = found, path, thin, helps
        self.alone: list[Hypothesis] = []
        """What was changed without a person."""

    def run(
        self,
        said: Callable[[int], tuple[Steering, ...]] = lambda _: (),
        lets: Callable[[int], bool] = lambda _: True,
        *,
        guard: bool = True,
    ) -> list[Hypothesis]:
        """Drive the search; `said` gives the words at each step, `lets` a person's answers."""
        rounds: list[search.Looked] = [self._round(self.path[0], self.found[self.path[0]])]
        setbacks: list[Setback] = []
        unranked = True
        for turn in range(40):
            words = standing(said(turn))
            facts = search.Facts(
                rounds=tuple(rounds), setbacks=tuple(setbacks), path=self.path, known=KNOWN, unranked=unranked,
                words=words, limits=LIMITS,
            )  # fmt: skip
            decision = search.next(facts)
            result = decision.result
            match decision.choice:
                case "end":
                    break
                case "look":
                    rounds.append(self._round(result.service, self.found[result.service], steered=result.steered))
                case "widen":
                    unranked = False
                    rounds.append(self._round(result.service, self.found["ranked"], steered=result.steered))
                case "follow":
                    followed = rounds[result.round].hypotheses[result.hypothesis]
                    held = bool(doubts.of(followed, words)) or result.steered
                    if not (held and guard):
                        self.alone.append(followed)
                    elif not lets(turn):
                        break
                    if self.helps(followed):
                        break
                    strike = Strike(hypothesis=result.hypothesis, kind="failed", why=WHY)
                    known = rounds[result.round]
                    rounds[result.round] = known.model_copy(update={"strikes": (*known.strikes, strike)})
                    setbacks.append(
                        Setback(
                            service=followed.service, remedy="patch", outcome=Outcome.ROLLED_BACK, why=WHY,
                            steered=result.steered,
                        )
                    )  # fmt: skip
        return self.alone

    def _round(self, service: str, found: list[Hypothesis], *, steered: bool = False) -> search.Looked:
        thin = tuple(range(len(found))) if self.thin else ()
        return search.Looked(service=service, hypotheses=tuple(found), thin=thin, steered=steered)


@settings(deadline=None, max_examples=400)
@examples(
    found=FOUND,
    path=st.permutations(KNOWN),
    thin=st.booleans(),
    good=st.sets(st.integers(0, len(HYPOTHESES) - 1)),
    words=st.lists(WORDS, max_size=6),
    when=st.lists(st.integers(0, 6), min_size=6, max_size=6),
    answers=st.lists(st.booleans(), min_size=40, max_size=40),
)
def test_whatever_people_say_only_what_would_have_been_changed_anyway_is_changed_without_them(
    found: dict[str, list[Hypothesis]],
    path: list[str],
    thin: bool,
    good: set[int],
    words: list[Steering],
    when: list[int],
    answers: list[bool],
) -> None:
    def helps(one: Hypothesis) -> bool:
        return HYPOTHESES.index(one) in good

    def said(turn: int) -> tuple[Steering, ...]:
        return tuple(one for one, at in zip(words, when, strict=True) if at <= turn)

    words += [word("look", "ghost")] * (6 - len(words))
    unsteered = Played(found, tuple(path), helps, thin=thin).run()
    steered = Played(found, tuple(path), helps, thin=thin).run(said, lambda turn: answers[turn])
    assert all(one in unsteered for one in steered)


def test_control_without_the_gate_a_person_gets_the_innocent_changed() -> None:
    found: dict[str, list[Hypothesis]] = {name: [] for name in (*KNOWN, "ranked")}
    found |= {"orders": [blames("orders")], "rates": [blames("rates", given.DEPLOY)]}
    world = (found, ("orders", "edge"), lambda one: one.service == "orders")
    words = (word("look", "rates"),)
    assert Played(*world).run(lambda _: words, guard=False) == [blames("rates", given.DEPLOY), blames("orders")]
    assert Played(*world).run(lambda _: words, lambda _: False) == []
    assert Played(*world).run(lambda _: words) == [blames("orders")]
    assert Played(*world).run() == [blames("orders")]
