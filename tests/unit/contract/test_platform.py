"""What every platform promises."""

from datetime import timedelta

import pytest

from incident import workload
from incident.errors import Conflict, Refused, Unavailable, Unsure
from incident.workload import Annotate, Before, Commit, Configure, Deploy, Effect, Remove, Restart, SetWeights, Workload
from tests.unit.contract.benches import Bench
from tests.unit.contract.conftest import Build
from tools.scripted import Outage, Trouble

CANARY = Deploy(version="v1-fix", source=Commit(commit="f" * 40), config_from="v1")

NOTHING = Effect()


def change(bench: Bench, wanted: workload.WorkloadChange, effect: Effect = NOTHING) -> Workload:
    """A change of orders at its present revision."""
    now = bench.world.platform.read("orders")
    return bench.world.platform.change("orders", wanted, revision=now.revision, effect=effect)


def test_the_services_and_the_world_have_names(build: Build) -> None:
    platform = build().world.platform
    assert platform.services() == ("orders", "stock", "storefront")
    assert platform.world() == platform.world() != ""


def test_the_other_names_of_the_services_are_those_of_the_world(build: Build) -> None:
    bench = build()
    (alias,) = bench.world.aliases()
    assert (alias.service, alias.kind) == ("stock", "target")
    assert bench.world.aliases() == bench.scripted.aliases()


@pytest.mark.parametrize("service", ["billing-api", "", "../rules", "orders/routing", "orders?x=1", "a" * 500])
def test_an_unknown_service_is_a_key_error_wherever_it_is_named(build: Build, service: str) -> None:
    platform, since = build().world.platform, build().clock.now()
    for ask in (platform.read, platform.routing, platform.runtime):
        with pytest.raises(KeyError):
            ask(service)
    with pytest.raises(KeyError):
        platform.history(service, since)
    with pytest.raises(KeyError):
        platform.change(service, Annotate(), revision="r1", effect=Effect())


def test_a_change_on_a_stale_revision_is_a_conflict_and_changes_nothing(build: Build) -> None:
    bench = build()
    old = bench.world.platform.read("orders")
    newer = change(bench, Annotate(), Effect(key="seen"))
    with pytest.raises(Conflict):
        bench.world.platform.change("orders", CANARY, revision=old.revision, effect=Effect(key="mine"))
    assert bench.world.platform.read("orders") == newer


def test_a_revision_that_never_was_is_a_conflict_too(build: Build) -> None:
    bench = build()
    with pytest.raises(Conflict):
        bench.world.platform.change("orders", CANARY, revision="never", effect=Effect())


def test_every_change_changes_the_revision(build: Build) -> None:
    bench = build()
    revisions = [bench.world.platform.read("orders").revision]
    steps: tuple[workload.WorkloadChange, ...] = (
        CANARY,
        Annotate(),
        SetWeights(weights={"v1": 90, "v1-fix": 10}),
        Restart(version="v1"),
        Configure(version="v1", key="LIMIT", value="3"),
        SetWeights(weights={"v1": 100}),
        Remove(version="v1-fix"),
    )
    revisions.extend(change(bench, wanted).revision for wanted in steps)
    assert len(revisions) == len(set(revisions))


def test_an_effect_takes_the_place_of_the_one_before_it(build: Build) -> None:
    bench = build()
    assert bench.world.platform.read("orders").effect == Effect()
    whole = Effect(
        key="k1",
        token=7,
        grant="g",
        incident="inc-1",
        before=Before(weights={"v1": 100}, config={"v1": {"LIMIT": "3", "OTHER": None}}, canary="v1-fix"),
    )
    change(bench, Annotate(), whole)
    assert bench.world.platform.read("orders").effect == whole
    change(bench, CANARY, Effect(key="k2", token=8))
    assert bench.world.platform.read("orders").effect == Effect(key="k2", token=8)


def test_a_change_of_one_service_leaves_the_others_alone(build: Build) -> None:
    bench = build()
    before = bench.world.platform.read("stock")
    change(bench, CANARY, Effect(key="k1"))
    assert bench.world.platform.read("stock") == before


def test_a_deployed_version_stands_beside_the_others_without_traffic(build: Build) -> None:
    bench = build()
    change(bench, Configure(version="v1", key="LIMIT", value="3"))
    found = change(bench, CANARY).version("v1-fix")
    assert found is not None
    assert (found.weight, found.ready, found.commit, found.config) == (0, True, "f" * 40, {"LIMIT": "3"})


@pytest.mark.parametrize(
    "weights",
    [{"v1": 90}, {"v1": 90, "v1-fix": 20}, {"v1": 110, "v1-fix": -10}, {"v1": 90, "v9": 10}, {}],
)
def test_weights_that_make_no_sense_are_refused_and_nothing_changes(build: Build, weights: dict[str, int]) -> None:
    bench = build()
    before = change(bench, CANARY)
    with pytest.raises(Refused):
        change(bench, SetWeights(weights=weights), Effect(key="mine"))
    assert bench.world.platform.read("orders") == before


def test_versions_that_are_not_named_get_no_traffic(build: Build) -> None:
    bench = build()
    change(bench, CANARY)
    after = change(bench, SetWeights(weights={"v1-fix": 100}))
    assert {version.name: version.weight for version in after.versions} == {"v1": 0, "v1-fix": 100}


def test_a_version_with_traffic_is_not_removed(build: Build) -> None:
    bench = build()
    change(bench, CANARY)
    change(bench, SetWeights(weights={"v1": 90, "v1-fix": 10}))
    with pytest.raises(Refused):
        change(bench, Remove(version="v1-fix"))
    change(bench, SetWeights(weights={"v1": 100}))
    assert change(bench, Remove(version="v1-fix")).version("v1-fix") is None


@pytest.mark.parametrize(
    "wanted",
    [
        Deploy(version="v1", source=Commit(commit="f" * 40), config_from="v1"),
        Deploy(version="v2", source=Commit(commit="f" * 40), config_from="v9"),
        Remove(version="v9"),
        Restart(version="v9"),
        Configure(version="v9", key="LIMIT", value="3"),
    ],
)
def test_a_change_that_names_what_is_not_there_is_refused(build: Build, wanted: workload.WorkloadChange) -> None:
    bench = build()
    before = bench.world.platform.read("orders")
    with pytest.raises(Refused):
        change(bench, wanted)
    assert bench.world.platform.read("orders") == before


def test_a_refusal_is_an_unavailable_so_that_nobody_takes_it_for_a_success(build: Build) -> None:
    with pytest.raises(Unavailable):
        change(build(), Remove(version="v9"))


def test_counts_never_decrease_and_go_where_the_weights_send_them(build: Build) -> None:
    bench = build()
    change(bench, CANARY)
    seen: dict[str, tuple[int, int, int]] = {}
    for weights in ({"v1": 90, "v1-fix": 10}, {"v1": 50, "v1-fix": 50}, {"v1-fix": 100}, {"v1": 100}):
        change(bench, SetWeights(weights=weights))
        for _ in range(3):
            bench.clock.advance(1.3)
            for routed in bench.world.platform.routing("orders").versions:
                now = (routed.requests, routed.errors, routed.slow)
                before = seen.get(routed.version, (0, 0, 0))
                assert all(late >= early for late, early in zip(now, before, strict=True))
                assert routed.errors <= routed.requests
                seen[routed.version] = now
    moved = bench.world.platform.routing("orders").of("v1-fix")
    assert moved is not None
    assert moved.requests == int(80 * 3.9 * (0.1 + 0.5 + 1.0))


def test_the_router_counts_a_version_from_when_it_was_added(build: Build) -> None:
    bench = build()
    change(bench, CANARY)
    canary = bench.world.platform.routing("orders").of("v1-fix")
    assert canary is not None
    assert (canary.requests, canary.errors, canary.slow) == (0, 0, 0)
    change(bench, Remove(version="v1-fix"))
    assert bench.world.platform.routing("orders").of("v1-fix") is None


def test_the_history_tells_what_was_changed_oldest_first(build: Build) -> None:
    bench = build()
    start = bench.clock.now()
    assert bench.world.platform.history("orders", start - timedelta(days=1)) == ()
    for wanted in (
        CANARY,
        SetWeights(weights={"v1": 90, "v1-fix": 10}),
        Configure(version="v1", key="LIMIT", value="3"),
    ):
        bench.clock.advance(1)
        change(bench, wanted)
    found = bench.world.platform.history("orders", start)
    assert [one.what for one in found] == ["deploy", "weights", "config"]
    assert (found[0].version, found[0].previous, found[0].commit) == ("v1-fix", "v1", "f" * 40)
    assert (found[2].key, found[2].old, found[2].new) == ("LIMIT", None, "3")
    later = bench.world.platform.history("orders", start + timedelta(seconds=1.5))
    assert [one.what for one in later] == ["weights", "config"]


def test_a_value_that_is_unset_is_gone_and_the_history_says_what_it_was(build: Build) -> None:
    bench = build()
    start = bench.clock.now()
    change(bench, Configure(version="v1", key="LIMIT", value="3"))
    after = change(bench, Configure(version="v1", key="LIMIT", value=None)).version("v1")
    assert after is not None
    assert after.config == {}
    assert [(one.old, one.new) for one in bench.world.platform.history("orders", start)] == [(None, "3"), ("3", None)]


def test_annotating_is_no_change_of_the_history(build: Build) -> None:
    bench = build()
    change(bench, Annotate(), Effect(key="k1"))
    assert bench.world.platform.history("orders", bench.clock.now() - timedelta(days=1)) == ()


def test_a_lost_answer_is_unsure_and_the_world_knows_that_it_happened(build: Build) -> None:
    bench = build(trouble=Trouble(changes={1: "lost_answer"}))
    with pytest.raises(Unsure):
        change(bench, CANARY, Effect(key="k1"))
    found = bench.world.platform.read("orders")
    assert found.effect == Effect(key="k1")
    assert found.version("v1-fix") is not None


def test_a_lost_request_is_unsure_and_the_world_knows_that_it_did_not_happen(build: Build) -> None:
    bench = build(trouble=Trouble(changes={1: "lost_request"}))
    before = bench.world.platform.read("orders")
    with pytest.raises(Unsure):
        change(bench, CANARY, Effect(key="k1"))
    assert bench.world.platform.read("orders") == before


def test_a_change_that_never_left_is_unavailable_and_not_unsure(build: Build) -> None:
    bench = build(trouble=Trouble(changes={1: "refused"}))
    before = bench.world.platform.read("orders")
    with pytest.raises(Unavailable):
        change(bench, CANARY)
    assert bench.world.platform.read("orders") == before


def test_somebody_who_was_faster_is_a_conflict(build: Build) -> None:
    bench = build(trouble=Trouble(changes={1: "outrun"}))
    with pytest.raises(Conflict):
        change(bench, CANARY)
    assert change(bench, CANARY).version("v1-fix") is not None


def test_a_write_is_never_repeated_by_itself(build: Build) -> None:
    bench = build(trouble=Trouble(changes={1: "lost_request"}))
    with pytest.raises(Unsure):
        change(bench, CANARY)
    assert bench.scripted.stage.asked == 1


def test_a_platform_that_does_not_answer_is_unavailable_until_it_does(build: Build) -> None:
    bench = build()
    now = bench.clock.now()
    outage = Outage(part="platform", start=now, end=now + timedelta(seconds=10))
    bench.scripted.stage.trouble = Trouble(outages=(outage,))
    with pytest.raises(Unavailable):
        bench.world.platform.read("orders")
    with pytest.raises(Unavailable):
        bench.world.platform.routing("orders")
    bench.clock.advance(10)
    assert bench.world.platform.read("orders").service == "orders"


def test_a_version_that_does_not_start_is_made_and_failed(build: Build) -> None:
    bench = build()
    state = bench.scripted.stage.state
    broken = state.otherwise.model_copy(update={"starts": False})
    bench.scripted.stage.state = state.model_copy(update={"otherwise": broken})
    new = change(bench, CANARY, Effect(key="k1")).version("v1-fix")
    assert new is not None
    assert (new.ready, new.weight) == (False, 0)
    found = bench.world.platform.settled("orders", "k1")
    assert found.state == "failed"
    assert "ready" in found.reason
    change(bench, Remove(version="v1-fix"), Effect(key="k2"))
    assert bench.world.platform.settled("orders", "k2").state == "in force"


def test_the_runtime_says_how_the_service_is_run(build: Build) -> None:
    runtime = build().world.platform.runtime("orders")
    assert runtime.python.startswith("/")
    assert runtime.environment["STOCK_URL"].startswith("http://127.0.0.1:")
