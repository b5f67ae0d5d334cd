"""The scripted world itself: its arithmetic, its mishaps, and going on in another process."""

import itertools
import json
from datetime import timedelta
from typing import NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from incident.errors import Conflict, Refused
from incident.evidence import Missing, Signals
from incident.workload import Annotate, Commit, Deploy, Effect, Remove, SetWeights
from tools import scripted
from tools.scripted import source, traffic
from tools.scripted.clock import ManualClock
from tools.scripted.state import Behaviour
from tools.scripted.world import Dump, load

CANARY = Deploy(version="v2", source=Commit(commit="f" * 40), config_from="v1")
SHARES = st.floats(0, 1, allow_nan=False)


def split(world: scripted.ScriptedWorld, **weights: int) -> None:
    now = world.platform.read("orders")
    if now.version("v2") is None:
        now = world.platform.change("orders", CANARY, revision=now.revision, effect=Effect())
    world.platform.change("orders", SetWeights(weights=weights), revision=now.revision, effect=Effect())


@given(SHARES, SHARES, st.floats(0.5, 300), st.lists(st.floats(0.01, 40), min_size=1, max_size=6))
def test_events_are_as_many_as_the_counts_say(sick: float, other: float, rate: float, steps: list[float]) -> None:
    clock = ManualClock()
    behaviour = Behaviour(sick=sick / 2, other=other / 2)
    world = scripted.incident_world(clock, sick=behaviour, rate=rate, age=0.0, wakes_in=1.0)
    start, state = clock.now(), world.stage.state
    for step in steps:
        clock.advance(step)
    counted = traffic.counts(state, "orders", start, clock.now())
    for kind, count in (("sick", counted.sick), ("other", counted.other)):
        events = traffic.moments(state, "orders", "sick" if kind == "sick" else "other", start, clock.now())
        assert abs(len(events) - count) <= 1  # the clock has microseconds, the count has none
        assert [event.at for event in events] == sorted(event.at for event in events)
        assert len({event.number for event in events}) == len(events)


@given(st.lists(st.floats(0.01, 40), min_size=2, max_size=8))
def test_windows_side_by_side_add_up_to_the_whole(steps: list[float]) -> None:
    clock = ManualClock()
    world = scripted.incident_world(clock, wakes_in=3.0)
    start, edges = clock.now(), []
    for step in steps:
        edges.append(clock.now())
        clock.advance(step)
    edges.append(clock.now())
    parts = [traffic.counts(world.stage.state, "storefront", early, late) for early, late in itertools.pairwise(edges)]
    whole = traffic.counts(world.stage.state, "storefront", start, clock.now())
    assert [sum(values) for values in zip(*parts, strict=True)] == list(whole)


@given(st.floats(0.5, 300), st.lists(st.tuples(st.integers(1, 5), st.integers(-2000, 2000)), min_size=1, max_size=8))
def test_each_event_is_in_one_of_the_windows_side_by_side(rate: float, steps: list[tuple[int, int]]) -> None:
    clock = ManualClock()
    world = scripted.incident_world(clock, sick=Behaviour(sick=1.0), rate=rate, age=0.0, wakes_in=0.0)
    start, state, found = clock.now(), world.stage.state, []
    since = start
    for events, microseconds in steps:  # each window ends a moment before or after an event
        clock.advance(max(1e-6, events / rate + microseconds / 1e6))
        found += traffic.moments(state, "orders", "sick", since + timedelta(microseconds=1), clock.now())
        since = clock.now()
    assert found == traffic.moments(state, "orders", "sick", start + timedelta(microseconds=1), since)


def test_the_same_clock_shows_the_same_world() -> None:
    shown = []
    for steps in ((30.0,), (10.0, 5.0, 15.0)):
        clock = ManualClock()
        world = scripted.incident_world(clock)
        for step in steps:
            clock.advance(step)
            world.platform.routing("orders")
        logs = world.logs.errors("orders", clock.now() - timedelta(seconds=20), clock.now())
        shown.append((world.platform.routing("orders"), logs, world.metrics.firing()))
    assert shown[0] == shown[1]


def test_a_cured_version_does_not_fail_with_the_bug_and_may_fail_otherwise() -> None:
    clock = ManualClock()
    world = scripted.incident_world(clock, patched=Behaviour(other=0.05))
    split(world, v1=50, v2=50)
    since = clock.now()
    clock.advance(60)
    logged = world.logs.errors("orders", since, clock.now(), "v2")
    assert not isinstance(logged, Missing)
    assert {log.exception for log in logged} == {"TimeoutError"}
    routed = world.platform.routing("orders").of("v2")
    assert routed is not None
    assert (routed.requests, routed.errors) == (2400, 120)


def test_when_the_patch_serves_alone_the_alert_falls_silent_and_callers_recover() -> None:
    clock = ManualClock()
    world = scripted.incident_world(clock)
    clock.advance(30)
    assert {labels["service"] for labels in world.metrics.firing()} == {"orders", "storefront"}
    split(world, v2=100)
    clock.advance(30)
    assert world.metrics.firing() == ()
    found = world.metrics.signals("storefront", clock.now() - timedelta(seconds=10), clock.now())
    assert isinstance(found, Signals)
    assert found.error_rate < 0.01


def test_control_without_a_change_the_alert_goes_on() -> None:
    clock = ManualClock()
    world = scripted.incident_world(clock)
    clock.advance(600)
    assert {labels["service"] for labels in world.metrics.firing()} == {"orders", "storefront"}


def test_a_bug_that_never_wakes_leaves_a_healthy_world() -> None:
    clock = ManualClock()
    world = scripted.incident_world(clock, wakes_in=None)
    clock.advance(600)
    assert world.metrics.firing() == ()


def test_a_fresh_deploy_is_in_the_history_with_what_it_replaced() -> None:
    clock = ManualClock()
    world = scripted.incident_world(clock, wakes_in=-60.0, deployed_ago=60.0)
    deploy, weights = world.platform.history("orders", clock.now() - timedelta(minutes=5))
    assert (deploy.what, deploy.version, deploy.previous, weights.what) == ("deploy", "v2", "v1", "weights")
    assert deploy.previous_commit in world.repository.history.commits  # type: ignore[attr-defined]  # the scripted one
    now = world.platform.read("orders")
    world.platform.change("orders", SetWeights(weights={"v1": 100}), revision=now.revision, effect=Effect())
    clock.advance(30)
    assert world.metrics.firing() == ()


@pytest.mark.parametrize(("mishap", "happened"), [("crash_before", False), ("crash_after", True)])
def test_a_crash_ends_the_process_before_or_after_the_change(mishap: str, happened: bool) -> None:
    trouble = scripted.Trouble.model_validate({"changes": {1: mishap}})
    world = scripted.incident_world(ManualClock(), trouble=trouble)
    with pytest.raises(scripted.Crashed):
        split(world, v1=100)
    assert (world.platform.read("orders").version("v2") is not None) is happened


def test_no_handler_of_ordinary_errors_stops_a_crash() -> None:
    assert not issubclass(scripted.Crashed, Exception)


def test_a_real_process_passes_its_own_way_to_end() -> None:
    class Ended(Exception):
        """Stands for the end of the process."""

    def die() -> NoReturn:
        raise Ended

    trouble = scripted.Trouble(changes={1: "crash_before"})
    world = scripted.incident_world(ManualClock(), trouble=trouble, die=die)
    with pytest.raises(Ended):
        split(world, v1=100)


def test_a_dumped_world_goes_on_as_if_nothing_had_happened() -> None:
    clock = ManualClock()
    world = scripted.incident_world(clock)
    clock.advance(5)
    split(world, v1=90, v2=10)
    made = world.repository.commit("suture/x", "main", {"services/orders/app.py": "x = 1\n"}, "Mend")
    dumped = world.dump().model_dump_json()
    other = load(Dump.model_validate_json(dumped), clock)
    clock.advance(20)
    assert other.platform.routing("orders") == world.platform.routing("orders")
    assert other.platform.read("orders") == world.platform.read("orders")
    assert other.repository.branch("suture/x") == made
    assert other.stage.asked == world.stage.asked == 2
    assert json.loads(dumped)["state"]["world"] == "scripted-1"


def test_every_shown_line_of_the_source_is_where_the_trace_says() -> None:
    world = scripted.incident_world(ManualClock())
    story = world.stage.state.stories["orders"]
    for raised in (story.sick, story.other):
        assert raised is not None
        for frame in raised.frames:
            assert source.FILES[frame.path].split("\n")[frame.line - 1].strip() == frame.code


def test_the_bug_in_the_source_is_real_and_the_mended_line_cures_it() -> None:
    broken: dict[str, object] = {}
    exec(source.PRICING, broken)  # the simulated service's own source, which stands in this repository
    mended: dict[str, object] = {}
    exec(source.PRICING.replace(source.BUGGY_LINE, source.MENDED_LINE), mended)
    customer = {"id": "c-1", "membership": None}
    with pytest.raises(AttributeError, match="'NoneType' object has no attribute 'get'"):
        broken["discount"](customer)  # type: ignore[operator]  # a function of the text above
    assert mended["discount"](customer) == 0  # type: ignore[operator]
    assert mended["discount"]({"membership": {"discount": 10}}) == 10  # type: ignore[operator]


class Platforms(RuleBasedStateMachine):
    """Whatever is asked of the platform, its invariants hold."""

    @initialize()
    def begin(self) -> None:
        self.clock = ManualClock()
        self.world = scripted.incident_world(self.clock)
        self.revision = "r1"
        self.waits = 0
        self.counts: dict[str, int] = {}

    def attempt(self, change: Deploy | SetWeights | Remove | Annotate, revision: str) -> None:
        before = self.world.platform.read("orders")
        try:
            after = self.world.platform.change("orders", change, revision=revision, effect=Effect(key="k"))
        except (Conflict, Refused):
            assert self.world.platform.read("orders") == before
        else:
            assert revision == before.revision
            assert after.revision != before.revision

    @rule(name=st.sampled_from(["v1", "v2", "v3"]), stale=st.booleans())
    def deploy(self, name: str, stale: bool) -> None:
        now = self.world.platform.read("orders").revision
        self.attempt(Deploy(version=name, source=Commit(commit="f" * 40), config_from="v1"), "r0" if stale else now)

    @rule(weights=st.dictionaries(st.sampled_from(["v1", "v2", "v3"]), st.sampled_from([0, 10, 50, 90, 100, -1])))
    def shift(self, weights: dict[str, int]) -> None:
        self.attempt(SetWeights(weights=weights), self.world.platform.read("orders").revision)

    @rule(name=st.sampled_from(["v1", "v2", "v3"]))
    def remove(self, name: str) -> None:
        self.attempt(Remove(version=name), self.world.platform.read("orders").revision)
        if self.world.platform.read("orders").version(name) is None:
            self.counts.pop(name, None)

    @precondition(lambda self: self.waits < 10_000)
    @rule(seconds=st.floats(0.1, 20))
    def wait(self, seconds: float) -> None:
        self.waits += 1
        self.clock.advance(seconds)

    @invariant()
    def weights_add_up_and_counts_grow(self) -> None:
        found = self.world.platform.read("orders")
        assert sum(version.weight for version in found.versions) == 100
        self.revision = found.revision
        for routed in self.world.platform.routing("orders").versions:
            assert routed.requests >= self.counts.get(routed.version, 0)
            assert 0 <= routed.errors <= routed.requests
            self.counts[routed.version] = routed.requests


TestPlatforms = Platforms.TestCase
