"""Kinds of causes: each sets off its alert, and with the cause left out the alert's own condition stays healthy."""

import functools
from dataclasses import replace
from random import Random

import pytest

from evals.bench.diagnosis.grammar import alerting, simulation, worlds
from evals.bench.diagnosis.grammar.difficulties import Difficulties
from evals.bench.diagnosis.grammar.effects import Effect
from evals.bench.diagnosis.grammar.plan import Ground, Plan, without_cause
from evals.bench.diagnosis.grammar.worlds import World
from evals.bench.diagnosis.kinds import registry
from evals.bench.diagnosis.kinds.kind import Kind

SEED = 11


@functools.cache
def drawn(kind: Kind) -> World:
    return worlds.draw(SEED, kind.name, kind.plant, hard=Difficulties(decoy=True), count=8, step=10.0)


@pytest.mark.parametrize("kind", registry.of("development"), ids=lambda kind: kind.name)
def test_its_alert_fires_with_the_cause_and_stays_silent_without_it(kind: Kind) -> None:
    found = drawn(kind)
    scene, rule = found.scene, found.scene.fired.rule
    with_it = alerting.values(scene.told.visits[rule.service], rule, scene.looks)
    assert alerting.fires(with_it, rule) == scene.fired.at
    told = simulation.run(scene.system, scene.shape, without_cause(scene.plan).causes, Random(SEED))
    without = alerting.values(told.visits[rule.service], rule, scene.looks)
    assert without
    assert alerting.fires(without, rule) is None
    assert found.truth.right


@pytest.mark.parametrize("kind", registry.of("development"), ids=lambda kind: kind.name)
def test_its_guilty_change_is_recorded_before_the_alert_if_there_is_one(kind: Kind) -> None:
    found = drawn(kind)
    named = [one for one in found.truth.right if one.kind == "change"]
    assert bool(named) == (found.scene.plan.change is not None)
    assert all(one.at is not None and one.at < found.observed.alert.started for one in named)
    seen = {(change.service, change.at.timestamp()) for change in found.observed.changes}
    assert all(any(service == one.service and at == pytest.approx(one.at) for service, at in seen) for one in named)


def test_a_quiet_window_has_changes_and_no_cause() -> None:
    kind = registry.QUIET[0]
    found = worlds.draw(SEED, kind.name, kind.plant, count=8, step=10.0)
    assert not found.truth.right
    assert found.observed.changes
    assert not found.scene.plan.causes.effects


def test_a_cause_that_does_no_harm_sets_off_nothing() -> None:
    kind = registry.named("third party fails")

    def harmless(ground: Ground) -> Plan:
        return without_cause(kind.plant(ground))

    with pytest.raises(worlds.Barren):
        worlds.draw(SEED, kind.name, harmless, hard=Difficulties(), count=6, step=60.0)


def test_there_are_a_dozen_development_kinds_and_no_test_kind_among_them() -> None:
    names = [kind.name for mark in registry.KINDS for kind in registry.of(mark)]
    assert len(registry.of("development")) >= 12
    assert len(set(names)) == len(names)


def test_an_effect_grows_and_ends() -> None:
    effect = replace(Effect("s1", 10.0, 20.0), ramp=4.0)
    assert [effect.grown(at) for at in (10.0, 12.0, 14.0, 20.0, 21.0)] == [0.0, 0.5, 1.0, 1.0, 0.0]
