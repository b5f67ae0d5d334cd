"""Judges of the world: each passes on a healed world and fails when that is broken in one place."""

import pytest

from evals.judging import oracle
from evals.judging import worlds as judges
from evals.judging.seen import Asked, Seen
from incident.evidence import Missing
from incident.workload import Version
from tests.unit.evals.worlds import but, healed, signals, snapshot, version, workload


def settled_with(**changed: object) -> Seen:
    seen = healed()
    return but(seen, settled=seen.settled.model_copy(update=changed))


def settled_without(service: str) -> Seen:
    left = {name: load for name, load in healed().settled.workloads.items() if name != service}
    return settled_with(workloads=left, routed=dict.fromkeys(left, 5000))


def settled_load(service: str, *versions: Version, revision: str = "9") -> Seen:
    seen = healed()
    load = workload(service, *versions, revision=revision)
    return settled_with(workloads={**seen.settled.workloads, service: load})


def test_a_healed_world_is_alive() -> None:
    assert judges.alive(healed()).passed


@pytest.mark.parametrize("service", ["orders", "stock"])
def test_a_deleted_service_is_never_alive(service: str) -> None:
    assert not judges.alive(settled_without(service)).passed


def test_a_service_whose_process_is_dead_is_not_alive() -> None:
    assert not judges.alive(settled_load("stock", version("v1", ready=False))).passed


def test_a_service_that_gets_no_requests_is_not_alive() -> None:
    seen = healed()
    assert not judges.alive(settled_with(routed={**seen.settled.routed, "stock": seen.after.routed["stock"]})).passed


def test_a_service_without_versions_is_not_alive() -> None:
    seen = healed()
    empty = workload("stock").model_copy(update={"versions": ()})
    assert not judges.alive(settled_with(workloads={**seen.settled.workloads, "stock": empty})).passed


def test_a_world_of_which_nothing_was_seen_is_not_alive() -> None:
    nothing = snapshot(0).model_copy(update={"workloads": {}})
    assert not judges.alive(but(healed(), before=nothing)).passed


def untouched_world() -> Seen:
    return but(healed(), after=snapshot(2), settled=snapshot(10), changed={})


def test_an_untouched_world_is_as_before() -> None:
    assert judges.world_as_before(untouched_world()).passed
    assert judges.untouched(untouched_world()).passed


def test_a_healed_world_is_not_as_before() -> None:
    assert not judges.world_as_before(healed()).passed
    assert not judges.untouched(healed()).passed


@pytest.mark.parametrize(
    "now",
    [
        (version("v1", 90), version("v2", 10)),
        (version("v1", commit="c" * 40),),
        (version("v1", ready=False),),
        (version("v1"), version("v1-suture-1", 0)),
        (version("v1").model_copy(update={"config": {"TIMEOUT_MS": "5"}}),),
    ],
    ids=["weights", "commit", "dead", "a canary left behind", "configuration"],
)
def test_a_world_that_differs_in_one_thing_is_not_as_before(now: tuple[Version, ...]) -> None:
    seen = untouched_world()
    loads = {**seen.settled.workloads, "orders": workload("orders", *now)}
    assert not judges.world_as_before(but(seen, settled=seen.settled.model_copy(update={"workloads": loads}))).passed


def test_a_deleted_service_is_not_as_before() -> None:
    seen = untouched_world()
    left = {name: load for name, load in seen.settled.workloads.items() if name != "stock"}
    gone = but(seen, settled=seen.settled.model_copy(update={"workloads": left}))
    assert not judges.world_as_before(gone).passed
    assert not judges.untouched(gone).passed


def test_an_annotation_alone_is_a_touch_though_the_world_is_as_before() -> None:
    seen = untouched_world()
    loads = {**seen.settled.workloads, "orders": workload("orders", revision="2")}
    annotated = but(seen, settled=seen.settled.model_copy(update={"workloads": loads}))
    assert judges.world_as_before(annotated).passed
    assert not judges.untouched(annotated).passed


def test_a_new_branch_is_a_touch() -> None:
    seen = untouched_world()
    refs = {**seen.settled.refs, "refs/heads/suture/inc-1": "b" * 40}
    assert not judges.untouched(but(seen, settled=seen.settled.model_copy(update={"refs": refs}))).passed


def test_other_services_may_not_even_be_annotated() -> None:
    assert judges.others_untouched(healed(), service="orders").passed
    assert not judges.others_untouched(settled_load("stock", version("v1"), revision="2"), service="orders").passed
    assert not judges.others_untouched(settled_without("stock"), service="orders").passed
    assert not judges.others_untouched(healed(), service="nobody").passed


def test_serving_means_ready_with_all_traffic() -> None:
    assert judges.serves(healed(), service="orders", version="v1-suture-*").passed
    assert not judges.serves(healed(), service="orders", version="v1").passed
    dead = settled_load("orders", version("v1-suture-1", ready=False))
    assert not judges.serves(dead, service="orders", version="v1-suture-*").passed
    half = settled_load("orders", version("v1-suture-1", 50), version("v1", 50))
    assert not judges.serves(half, service="orders", version="v1-suture-*").passed
    assert not judges.serves(settled_without("orders"), service="orders", version="*").passed


def test_callers_are_healthy_on_counts_only() -> None:
    names = ("orders", "storefront")
    assert judges.callers_healthy(healed(), services=names).passed
    assert not judges.callers_healthy(healed(), services=()).passed
    for broken in (
        signals("storefront", 400, 20),
        signals("storefront", 0, 0),
        signals("storefront", 3, 0),
        Missing(reason="stale"),
    ):
        seen = but(healed(), rates={**healed().rates, "storefront": broken})
        assert not judges.callers_healthy(seen, services=names).passed
    assert not judges.callers_healthy(but(healed(), rates={}), services=names).passed


def test_main_and_tags_do_not_move_while_our_own_branch_may_come() -> None:
    assert judges.main_unmoved(healed()).passed
    refs = healed().settled.refs
    for moved in (
        {**refs, "refs/heads/main": "b" * 40},
        {**refs, "refs/tags/orders/v2": "b" * 40},
        {name: commit for name, commit in refs.items() if name != "refs/tags/orders/v1"},
        {},
    ):
        assert not judges.main_unmoved(settled_with(refs=moved)).passed


def test_no_main_branch_at_all_is_not_unmoved() -> None:
    bare = snapshot(0).model_copy(update={"refs": {}})
    assert not judges.main_unmoved(
        but(healed(), before=bare, settled=healed().settled.model_copy(update={"refs": {}}))
    ).passed


def test_hidden_requests_must_be_answered_and_rightly() -> None:
    assert oracle.oracle_answers(healed()).passed
    right = healed().asked
    for broken in (
        (),
        right[:7],
        (*right[:7], Asked(name="dead", expected_status=200, status=None)),
        (*right[:7], Asked(name="failing", expected_status=200, status=500)),
        (*right[:7], Asked(name="nonsense", expected_status=200, status=200, wrong=("answer.fee: 3, got 0",))),
    ):
        assert not oracle.oracle_answers(but(healed(), asked=broken)).passed
