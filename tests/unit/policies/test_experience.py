"""What the past says of a remedy, and what it may do: order what fits, and raise the risk."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from incident.decision import SCALE
from incident.ending import Outcome
from incident.evidence import Fact
from incident.past import Memory, Past, Place, Tried, Word
from policies.gates import risk
from policies.remedy import experience, ranking
from tests.unit.policies import given
from tests.unit.policies.given import CONFIG, configured, deployed, dossier, errors, hypothesis
from tests.unit.policies.test_remedies import ranked, why_not
from tests.unit.policies.test_risk import BASE, score, value_of

HERE = Place(exception="TypeError", path="orders/tiers.py", function="tier_of")
PATCHED = Tried(kind="patch", target="orders/tiers.py::tier_of", result="healed")
BACK = Tried(kind="roll_back", target="orders", result="taken_back")


def seen(*tried: Tried, said: str = "", days: int = 1, **more: Any) -> Past:
    """A past incident of the same signature."""
    at = given.ONSET - timedelta(days=days)
    incident = f"inc-{days}"
    word = (
        Word.model_validate({"incident": incident, "verdict": said, "by": "ada", "os_user": "ada", "at": at})
        if said
        else None
    )
    memory = Memory(
        incident=incident,
        world="w",
        service="orders",
        place=more.pop("place", HERE),
        cause=more.pop("cause", "code"),
        tried=tried,
        outcome=Outcome.HEALED,
        opened_at=at,
        ended_at=at,
    )
    return Past(similarity=more.pop("similarity", "same_place"), memory=memory, word=word)


def chosen(*facts: Fact, **changed: Any) -> str:
    return ranked(dossier=dossier(errors(), deployed(), *facts), **changed).choice


def test_without_a_past_the_order_is_as_ever() -> None:
    assert chosen() == "roll_back"


@pytest.mark.parametrize(
    ("pasts", "want"),
    [
        ((seen(PATCHED),), "patch"),
        ((seen(BACK),), "patch"),
        ((seen(Tried(kind="roll_back", target="orders", result="healed"), said="wrong"),), "patch"),
        ((seen(PATCHED, said="wrong"),), "roll_back"),
        ((seen(PATCHED, days=2), seen(PATCHED.model_copy(update={"result": "taken_back"}), days=1)), "roll_back"),
        ((seen(PATCHED, days=1), seen(PATCHED, said="wrong", days=9)), "roll_back"),
        ((seen(Tried(kind="patch", target="orders/tiers.py::other", result="healed")),), "roll_back"),
        ((seen(PATCHED, similarity="same_cause_here"),), "roll_back"),
        ((seen(PATCHED, similarity="same_cause_elsewhere"),), "roll_back"),
        ((seen(Tried(kind="roll_back", target="storefront", result="taken_back")),), "roll_back"),
        ((seen(Tried(kind="restart", target="orders", result="healed")),), "roll_back"),
        ((seen(PATCHED.model_copy(update={"result": "refused"})),), "roll_back"),
    ],
    ids=[
        "a patch healed it",
        "a roll back was taken back",
        "a person called the roll back wrong",
        "a person called the patch wrong",
        "the later ending counts",
        "a person counts before a later ending",
        "another function was patched",
        "another place",
        "another service",
        "another service was rolled back",
        "what does not fit is praised",
        "the patch never ran",
    ],
)
def test_one_fact_of_the_past_changes_the_order(pasts: tuple[Past, ...], want: str) -> None:
    assert chosen(*pasts) == want


def test_the_reason_says_what_the_past_changed() -> None:
    decision = ranked(dossier=dossier(errors(), deployed(), seen(PATCHED)))
    assert decision.verdict.reason.code == "past_decides"
    assert given.codes(decision.verdict.reason) == {"past_decides", "defect_reproduced", "healed_before"}
    assert why_not(decision, "roll_back") == "another_comes_first"
    decision = ranked(dossier=dossier(errors(), deployed(), seen(BACK)))
    back = next(item for item in decision.alternatives if item.name == "roll_back")
    assert back.cons[-1].code == "taken_back_before"


def test_a_setting_is_known_by_service_and_name() -> None:
    """Where no error has a place in the source, service and kind of cause are the signature."""
    past = seen(
        Tried(kind="revert_config", target="orders: TIMEOUT_MS", result="taken_back"),
        place=Place(),
        cause="config",
        similarity="same_cause_here",
    )
    blamed = hypothesis(CONFIG)
    assert experience.of("revert_config", blamed, dossier(configured(), past)).credit == -1
    assert experience.of("revert_config", blamed, dossier(configured(), errors(), past)).credit == 0


pasts = st.lists(
    st.builds(
        seen,
        st.builds(
            Tried,
            kind=st.sampled_from(ranking.ORDER),
            target=st.sampled_from(["orders", PATCHED.target, "orders: TIMEOUT_MS", "payments"]),
            result=st.sampled_from(["healed", "taken_back", "refused", "left"]),
        ),
        said=st.sampled_from(["", "right", "wrong"]),
        days=st.integers(1, 999),
        similarity=st.sampled_from(["same_place", "same_cause_here", "same_cause_elsewhere"]),
    ),
    max_size=5,
)


@drawn(pasts, st.sampled_from([(), (deployed(),), (configured(),)]), st.booleans())
def test_no_past_makes_a_remedy_fit_or_changes_what_one_does(
    found: list[Past], more: tuple[Fact, ...], fails: bool
) -> None:
    """Whatever is remembered: what is chosen fits without it, with the same target, and a person is asked as ever."""
    plain = ranked(dossier=dossier(errors(), *more), reproduction=fails)
    fitting = {one.name.removesuffix("_fits"): one for one in plain.constraints if one.held}
    decision = ranked(dossier=dossier(errors(), *more, *found), reproduction=fails)
    assert decision.choice in fitting
    assert (decision.choice == "ask_human") is (plain.choice == "ask_human")
    assert decision.constraints == plain.constraints
    if decision.choice == plain.choice:
        assert decision.result == plain.result


def test_a_remedy_that_failed_here_before_raises_the_risk_and_nothing_lowers_it() -> None:
    assert value_of("recent_failures", failed_before=1) == SCALE
    assert score(failed_before=1) > score()
    assert value_of("recent_failures", failed_before=None) == SCALE
    told = experience.of("patch", hypothesis(), dossier(errors(), seen(PATCHED), seen(PATCHED, said="wrong", days=2)))
    assert told.failed == 1
    assert experience.of("patch", hypothesis(), dossier(errors(), seen(PATCHED, said="right"))).failed == 0


@drawn(st.one_of(st.none(), st.integers(0, 9)), st.one_of(st.none(), st.integers(0, 9)))
def test_the_past_only_ever_adds_to_the_risk(lately: int | None, before: int | None) -> None:
    assert score(recent_failures=lately, failed_before=before) >= score(recent_failures=lately)


def test_a_record_of_before_is_encoded_as_it_was() -> None:
    assert "failed_before" not in risk.Facts.model_validate(BASE).model_dump(mode="json")
