"""The ranked list: who is first, how sure it is, and when it is nobody."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incident.observed import Observed
from policies.suspects import asking, ranking
from policies.suspects.ranking import Result
from policies.suspects.scores import Suspect
from tests.unit.policies.suspects.worlds import CHAIN, ONSET, Trouble, config, deploy, more, recorded, renamed, shop

PATIENCE = (("price", "patience exceeded while asking", 200),)
BROKEN = Trouble(fails={"price": 0.2})


def ranked(observed: Observed) -> Result:
    return ranking.rank(asking.facts(observed)).result


def first(trouble: Trouble) -> tuple[str, str, str]:
    one = ranked(shop(trouble)).ranked[0]
    return one.suspect.kind, one.suspect.name, one.standing


@pytest.mark.parametrize(
    ("trouble", "expected"),
    [
        pytest.param(BROKEN, ("service", "price", "convicted"), id="a service fails"),
        pytest.param(Trouble(slow={"rates": (0.15, 800)}), ("service", "rates", "convicted"), id="a callee is slow"),
        pytest.param(Trouble(silent=("rates",)), ("service", "rates", "convicted"), id="a callee is gone"),
        pytest.param(
            Trouble(fails={"price": 0.2}, lines=PATIENCE, changes=(config("price", "PATIENCE_MS", "300", "3"),)),
            ("change", "config PATIENCE_MS", "convicted"),
            id="a setting was changed",
        ),
        pytest.param(
            Trouble(load=3.0, slow={"cart": (0.6, 300)}, fails={"cart": 0.1}),
            ("outside", "load", "convicted"),
            id="load stepped first",
        ),
    ],
)
def test_the_cause_is_first(trouble: Trouble, expected: tuple[str, str, str]) -> None:
    assert first(trouble) == expected


def test_nobody_is_accused_of_a_quiet_world() -> None:
    decided = ranking.rank(asking.facts(shop()))
    assert (decided.choice, decided.verdict.kind) == ("nobody", "hold")
    assert decided.result.nobody > 9_000


def test_a_later_and_nearer_change_of_another_service_is_not_taken_for_the_guilty_one() -> None:
    both = (config("price", "PATIENCE_MS", "300", "3", ONSET - 60), deploy("front", ONSET - 5))
    told = ranked(shop(Trouble(fails={"price": 0.2}, lines=PATIENCE, changes=both))).ranked
    assert told[0].suspect.name == "config PATIENCE_MS"
    assert [one.standing for one in told if one.suspect.name == "deploy v2"] == ["suspected"]


def test_time_alone_convicts_no_change() -> None:
    told = ranked(shop(Trouble(calls=False, lines=(("front", "odd", 60),), changes=(deploy("rates", ONSET - 5),))))
    assert [one.standing for one in told.ranked if one.suspect.kind == "change"] == ["suspected"]


@pytest.mark.parametrize(
    ("at", "standing"), [(ONSET - 20, "convicted"), (ONSET + 60, "cleared"), (ONSET - 1500, "cleared")]
)
def test_a_change_of_the_failing_service_is_convicted_only_by_its_time(at: float, standing: str) -> None:
    told = ranked(shop(more(BROKEN, changes=(deploy("price", at),)))).ranked
    assert [one.standing for one in told if one.suspect.kind == "change"] == [standing]


@pytest.mark.parametrize(("patch", "standing"), [("+ ask(patience)\n", "suspected"), ("+ ask(colour)\n", "cleared")])
def test_words_keep_a_change_that_waited_among_the_suspects_and_do_not_convict_it(patch: str, standing: str) -> None:
    """Whoever can write a log line can write the words of an old change."""
    told = ranked(shop(more(BROKEN, lines=PATIENCE, changes=(deploy("price", ONSET - 1500, patch=patch),)))).ranked
    assert [one.standing for one in told if one.suspect.kind == "change"] == [standing]
    assert told[0].suspect.kind == "service"


def test_an_innocent_release_is_cleared_when_the_failing_kind_of_requests_is_new() -> None:
    kind = recorded("price", ("body.a|form|instant",), ("body.a|form|date",))
    told = ranked(shop(more(BROKEN, changes=(deploy("price"),), requests=(kind,)))).ranked
    assert [one.standing for one in told if one.suspect.kind == "change"] == ["cleared"]
    assert told[0].suspect.kind == "service"


def test_the_choice_is_the_same_under_other_names() -> None:
    """Permuting names changes nothing but names."""
    seen = shop(Trouble(fails={"price": 0.2}, slow={"cart": (0.1, 50)}))
    names = dict(zip(CHAIN, ("rates", "front", "cart", "price"), strict=True))
    before, after = ranked(seen), ranked(renamed(seen, names))
    assert [(names.get(one.suspect.name), one.weight, one.confidence) for one in before.ranked] == [
        (one.suspect.name, one.weight, one.confidence) for one in after.ranked
    ]


def test_a_decision_replays_from_its_facts() -> None:
    facts = asking.facts(shop(more(BROKEN, changes=(deploy("price"),))))
    again = ranking.Facts.model_validate_json(facts.canonical())
    assert ranking.rank(again).canonical() == ranking.rank(facts).canonical()
    assert len(facts.canonical()) < 20_000


WEIGHTS = st.dictionaries(
    st.sampled_from([Suspect(kind="service", name=name, service=name) for name in "abcd"])
    | st.sampled_from([Suspect(kind="change", name=f"deploy v{n}", service="ab"[n % 2], at=float(n)) for n in range(4)])
    | st.sampled_from([Suspect(kind="outside", name="load"), Suspect(kind="outside", name="quota")]),
    st.integers(-50_000, 200_000),
    max_size=8,
)


@settings(deadline=None)
@given(weights=WEIGHTS, bound=st.integers(0, 100_000))
def test_confidences_of_what_excludes_each_other_add_up_to_one(weights: dict[Suspect, int], bound: int) -> None:
    shares, nobody = ranking.confidences(weights, bound)
    accused = {one.name for one in weights if one.kind == "service"}
    apart = [share for one, share in shares.items() if one.kind == "service" or one.service not in accused]
    assert sum(apart) + nobody == pytest.approx(10_000, abs=len(apart) + 1)


@settings(deadline=None)
@given(weights=WEIGHTS, bound=st.integers(0, 100_000))
def test_no_confidence_is_above_what_the_worlds_that_it_was_set_on_bear_out(
    weights: dict[Suspect, int], bound: int
) -> None:
    shares, nobody = ranking.confidences(weights, bound)
    assert all(share <= ranking.SUREST for share in shares.values())
    assert nobody >= 10_000 - ranking.SUREST


@settings(deadline=None)
@given(weights=WEIGHTS, bound=st.integers(0, 100_000), added=st.integers(0, 50_000))
def test_more_evidence_never_lowers_a_confidence(weights: dict[Suspect, int], bound: int, added: int) -> None:
    before, _ = ranking.confidences(weights, bound)
    for one, weight in weights.items():
        after, _ = ranking.confidences({**weights, one: weight + added}, bound)
        assert after[one] >= before[one]


def test_what_a_victim_shows_as_well_convicts_no_change_of_it() -> None:
    """Without traces the alert's own service is as loud as the culprit, and its release came shortly before."""
    trouble = Trouble(calls=False, fails={"price": 0.3}, lines=(("front", "cannot answer", 60),))
    told = ranked(shop(more(trouble, changes=(deploy("front", ONSET - 10),)))).ranked
    assert {one.standing for one in told if one.suspect.kind == "change"} == {"suspected"}
    assert told[0].suspect.kind == "service"


def test_what_victims_show_as_well_convicts_no_service(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without traces a service that is loud and complained of may be a victim of somebody who is not heard."""
    # A bar that it would clear.
    monkeypatch.setattr(ranking, "CONVICTS", 8_000)
    lines = (("price", "cannot answer", 200), ("cart", "no answer from price", 200), ("front", "cart failed", 200))
    told = ranked(shop(Trouble(calls=False, fails={"price": 0.5}, lines=lines)))
    assert told.ranked[0].confidence > ranking.CONVICTS
    assert {one.standing for one in told.ranked} == {"suspected"}
    moved = Trouble(calls=False, fails={"price": 0.5}, lines=lines, moved={("price", "cpu_seconds"): 9.0})
    assert ranked(shop(moved)).ranked[0].standing == "convicted", "control: with a series of its own it is"
