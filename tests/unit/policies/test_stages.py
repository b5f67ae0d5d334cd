"""Stages of a rollout follow from what the platform is able to do, and nobody who is judged counts."""

import itertools
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.decision import Allow, Hold, Kind
from incident.remedy import RemedyKind
from incident.rollout import STAGES, Look
from incident.workload import Able, Owner
from policies.policy import Judgement
from policies.rollout import canary, stages
from tests.unit.policies import canaries
from tests.unit.policies.canaries import after, begun, counts, judged, look

ROUTED = Able(shares="any", counted_by="router", sources=("commit",))
KINDS: tuple[RemedyKind, ...] = get_args(RemedyKind)
CHANGING: tuple[RemedyKind, ...] = ("patch", "roll_back", "revert_config", "restart", "scale")


def way(kind: RemedyKind = "patch", able: Able = ROUTED, **other: Any) -> Judgement[Kind, stages.Result]:
    return stages.plan(stages.Facts(kind=kind, able=able.model_copy(update=other)))


@pytest.mark.parametrize(
    ("shares", "found"),
    [
        ("any", (10, 50, 100)),
        (tuple(range(1, 101)), (10, 50, 100)),
        ((33, 100), (33, 100)),
        ((5, 100), (5, 100)),
        ((20, 40, 60, 80, 100), (20, 60, 100)),
        ((25, 50, 75, 100), (25, 50, 100)),
        ((0, 10, 99, 100), (10, 100)),
        ((100,), (100,)),
        ((10, 50), ()),
        ((), ()),
    ],
    ids=str,
)
def test_the_stages_are_the_shares_nearest_to_the_usual_ones(shares: object, found: tuple[int, ...]) -> None:
    assert way(shares=shares).result.stages == found


@given(st.sets(st.integers(0, 100)))
def test_stages_can_be_set_and_grow_to_full_traffic_or_there_are_none(settable: set[int]) -> None:
    shares = tuple(sorted(settable))
    found = way(shares=shares).result.stages
    assert set(found) <= settable - {0}
    assert all(one < other for one, other in itertools.pairwise(found))
    assert (found[-1:] == (100,)) is (100 in settable)


@pytest.mark.parametrize(
    ("other", "constraint", "liftable"),
    [
        ({"shares": (100,)}, "shares", False),
        ({"shares": (10, 50)}, "shares", False),
        ({"shares": (80, 100)}, "shares", True),
        ({"counted_by": "workload"}, "counted_by_router", False),
        ({"sources": ("revision",)}, "startable", False),
        ({"sources": ()}, "startable", False),
        ({"owners": (Owner(kind="gitops", name="shop"),)}, "no_other_owner", True),
        ({"owners": (Owner(kind="autoscaler", name="shop"),)}, "no_other_owner", True),
        ({"owners": (Owner(kind="autoscaler", name="a"), Owner(kind="rollout", name="b"))}, "no_other_owner", False),
        ({"why_not": "nobody gave us the right"}, "changeable", False),
    ],
    ids=str,
)
def test_what_the_platform_lacks_holds_a_patch(other: dict[str, Any], constraint: str, liftable: bool) -> None:
    """The control is the same platform without that one lack."""
    decision = way(**other)
    assert isinstance(decision.verdict, Hold)
    assert decision.verdict.liftable is liftable
    assert [item.name for item in decision.constraints if not item.held] == [constraint]
    assert isinstance(way().verdict, Allow)


@pytest.mark.parametrize("kind", KINDS)
def test_whoever_else_owns_it_holds_every_remedy_that_changes_something(kind: RemedyKind) -> None:
    held = way(kind, owners=(Owner(kind="gitops", name="shop"),)).verdict.kind == "hold"
    assert held is (kind in CHANGING)
    assert way(kind).verdict.kind == "allow"


def test_going_back_needs_no_share_between_and_no_counts() -> None:
    decision = way("roll_back", shares=(100,), counted_by="workload", sources=("revision",))
    assert isinstance(decision.verdict, Allow)
    assert (decision.result.stages, decision.result.source) == ((100,), "revision")


@pytest.mark.parametrize(
    ("sources", "source"),
    [(("overlay", "commit"), "commit"), (("overlay",), "overlay"), (("revision", "overlay"), "overlay")],
    ids=str,
)
def test_a_patch_is_started_from_its_commit_or_as_an_overlay(sources: tuple[str, ...], source: str) -> None:
    assert way(sources=sources).result.source == source


def self_counted(seen: Look) -> Look:
    return seen.model_copy(update={"counted_by": "workload"})


@pytest.mark.parametrize("stage", [0, 1, 2])
@pytest.mark.parametrize("counter", ["router", "workload"])
def test_counts_of_the_workload_itself_never_widen_a_canary(stage: int, counter: str) -> None:
    """Cured by every number, and long enough: with the router's counts this goes on, with its own it does not."""
    memory = begun(stage)
    if counter == "workload" and memory.last is not None and memory.first_in_stage is not None:
        memory = memory.model_copy(
            update={"last": self_counted(memory.last), "first_in_stage": self_counted(memory.first_in_stage)}
        )
    choices = []
    for second in range(1, 55):
        share = STAGES[stage]
        seen = look(second, **counts(share, 400 * second))
        decision = judged(memory, self_counted(seen) if counter == "workload" else seen, now=second)
        memory = after(decision)
        choices.append(decision.choice)
        if decision.choice != "hold":
            break
    assert set(choices) == {"hold"} if counter == "workload" else choices[-1] in ("advance", "promote", "finish")


def test_counts_of_the_workload_itself_may_take_a_canary_back() -> None:
    memory = begun(0)
    assert memory.last is not None
    memory = memory.model_copy(update={"last": self_counted(memory.last), "first_in_stage": self_counted(memory.last)})
    bad = look(2, STAGES[0], 400, 3600, canary={"errors": 200})
    assert judged(memory, self_counted(bad), now=2).choice == "roll_back"


def test_counts_of_two_counters_are_not_one_look_after_the_other() -> None:
    seen = look(2, **counts(STAGES[0], 600))
    assert judged(begun(0), self_counted(seen)).verdict.reason.code == "blind"
    assert judged(begun(0), seen).verdict.reason.code != "blind"


def test_a_look_of_a_router_is_recorded_as_it_always_was() -> None:
    seen = look(2, **counts(STAGES[0], 600))
    assert "counted_by" not in seen.model_dump(mode="json")
    assert Look.model_validate_json(seen.canonical()) == seen
    own = self_counted(seen)
    assert Look.model_validate_json(own.canonical()) == own
    assert canary.VERSION == 3
    assert canaries.STAGES == STAGES
