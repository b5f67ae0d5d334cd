"""The canary's judge, look by look: what it refuses to see, and what it never does."""

import itertools
import math
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given as examples
from hypothesis import settings
from hypothesis import strategies as st

from incident.decision import Decision
from incident.evidence import Missing
from incident.rollout import Arm, Baseline, Blind, CanaryMemory, Look
from policies import canary, limits, profiles, questions
from tests.unit.policies import given

LAB = profiles.lab().canary
BASELINE = Baseline(healthy_requests=3000, healthy_errors=9, alert_threshold=0.05, signature_rate=0.15)
STAGES = (10, 50, 100)


def arm(version: str, requests: int, **counts: Any) -> Arm:
    values = {"errors": 0, "signature": 0, "slow": 0, "exposed": requests // 7, "exposed_failed": 0}
    return Arm.model_validate({"version": version, "requests": requests, "memory_bytes": 5e7} | values | counts)


def look(second: float, weight: int = 10, new: int = 0, old: int = 0, **changed: Any) -> Look:
    sick = old * 15 // 100
    arms = {
        "canary": arm("v3", new, **changed.pop("canary", {})),
        "stable": arm("v2", old, **({"errors": sick, "signature": sick} | changed.pop("stable", {}))),
    }
    return Look.model_validate({"at": given.at(second), "weight": weight} | arms | changed)


def judged(memory: CanaryMemory, seen: Look | Blind, now: float | None = None, **changed: Any) -> Decision:
    when = seen.at if now is None else given.at(now)
    facts = {"memory": memory, "look": seen, "baseline": BASELINE, "limits": LAB, "now": when}
    return canary.judge(canary.Facts.model_validate(facts | changed))


def after(decision: Decision) -> CanaryMemory:
    return CanaryMemory.model_validate(decision.data["memory"])


def begun(stage: int = 0) -> CanaryMemory:
    """A memory whose stage has had its first look."""
    start = canary.start(given.ONSET, LAB).model_copy(update={"stage": stage})
    return after(judged(start, look(0, STAGES[stage])))


def counts(weight: int, total: int) -> dict[str, int]:
    return {"weight": weight, "new": total * weight // 100, "old": total - total * weight // 100}


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
    assert decision.reasoning.startswith("blind: ")
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
    assert "backwards" in judged(memory, before.model_copy(update={which: back, "at": given.at(2)})).reasoning
    assert "blind" not in judged(memory, before.model_copy(update={"at": given.at(2)})).reasoning


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
    assert "requests on the canary" in few.reasoning
    enough = judged(begun(), look(1, new=LAB.min_requests, old=270))
    assert "requests on the canary" not in enough.reasoning


@pytest.mark.parametrize(
    ("spoilt", "reason"),
    [
        ({"errors": 60}, "errors of other kinds"),
        ({"errors": 60, "signature": 60}, "more errors than before"),
        ({"slow": 60}, "slow"),
    ],
    ids=["new errors", "the old error", "slow answers"],
)
@pytest.mark.parametrize("stage", [0, 1])
def test_each_question_alone_rolls_back(stage: int, spoilt: dict[str, int], reason: str) -> None:
    traffic = counts(STAGES[stage], 3000 if stage == 0 else 600)
    assert judged(begun(stage), look(2, **traffic)).choice != "roll_back"
    decision = judged(begun(stage), look(2, **traffic, canary=spoilt))
    assert decision.choice == "roll_back"
    assert reason in decision.reasoning


def test_errors_that_stable_has_just_as_often_are_no_reason_to_roll_back() -> None:
    """Two per cent everywhere is inside the margin on the canary, and stable has it too."""
    both = look(2, new=100, old=900, canary={"errors": 1}, stable={"errors": 135 + 9, "signature": 135})
    assert judged(begun(), both).choice != "roll_back"


def test_full_traffic_is_still_judged_by_the_healthy_rate() -> None:
    memory = begun(2)
    well = judged(memory, look(4, 100, new=320))
    assert well.choice == "finish"
    ill = judged(memory, look(4, 100, new=320, canary={"errors": 40}))
    assert ill.choice == "roll_back"


def test_full_traffic_is_not_left_before_its_dwell() -> None:
    assert judged(begun(2), look(2, 100, new=320)).choice == "hold"


BLIND_TO_MEMORY = LAB.model_copy(update={"memory": LAB.memory.model_copy(update={"required": "never"})})
WIDE: dict[str, Any] = {"weight": 50, "new": 1500, "old": 1500}


def test_full_traffic_needs_the_kind_to_have_been_seen_on_the_canary() -> None:
    seen = judged(begun(1), look(2, **WIDE, canary={"exposed": 1}), limits=BLIND_TO_MEMORY)
    unseen = judged(begun(1), look(2, **WIDE, canary={"exposed": 0}), limits=BLIND_TO_MEMORY)
    assert (seen.choice, unseen.choice) == ("promote", "hold")
    assert "failing kind" in unseen.reasoning


def test_a_signature_that_stable_no_longer_shows_proves_nothing() -> None:
    quiet = {"stable": {"errors": 0, "signature": 0}, "canary": {"exposed": None, "exposed_failed": None}}
    decision = judged(begun(1), look(2, 50, new=1500, old=1500, **quiet))
    assert decision.choice == "hold"
    assert "signature" in decision.reasoning


def test_memory_that_nobody_knows_holds_back_full_traffic() -> None:
    known = tuple((float(second - 9), 5e7, 5e7) for second in range(8))
    memory = begun(1).model_copy(update={"memory_trend": known})
    unknown = memory.model_copy(update={"memory_trend": ()})
    assert judged(memory, look(2, **WIDE)).choice == "promote"
    assert "memory" in judged(unknown, look(2, **WIDE)).reasoning
    assert judged(unknown, look(2, **WIDE), limits=BLIND_TO_MEMORY).choice == "promote"


def grown(second: int, **canary: float) -> Look:
    """Perfect traffic in the second stage, with one resource of the canary set."""
    return look(
        second,
        50,
        new=30 * second,
        old=30 * second,
        canary={"exposed": None, "exposed_failed": None} | canary,
        stable={"cpu_ms": 4.0},
    )


@pytest.mark.parametrize(
    ("resource", "start", "step", "reason"),
    [("memory_bytes", 5e7, 4e6, "memory"), ("cpu_ms", 4.0, 3.0, "CPU")],
    ids=["memory", "cpu"],
)
def test_a_resource_that_grows_on_the_canary_alone_is_rolled_back(
    resource: str, start: float, step: float, reason: str
) -> None:
    memory, decision = begun(1), None
    for second in range(1, 12):
        decision = judged(memory, grown(second, **{resource: start + step * second}))
        if decision.choice == "roll_back":
            break
        memory = after(decision)
    assert decision is not None
    assert decision.choice == "roll_back"
    assert reason in decision.reasoning
    # The control: the same looks without the growth.
    memory = begun(1)
    for second in range(1, 12):
        calm = judged(memory, grown(second, **{resource: start}))
        assert calm.choice != "roll_back"
        memory = after(calm)


def test_cpu_that_nobody_knows_holds_back_full_traffic_only_where_it_is_asked_for() -> None:
    asked = BLIND_TO_MEMORY.model_copy(update={"cpu": LAB.cpu.model_copy(update={"required": "always"})})
    assert "CPU" in judged(begun(1), look(2, **WIDE), limits=asked).reasoning
    assert judged(begun(1), look(2, **WIDE), limits=BLIND_TO_MEMORY).choice == "promote"


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


def test_stable_counters_from_long_before_the_canary_change_nothing() -> None:
    """Stable has failed for an hour: its totals are no part of the comparison."""
    start = canary.start(given.ONSET, LAB)
    old_sins = {"errors": 40_000, "signature": 0}
    first = after(judged(start, look(0, new=0, old=100_000, stable=old_sins)))
    second = {"errors": 40_000 + 1350, "signature": 1350}
    decision = judged(first, look(2, new=1000, old=109_000, stable=second))
    assert decision.choice == "advance"


def test_a_log_that_lags_behind_the_router_is_not_an_error_of_another_kind_twice() -> None:
    lagging = look(1, new=100, old=900, stable={"errors": 135, "signature": 130})
    caught_up = look(2, new=200, old=1800, stable={"errors": 270, "signature": 270})
    memory = after(judged(begun(), lagging))
    assert memory.other_seen == (0, 5)
    assert after(judged(memory, caught_up)).other_seen == (0, 5)


COUNTS = st.integers(0, 400)


def test_the_products_of_one_step_are_worked_out_by_hand() -> None:
    """100 requests on the canary with one error, 900 on stable with nothing but the signature."""
    memory = after(judged(begun(), look(2, new=100, old=900, canary={"errors": 1})))
    logs = {product.name: product.log for product in memory.products}
    healthy = 9.5 / 3001
    ceiling, alarm = healthy + 0.025, healthy + 0.0125
    worse = 2 * alarm / (2 * alarm + 1 - alarm)
    q = 0.2 / (0.2 + 0.9)
    split = 0.2 * 0.1 / (0.2 * 0.1 + 0.9)
    assert logs["alarm.other.0"] == pytest.approx(math.log(q / 0.1))
    assert logs["alarm.all.0"] == pytest.approx(math.log(worse / alarm) + 99 * math.log((1 - worse) / (1 - alarm)))
    assert logs["margin.all"] == pytest.approx(
        math.log(healthy / ceiling) + 99 * math.log((1 - healthy) / (1 - ceiling))
    )
    assert logs["cured.split"] == pytest.approx(135 * math.log((1 - split / 40) / (1 - split)))
    assert logs["cured.exposed"] == pytest.approx(14 * math.log((1 - 0.2 / 40) / 0.8))


def test_an_alert_without_an_error_rate_leaves_the_least_margin() -> None:
    bare = BASELINE.model_copy(update={"alert_threshold": None})
    known = questions.standard(bare, LAB)
    assert isinstance(known, questions.Standard)
    assert known.delta == LAB.min_margin
    assert known.ceiling == pytest.approx(9.5 / 3001 + LAB.min_margin)


def test_the_margin_is_half_the_threshold_and_never_above_the_threshold() -> None:
    wide = questions.standard(BASELINE.model_copy(update={"alert_threshold": 0.2}), LAB)
    near = questions.standard(BASELINE.model_copy(update={"alert_threshold": 0.02}), LAB)
    assert isinstance(wide, questions.Standard)
    assert isinstance(near, questions.Standard)
    assert (wide.delta, near.delta, near.ceiling) == (0.1, LAB.min_margin, 0.02)


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


def test_one_error_more_tips_the_verdict() -> None:
    """Two sets of facts that differ in one count and end differently."""
    verdicts = [judged(begun(), look(2, new=100, old=900, canary={"errors": errors})).choice for errors in range(30)]
    tips = [index for index in range(1, 30) if verdicts[index] == "roll_back" and verdicts[index - 1] != "roll_back"]
    assert len(tips) == 1
    assert verdicts[tips[0] :] == ["roll_back"] * (30 - tips[0])


def evidence(decision: Decision) -> dict[str, Any]:
    found = decision.data["evidence"]
    assert isinstance(found, dict)
    return found


def test_the_alarms_together_have_one_alpha() -> None:
    assert sum(questions.SHARES.values()) == pytest.approx(1.0)
    calm = evidence(judged(begun(), look(1, new=8, old=72)))
    assert calm["harm_at_log"] == pytest.approx(math.log(100))
    # Nothing but good answers: together the alarms say less than 1.
    assert calm["harm_log"] < 0.0


def test_two_alarms_together_are_louder_than_one_of_them() -> None:
    new = judged(begun(), look(2, **counts(10, 1000), canary={"errors": 4}))
    old = judged(begun(), look(2, **counts(10, 1000), canary={"errors": 4, "signature": 4}))
    assert evidence(new)["harm_log"] > evidence(old)["harm_log"] + 1.0


def test_it_rolls_back_when_the_mean_reaches_one_over_alpha_and_not_before() -> None:
    seen = []
    for errors, total, same in itertools.product(range(12), range(600, 2400, 200), (0, 1)):
        spoilt = {"errors": errors, "signature": same * errors}
        decision = judged(begun(), look(2, **counts(10, total), canary=spoilt))
        logs = evidence(decision)["alarm_log"]
        mean = sum(share * math.exp(logs[name]) for name, share in questions.SHARES.items())
        assert (decision.choice == "roll_back") is (mean >= 100.0)
        seen.append((mean, max(logs.values())))
    # The control: in some of them one alarm alone stands above what the mean asks for.
    assert any(mean < 100.0 <= math.exp(highest) for mean, highest in seen)


def test_limits_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="alpha"):
        limits.Canary(alpha=0.0)
