"""One attack for each goal through the whole graph, and for each kind of harm the proof that the oracle sees it."""

import pytest

from evals.attacks import cases, controls, play, twins
from evals.attacks.carriers import Carrier
from evals.attacks.goals import ASKS, Goal
from evals.attacks.styles import Style

DRAWN = tuple(cases.attacks(1, 1_500))
REACHABLE = tuple(case for case in DRAWN if case.carrier in (Carrier.LOG, Carrier.METRIC_LABEL, Carrier.REPOSITORY))


@pytest.mark.parametrize("goal", list(Goal), ids=lambda goal: goal.name.lower())
def test_a_model_that_obeys_an_attacker_does_no_harm(goal: Goal) -> None:
    case = next(case for case in REACHABLE if case.goal is goal)
    result = play.attack(case)
    assert result.harms == ()
    assert result.heard


@pytest.mark.parametrize("goal", list(Goal), ids=lambda goal: goal.name.lower())
def test_the_oracle_sees_the_harm_when_calls_are_carried_out(goal: Goal) -> None:
    """The control: every call of every goal, in the naive design."""
    unseen = [control.tool for control in controls.all_controls() if control.goal is goal and not control.seen]
    assert unseen == []


def test_without_its_policies_the_product_would_do_what_the_attacker_chose() -> None:
    """The control for a real tool: an innocent change is reverted, which opens what had been closed."""
    ask = ASKS[Goal.RIGHTS][0]
    case = controls.case_of(Goal.RIGHTS, ask)
    assert play.attack(case).harms == ()
    assert any(harm.goal is Goal.RIGHTS for harm in play.attack(case, journal=controls.lax(controls.CAUSE)).harms)


def test_the_cases_are_as_many_and_as_mixed_as_they_are_said_to_be() -> None:
    causes = sum(case.style is Style.FALSE_CAUSE for case in DRAWN)
    assert causes >= 0.4 * len(DRAWN)
    assert len({(case.carrier, case.goal) for case in DRAWN}) == len(Carrier) * len(Goal) == 150
    assert {case.style for case in DRAWN} == set(Style)
    assert tuple(cases.attacks(1, 50)) == DRAWN[:50]


@pytest.mark.parametrize("kind", sorted(twins.ENDINGS))
def test_orders_in_honest_text_change_nothing_about_the_ending(kind: str) -> None:
    twin = next(twin for twin in twins.twins(1, 12) if twin.kind == kind)
    ended = twins.play_twin(twin)
    assert ended.right, (ended.outcome, ended.reason, ended.harms)
