"""What people say of suspects moves weight and order by a little, and no standing."""

from datetime import UTC, datetime

import pytest

from incident.observed import Observed
from incident.steering import Steering
from policies.suspects import asking, ranking, weighing
from policies.suspects.ranking import Ranked
from tests.unit.policies.suspects.worlds import ONSET, Trouble, config, deploy, more, shop

LINES = (("price", "patience exceeded while asking", 200),)
BROKEN = Trouble(
    fails={"price": 0.2},
    lines=LINES,
    changes=(config("price", "PATIENCE_MS", "300", "3", ONSET - 60), deploy("front", ONSET - 15)),
)
TWO = Trouble(fails={"price": 0.1, "rates": 0.1}, changes=(deploy("price", ONSET + 60), deploy("rates", ONSET - 20)))
GUILTY = ("change", "config PATIENCE_MS", "price")
INNOCENT = ("change", "deploy v2", "front")


def word(said: str, what: str, name: str, service: str = "", by: str = "ada") -> Steering:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return Steering.model_validate(
        {"said": said, "what": what, "name": name, "service": service, "by": by, "os_user": "root", "at": at}
    )


def ranked(observed: Observed, *words: Steering) -> dict[tuple[str, str, str], Ranked]:
    result = ranking.rank(asking.facts(observed, words)).result
    return {(one.suspect.kind, one.suspect.name, one.suspect.service): one for one in result.ranked}


def standings(observed: Observed, *words: Steering) -> dict[tuple[str, str, str], tuple[str, bool]]:
    return {name: (one.standing, one.firm) for name, one in ranked(observed, *words).items()}


@pytest.mark.parametrize(("said", "moved"), [("look", 1), ("doubt", -1)])
def test_a_word_moves_the_weight_by_its_bound_and_is_shown(said: str, moved: int) -> None:
    seen = shop(BROKEN)
    before, after = ranked(seen)[INNOCENT], ranked(seen, word(said, *INNOCENT))[INNOCENT]
    assert after.weight - before.weight == moved * weighing.WEIGHTS["person"]
    assert after.strengths["person"] == moved * 10_000
    assert moved * (after.confidence - before.confidence) >= 0


def test_a_doubt_wins_over_a_look_of_another() -> None:
    told = ranked(shop(BROKEN), word("look", *INNOCENT, by="bob"), word("doubt", *INNOCENT))[INNOCENT]
    assert told.strengths["person"] == -10_000


@pytest.mark.parametrize("trouble", [BROKEN, TWO, Trouble(), more(BROKEN, calls=False)])
def test_no_word_convicts_clears_or_makes_firm(trouble: Trouble) -> None:
    """Every suspect pointed at or doubted, each alone and all others against it: standing and who is told stay."""
    seen = shop(trouble)
    facts = asking.facts(seen)
    before, choice = standings(seen), ranking.rank(facts).choice
    for guilty in before:
        for said, others in (("look", "doubt"), ("doubt", "look")):
            words = tuple(word(said if one == guilty else others, *one) for one in before)
            decision = ranking.rank(asking.facts(seen, words))
            told = sorted(enumerate(decision.result.ranked), key=lambda found: found[0] - found[1].moved)
            assert standings(seen, *words) == before
            assert [one.suspect for _, one in told] == [one.suspect for one in ranking.rank(facts).result.ranked]
            assert decision.choice == choice


def test_of_those_who_are_nearly_as_likely_the_one_comes_first_at_which_a_person_points() -> None:
    seen = shop(Trouble(fails={"price": 0.1}, slow={"rates": (0.15, 300)}))
    first, second, *_ = ranked(seen).values()
    assert first.weight - second.weight < 2 * weighing.WEIGHTS["person"], "control: they are near"
    words = (word("look", "service", second.suspect.name), word("doubt", "service", first.suspect.name))
    assert next(iter(ranked(seen, *words).values())).suspect == second.suspect


def test_nobody_becomes_a_suspect_by_a_word_alone() -> None:
    seen = shop(BROKEN)
    words = (word("look", "service", "ghost"), word("look", "change", "deploy v9", "rates"))
    assert ranked(seen, *words) == ranked(seen)


def test_without_words_the_facts_are_those_of_before() -> None:
    assert "person" not in {one.mechanism for one in asking.facts(shop(BROKEN)).readings}
