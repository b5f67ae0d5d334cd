"""What counts for and against a canary: each question, their one alpha, and what it needs ever more of."""

import itertools
import math

import pytest

from incident.decision import because
from incident.rollout import Look, Product
from policies.rollout import canary, questions
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
    evidence,
    judged,
    look,
)


@pytest.mark.parametrize(
    ("spoilt", "reason"),
    [
        ({"errors": 60}, "other_errors_rose"),
        ({"errors": 60, "signature": 60}, "more_errors_than_before"),
        ({"slow": 60}, "more_slow_answers"),
    ],
    ids=["new errors", "the old error", "slow answers"],
)
@pytest.mark.parametrize("stage", [0, 1])
def test_each_question_alone_rolls_back(stage: int, spoilt: dict[str, int], reason: str) -> None:
    traffic = counts(STAGES[stage], 3000 if stage == 0 else 600)
    assert judged(begun(stage), look(2, **traffic)).choice != "roll_back"
    decision = judged(begun(stage), look(2, **traffic, canary=spoilt))
    assert decision.choice == "roll_back"
    assert reason in given.codes(decision.verdict.reason)


def test_errors_that_stable_has_just_as_often_are_no_reason_to_roll_back() -> None:
    """Two per cent everywhere is inside the margin on the canary, and stable has it too."""
    both = look(2, new=100, old=900, canary={"errors": 1}, stable={"errors": 135 + 9, "signature": 135})
    assert judged(begun(), both).choice != "roll_back"


def test_a_signature_that_stable_no_longer_shows_proves_nothing() -> None:
    quiet = {"stable": {"errors": 0, "signature": 0}, "canary": {"exposed": None, "exposed_failed": None}}
    decision = judged(begun(1), look(2, 50, new=1500, old=1500, **quiet))
    assert decision.choice == "hold"
    assert "cure_not_shown" in given.codes(decision.verdict.reason)


def test_memory_that_nobody_knows_holds_back_full_traffic() -> None:
    known = tuple((float(second - 9), 5e7, 5e7) for second in range(8))
    memory = begun(1).model_copy(update={"memory_trend": known})
    unknown = memory.model_copy(update={"memory_trend": ()})
    assert judged(memory, look(2, **WIDE)).choice == "promote"
    assert "memory_not_shown" in given.codes(judged(unknown, look(2, **WIDE)).verdict.reason)
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
    [("memory_bytes", 5e7, 4e6, "memory_grows"), ("cpu_ms", 4.0, 3.0, "cpu_grows")],
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
    assert reason in given.codes(decision.verdict.reason)
    # The control: the same looks without the growth.
    memory = begun(1)
    for second in range(1, 12):
        calm = judged(memory, grown(second, **{resource: start}))
        assert calm.choice != "roll_back"
        memory = after(calm)


def test_cpu_that_nobody_knows_holds_back_full_traffic_only_where_it_is_asked_for() -> None:
    asked = BLIND_TO_MEMORY.model_copy(update={"cpu": LAB.cpu.model_copy(update={"required": "always"})})
    assert "cpu_not_shown" in given.codes(judged(begun(1), look(2, **WIDE), limits=asked).verdict.reason)
    assert judged(begun(1), look(2, **WIDE), limits=BLIND_TO_MEMORY).choice == "promote"


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


def test_one_error_more_tips_the_verdict() -> None:
    """Two sets of facts that differ in one count and end differently."""
    verdicts = [judged(begun(), look(2, new=100, old=900, canary={"errors": errors})).choice for errors in range(30)]
    tips = [index for index in range(1, 30) if verdicts[index] == "roll_back" and verdicts[index - 1] != "roll_back"]
    assert len(tips) == 1
    assert verdicts[tips[0] :] == ["roll_back"] * (30 - tips[0])


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


def test_a_past_without_a_single_error_is_a_standard_and_one_with_more_errors_than_requests_is_none() -> None:
    clean = questions.standard(BASELINE.model_copy(update={"healthy_errors": 0}), LAB)
    assert isinstance(clean, questions.Standard)
    for errors in (-1, BASELINE.healthy_requests + 1):
        said = questions.standard(BASELINE.model_copy(update={"healthy_errors": errors}), LAB)
        assert said == because("healthy_counts_contradict")


def test_where_no_alarm_reaches_the_bar_the_one_that_adds_most_is_named() -> None:
    products = (Product(name="alarm.other.0", log=3.0), Product(name="alarm.slow.0", log=1.0))
    assert questions.loud(products, 100.0) == ("other",)
    assert questions.loud(products, 1.0) == ("other",)


def test_each_constraint_has_the_name_that_reports_know_it_by() -> None:
    decision = judged(begun(), look(2, **counts(STAGES[0], 600)))
    assert [item.name for item in decision.constraints] == ["no_harm", "memory_does_not_grow", "cpu_does_not_grow"]
