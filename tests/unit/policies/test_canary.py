"""The canary's judge, look by look: what it refuses to see, and what it never does."""

from datetime import timedelta

import pytest
from hypothesis import given as examples
from hypothesis import settings
from hypothesis import strategies as st

from incident.evidence import Missing
from incident.rollout import Baseline, Blind, Look
from policies import limits
from policies.rollout import canary
from tests.unit.policies import given
from tests.unit.policies.canaries import (
    BASELINE,
    BLIND_TO_MEMORY,
    LAB,
    STAGES,
    WIDE,
    after,
    begun,
    counts,
    judged,
    look,
)


def test_the_first_look_only_opens_the_books() -> None:
    start = canary.start(given.ONSET, LAB)
    decision = judged(start, look(0, new=400, old=9000))
    assert decision.choice == "hold"
    assert after(decision).products == ()
    assert after(decision).first_in_stage is not None


def test_a_cured_canary_goes_all_the_way() -> None:
    """Deterministic counts: 15 % of the requests are of the failing kind, nothing else fails."""
    memory, weight, choices = canary.start(given.ONSET, LAB), 10, []
    new, old = 0, 2000
    for second in range(60):
        decision = judged(memory, look(second, weight, new, old))
        if decision.choice != "hold":
            choices.append((decision.choice, second))
        if decision.choice == "finish":
            break
        memory = after(decision)
        weight = {"advance": 50, "promote": 100}.get(decision.choice, weight)
        new, old = new + 80 * weight // 100, old + 80 * (100 - weight) // 100
    assert [name for name, _ in choices] == ["advance", "promote", "finish"]
    assert choices[1][1] <= 20


def broken_looks(stage: int) -> dict[str, Look | Blind]:
    """Two seconds of perfect traffic, each spoilt in one way."""
    weight = STAGES[stage]
    good = look(2, **counts(weight, 200))
    return {
        "provider down": Blind(at=given.at(2), missing=Missing(reason="timed out")),
        "stale": good.model_copy(update={"at": given.at(-4)}),
        "from the future": good.model_copy(update={"at": given.at(9)}),
        "another weight": good.model_copy(update={"weight": 20}),
        "negative": look(2, **counts(weight, 200), canary={"errors": -1}),
        "more errors than requests": look(2, **counts(weight, 200), canary={"errors": 10_000}),
        "more slow than requests": look(2, **counts(weight, 200), stable={"slow": 10_000}),
        "another canary": good.model_copy(update={"canary": good.canary.model_copy(update={"version": "v9"})}),
        "another stable": good.model_copy(update={"stable": good.stable.model_copy(update={"version": "v9"})}),
        "split that contradicts the weight": look(
            2, weight, new=2000 if weight < 100 else 0, old=200 if weight < 100 else 2000
        ),
    }


NAMES = sorted(broken_looks(0))


@pytest.mark.parametrize("stage", [0, 1, 2])
@pytest.mark.parametrize("name", NAMES)
def test_a_look_that_cannot_be_used_holds_and_is_counted(stage: int, name: str) -> None:
    memory = begun(stage)
    decision = judged(memory, broken_looks(stage)[name], now=2)
    assert decision.choice == "hold"
    assert decision.verdict.reason.code == "blind"
    assert after(decision) == memory.model_copy(update={"blind": 1, "unsteady": LAB.steady_looks})
    control = judged(memory, look(2, **counts(STAGES[stage], 200)), now=2)
    assert after(control).blind == 0


@pytest.mark.parametrize("stage", [0, 1, 2])
@pytest.mark.parametrize("name", NAMES)
def test_blind_for_too_long_is_rolled_back_and_never_promoted(stage: int, name: str) -> None:
    memory, choices = begun(stage), []
    for _ in range(LAB.max_blind_looks):
        decision = judged(memory, broken_looks(stage)[name], now=2)
        choices.append(decision.choice)
        memory = after(decision)
    assert choices == ["hold"] * (LAB.max_blind_looks - 1) + ["roll_back"]


@pytest.mark.parametrize("name", ["requests", "errors", "signature", "slow"])
@pytest.mark.parametrize("which", ["canary", "stable"])
def test_a_counter_that_goes_backwards_is_blind(which: str, name: str) -> None:
    before = look(1, new=100, old=900, canary={"errors": 5, "signature": 3, "slow": 4}, stable={"slow": 50})
    memory = after(judged(begun(), before))
    seen = getattr(before, which)
    back = seen.model_copy(update={name: getattr(seen, name) - 1})
    spoilt = judged(memory, before.model_copy(update={which: back, "at": given.at(2)}))
    assert given.codes(spoilt.verdict.reason) == {"blind", "counter_backwards"}
    control = judged(memory, before.model_copy(update={"at": given.at(2)}))
    assert "blind" not in given.codes(control.verdict.reason)


def test_a_good_look_forgives_the_blind_ones_before_it() -> None:
    memory = begun().model_copy(update={"blind": LAB.max_blind_looks - 1})
    assert after(judged(memory, look(1, new=8, old=72))).blind == 0


def test_sources_that_flap_are_not_trusted_until_they_have_been_steady() -> None:
    """Every look that could be taken is perfect, and every fourth cannot be taken."""
    memory, choices = begun(1), []
    for second in range(1, 40):
        perfect = look(second, 50, new=100 * second, old=100 * second)
        gone = Blind(at=given.at(second), missing=Missing(reason="timed out"))
        decision = judged(memory, gone if second % 4 == 3 else perfect)
        choices.append(decision.choice)
        memory = after(decision)
    assert set(choices[2:]) == {"hold"}
    steady = [judged(memory, look(40, 50, new=4000, old=4000))]
    for second in range(41, 46):
        steady.append(judged(after(steady[-1]), look(second, 50, new=100 * second, old=100 * second)))
    assert "promote" in [decision.choice for decision in steady]


def test_nothing_is_widened_after_the_deadline() -> None:
    perfect = look(2, new=1000, old=9000)
    assert judged(begun(), perfect).choice == "advance"
    assert judged(begun().model_copy(update={"deadline": given.at(2)}), perfect).choice == "roll_back"


def test_a_blind_look_after_the_deadline_rolls_back_at_once() -> None:
    memory = begun().model_copy(update={"deadline": given.at(2)})
    blind = Blind(at=given.at(2), missing=Missing(reason="timed out"))
    assert judged(memory, blind).choice == "roll_back"


def test_too_little_traffic_holds_however_good_it_looks() -> None:
    few = judged(begun(), look(1, new=LAB.min_requests - 1, old=270))
    assert few.choice == "hold"
    assert few.verdict.reason.code == "too_few_requests"
    enough = judged(begun(), look(1, new=LAB.min_requests, old=270))
    assert enough.verdict.reason.code != "too_few_requests"


def test_full_traffic_is_still_judged_by_the_healthy_rate() -> None:
    memory = begun(2)
    well = judged(memory, look(4, 100, new=320))
    assert well.choice == "finish"
    ill = judged(memory, look(4, 100, new=320, canary={"errors": 40}))
    assert ill.choice == "roll_back"


def test_full_traffic_is_not_left_before_its_dwell() -> None:
    assert judged(begun(2), look(2, 100, new=320)).choice == "hold"


def test_full_traffic_needs_the_kind_to_have_been_seen_on_the_canary() -> None:
    seen = judged(begun(1), look(2, **WIDE, canary={"exposed": 1}), limits=BLIND_TO_MEMORY)
    unseen = judged(begun(1), look(2, **WIDE, canary={"exposed": 0}), limits=BLIND_TO_MEMORY)
    assert (seen.choice, unseen.choice) == ("promote", "hold")
    assert "exposure_not_shown" in given.codes(unseen.verdict.reason)


@pytest.mark.parametrize(
    "baseline",
    [
        BASELINE.model_copy(update={"healthy_requests": 99, "healthy_errors": 0}),
        BASELINE.model_copy(update={"healthy_errors": 300}),
        BASELINE.model_copy(update={"healthy_errors": 4000}),
    ],
    ids=["too little history", "healthy was as bad as the alert", "contradicts itself"],
)
def test_a_canary_that_nothing_could_ever_prove_is_not_kept(baseline: Baseline) -> None:
    assert judged(begun(), look(1, new=8, old=72), baseline=baseline).choice == "roll_back"


def test_the_stage_after_this_one_starts_its_own_clock_and_keeps_the_evidence() -> None:
    decision = judged(begun(), look(2, new=1000, old=9000))
    memory = after(decision)
    assert (decision.choice, memory.stage) == ("advance", 1)
    assert memory.stage_started == given.at(2)
    assert memory.deadline == given.at(2) + timedelta(seconds=LAB.stage_deadline_seconds)
    assert memory.first_in_stage is None
    rebased = after(judged(memory, look(3, 50, new=1040, old=9040)))
    assert rebased.products == memory.products


COUNTS = st.integers(0, 400)


@settings(max_examples=60, deadline=None)
@examples(
    st.lists(
        st.tuples(st.integers(0, 60), st.integers(0, 20), st.integers(0, 20), st.integers(0, 300)),
        min_size=1,
        max_size=25,
    ),
    st.sampled_from([0, 1, 2]),
)
def test_whatever_is_seen_the_memory_survives_json_and_the_stage_moves_only_forward(
    steps: list[tuple[int, int, int, int]], stage: int
) -> None:
    memory, new, old, failed, slow = begun(stage), 0, 0, 0, 0
    for second, (more, bad, late, stable) in enumerate(steps, start=1):
        new, old = new + more, old + stable
        failed, slow = min(new, failed + min(bad, more)), min(new, slow + min(late, more))
        seen = look(second, STAGES[memory.stage], new, old, canary={"errors": failed, "slow": slow})
        decision = judged(memory, seen)
        again = judged(memory, seen)
        assert decision.canonical() == again.canonical()
        assert after(decision).stage in (memory.stage, memory.stage + 1)
        assert (after(decision).stage > memory.stage) is (decision.choice in ("advance", "promote"))
        if decision.choice in ("roll_back", "finish"):
            return
        memory = after(decision)


def test_limits_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="alpha"):
        limits.Canary(alpha=0.0)
