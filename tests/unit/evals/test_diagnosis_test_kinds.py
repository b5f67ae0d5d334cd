"""Test kinds: each does harm that its alert sees, names a cause that is there, and is quiet without its cause."""

import functools
from random import Random

import pytest

from evals.bench.diagnosis.grammar import alerting, simulation, worlds
from evals.bench.diagnosis.grammar.difficulties import Difficulties
from evals.bench.diagnosis.grammar.plan import without_cause
from evals.bench.diagnosis.grammar.worlds import World
from evals.bench.diagnosis.kinds import registry
from evals.bench.diagnosis.kinds.kind import Kind

SEEDS = (11, 12)

every = pytest.mark.parametrize("kind", registry.of("test"), ids=lambda kind: kind.name)


@functools.cache
def drawn(kind: Kind, seed: int) -> World:
    return worlds.draw(seed, kind.name, kind.plant, hard=Difficulties(), count=8, step=10.0)


@every
@pytest.mark.parametrize("seed", SEEDS)
def test_its_alert_fires_with_the_cause_and_stays_silent_without_it(kind: Kind, seed: int) -> None:
    scene = drawn(kind, seed).scene
    rule = scene.fired.rule
    with_it = alerting.values(scene.told.visits[rule.service], rule, scene.looks)
    assert alerting.fires(with_it, rule) == scene.fired.at
    told = simulation.run(scene.system, scene.shape, without_cause(scene.plan).causes, Random(seed))
    without = alerting.values(told.visits[rule.service], rule, scene.looks)
    assert without
    assert alerting.fires(without, rule) is None


@every
@pytest.mark.parametrize("seed", SEEDS)
def test_its_truth_names_what_is_there(kind: Kind, seed: int) -> None:
    found = drawn(kind, seed)
    scene, seen, truth = found.scene, found.observed, found.truth
    assert truth.right
    assert len(truth.right) == len(scene.plan.right)
    assert len(truth.near) == len(scene.plan.near)
    assert not set(truth.right) & set(truth.near)
    made = {(change.service, change.at.timestamp()) for change in seen.changes}
    for suspect in (*truth.right, *truth.near):
        if suspect.kind == "change":
            assert suspect.at is not None
            assert suspect.at < seen.alert.started
            assert any(service == suspect.service and at == pytest.approx(suspect.at) for service, at in made)
        elif suspect.kind != "outside":
            assert suspect.name in scene.names.of.values()
    assert any(one.kind == "change" for one in truth.right) == (scene.plan.change is not None)


@every
def test_its_guilty_change_and_service_are_told_apart(kind: Kind) -> None:
    plan = drawn(kind, SEEDS[0]).scene.plan
    assert all(one not in plan.right for one in plan.near)
    if plan.change is not None:
        assert [one.sort for one in plan.right] == ["change"]
        assert plan.change.node in {one.thing for one in plan.near}
    assert set(plan.victims) <= set(drawn(kind, SEEDS[0]).scene.system.nodes)


def test_there_are_more_than_a_dozen_test_kinds() -> None:
    assert len(registry.of("test")) >= 14


def test_an_innocent_change_stands_nearer_than_a_release_in_stages() -> None:
    scene = drawn(registry.named("release in stages sends what is refused"), SEEDS[0]).scene
    (nearer,), guilty = scene.plan.beside, scene.plan.change
    assert nearer in scene.made
    assert guilty is not None
    assert guilty.at <= nearer.at < scene.fired.at


def test_a_storm_of_retries_goes_on_after_the_stall_that_began_it() -> None:
    scene = drawn(registry.named("storm of retries after a stall"), SEEDS[0]).scene
    node = scene.plan.victims[0]
    stall = next(one for one in scene.plan.causes.effects if one.start > 0)
    late = [one.waited_ms for one in scene.told.visits[node] if one.at > stall.end + scene.fired.rule.window]
    before = [one.waited_ms for one in scene.told.visits[node] if one.at < stall.start]
    assert sum(late) / len(late) > 10 * sum(before) / len(before)


def test_a_batch_is_over_while_its_database_goes_on() -> None:
    scene = drawn(registry.named("batch starves a shared database"), SEEDS[0]).scene
    (job,) = scene.plan.causes.jobs
    calls = [
        row.at
        for (caller, callee, _, _), rows in scene.told.calls.items()
        if (caller, callee) == (job.node, job.callee)
        for row in rows
    ]
    length = job.end - job.start
    during = sum(job.start < at <= job.end for at in calls) / length
    before = sum(at <= job.start for at in calls) / job.start
    assert during > 3 * before
