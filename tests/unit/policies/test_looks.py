"""What happened between two looks, count by count."""

from datetime import timedelta
from typing import Any

import pytest

from incident.rollout import Arm, CanaryMemory, Look
from policies import limits
from policies.rollout import canary, looks
from tests.unit.policies import given

BOUNDS = limits.Canary()


def arm(version: str, requests: int, errors: int, signature: int, slow: int, **changed: Any) -> Arm:
    values = {"version": version, "requests": requests, "errors": errors, "signature": signature, "slow": slow}
    return Arm.model_validate(values | changed)


def look(seconds: float, canary_arm: Arm, stable_arm: Arm, weight: int = 10) -> Look:
    return Look(at=given.at(seconds), weight=weight, canary=canary_arm, stable=stable_arm)


def memory(last: Look) -> CanaryMemory:
    begun = canary.start(given.ONSET, BOUNDS)
    seen = looks.others(begun, last)
    return begun.model_copy(update={"last": last, "first_in_stage": last, "other_seen": seen, "tally": (3, 4, 1000)})


FIRST = look(0, arm("v3", 10, 2, 1, 1), arm("v2", 1000, 200, 50, 30))
SECOND = look(1, arm("v3", 18, 5, 2, 3), arm("v2", 1072, 212, 60, 37))


def test_a_step_is_the_difference_of_two_looks() -> None:
    step = looks.step(memory(FIRST), FIRST, SECOND)
    assert step.share == 0.1
    assert step.canary == looks.Counts(requests=8, errors=3, other=2, signature=1, slow=2)
    assert step.stable == looks.Counts(requests=72, errors=12, other=2, signature=10, slow=7)


def test_the_tally_grows_by_the_step() -> None:
    begun = memory(FIRST)
    assert looks.tally(begun, looks.step(begun, FIRST, SECOND)) == (3 + 4, 4 + 9, 1000 + 80)


EXPOSED: list[tuple[str, dict[str, Any], dict[str, Any], tuple[int | None, int]]] = [
    ("both known", {"exposed": 4, "exposed_failed": 1}, {"exposed": 9, "exposed_failed": 2}, (5, 1)),
    ("none failed", {"exposed": 4, "exposed_failed": 0}, {"exposed": 9, "exposed_failed": 0}, (5, 0)),
    ("all failed", {"exposed": 4, "exposed_failed": 0}, {"exposed": 9, "exposed_failed": 5}, (5, 5)),
    ("not known before", {}, {"exposed": 9, "exposed_failed": 2}, (None, 0)),
    ("not known now", {"exposed": 4, "exposed_failed": 1}, {}, (None, 0)),
    ("backwards", {"exposed": 9, "exposed_failed": 1}, {"exposed": 4, "exposed_failed": 1}, (None, 0)),
    (
        "more failures than requests",
        {"exposed": 4, "exposed_failed": 0},
        {"exposed": 5, "exposed_failed": 3},
        (None, 0),
    ),
    ("failures backwards", {"exposed": 4, "exposed_failed": 2}, {"exposed": 9, "exposed_failed": 1}, (None, 0)),
]


@pytest.mark.parametrize(("before", "after", "want"), [case[1:] for case in EXPOSED], ids=[c[0] for c in EXPOSED])
def test_exposure_is_counted_only_where_it_makes_sense(
    before: dict[str, Any], after: dict[str, Any], want: tuple[int | None, int]
) -> None:
    first = FIRST.model_copy(update={"canary": arm("v3", 10, 2, 1, 1, **before)})
    second = SECOND.model_copy(update={"canary": arm("v3", 18, 5, 2, 3, **after)})
    step = looks.step(memory(first), first, second)
    assert (step.exposed, step.exposed_failed) == want


def said(seen: Look, seconds: float = 1.0) -> str:
    return looks.problem(memory(FIRST), seen, 10, given.at(seconds), BOUNDS).code


@pytest.mark.parametrize("offset", [-BOUNDS.stale_seconds, 0.0, BOUNDS.stale_seconds])
def test_a_look_as_old_as_allowed_is_used(offset: float) -> None:
    assert said(SECOND, 1.0 + offset) == ""
    further = offset + (0.001 if offset >= 0 else -0.001)
    assert (said(SECOND, 1.0 + further) != "") is (offset != 0.0)


def test_a_look_from_before_the_last_one_is_not_used() -> None:
    older = SECOND.model_copy(update={"at": FIRST.at - timedelta(seconds=1)})
    assert said(older, 0.0) == "look_older"
    assert said(SECOND.model_copy(update={"at": FIRST.at}), 0.0) == ""


def test_every_counter_may_stand_still_and_be_full() -> None:
    assert said(FIRST) == ""
    full = look(1, arm("v3", 18, 18, 2, 18), arm("v2", 1072, 212, 60, 37))
    assert said(full) == ""


def test_the_split_may_stray_by_chance_but_not_by_more() -> None:
    """Of 1,000 requests 10 % are 100; six deviations and the room for requests in flight are 87."""

    def split(on_canary: int) -> str:
        new, old = arm("v3", 10 + on_canary, 2, 1, 1), arm("v2", 2000 - on_canary, 200, 50, 30)
        return said(look(1, new, old))

    assert split(100) == split(180) == split(20) == ""
    assert split(190) == split(10) == "split_contradicts"
