"""Effects, drifts and jobs on a system of three: what each does to calls, visits, lines and series."""

from dataclasses import replace
from random import Random

import pytest

from evals.bench.diagnosis.grammar import changes, names, simulation
from evals.bench.diagnosis.grammar.changes import Made, Versions
from evals.bench.diagnosis.grammar.effects import Drift, Effect, Job
from evals.bench.diagnosis.grammar.messages import LANGUAGES, TEXTS
from evals.bench.diagnosis.grammar.records import Causes, Line, Shape, Told
from evals.bench.diagnosis.grammar.system import Link, Node, Operation, System

SECONDS = 200.0


def node(name: str, *links: Link) -> Node:
    operation = Operation(verb="GET", noun=0, own_ms=5.0, sigma=0.1, fails=0.0, links=links)
    return Node(id=name, sort="service", stack="go", operations=(operation,), servers=4.0, machines=("m0",))


def link(callee: str) -> Link:
    return Link(callee=callee, operation=0, share=1.0, timeout_ms=1000.0)


SYSTEM = System(
    nodes={one.id: one for one in (node("s0", link("s1")), node("s1", link("s2")), node("s2"))},
    entries=(("s0", 0, 1.0),),
    machines=("m0",),
    callers={"s1": ("s0",), "s2": ("s1",)},
)


def told(*effects: Effect, jobs: tuple[Job, ...] = ()) -> Told:
    shape = Shape(seconds=SECONDS, per_second=2.0, swing=0.0, phase=0.0, traced=1.0, step=10.0)
    return simulation.run(SYSTEM, shape, Causes(effects, jobs=jobs), Random(1))


def failed(of: Told, name: str) -> float:
    return sum(one.failed for one in of.visits[name]) / len(of.visits[name])


def lines(of: Told, key: str) -> int:
    return sum(sum(buckets.values()) for line, buckets in of.lines.items() if line.key == key)


def test_a_call_is_made_many_times_for_one_request() -> None:
    found = told(Effect("s1", -1.0, callee="s2", times=5))
    assert len(found.visits["s2"]) == 5 * len(found.visits["s1"])
    assert len(told().visits["s2"]) == len(told().visits["s1"])


def test_a_call_that_fails_is_tried_again_as_often_as_the_effect_says_and_not_made_further() -> None:
    refuses = Effect("s2", -1.0, fails="cause")
    found = told(refuses, Effect("s1", -1.0, callee="s2", retries=3, times=2))
    assert len(found.visits["s2"]) == 4 * len(found.visits["s1"])
    assert lines(found, "retry") == 3 * len(found.visits["s1"])
    assert lines(found, "call.status") - len(found.visits["s0"]) == len(found.visits["s1"])


def test_one_caller_alone_cannot_use_an_answer() -> None:
    found = told(Effect("s1", -1.0, callee="s2", nonsense=True))
    assert failed(found, "s1") == 1.0
    assert failed(found, "s2") == 0.0
    assert lines(found, "raised.nonsense") == len(found.visits["s1"])


def test_an_answer_of_no_use_is_passed_on_without_a_word() -> None:
    found = told(Effect("s2", -1.0, nonsense=True), Effect("s1", -1.0, callee="s2", passes=True))
    assert (failed(found, "s2"), failed(found, "s1"), failed(found, "s0")) == (0.0, 0.0, 1.0)
    assert {line.service for line in found.lines if line.key == "nonsense"} == {"s0"}


def test_who_waits_too_long_for_a_pool_gets_nothing() -> None:
    narrow = Effect("s2", -1.0, servers=0.002)
    drops = told(replace(narrow, drops_ms=300.0))
    assert 0.1 < failed(drops, "s2") < 1.0
    assert lines(drops, "raised.pool") == sum(one.failed for one in drops.visits["s2"])
    assert max(one.waited_ms for one in drops.visits["s2"]) <= 300.0
    waits = told(narrow)
    assert failed(waits, "s2") == 0.0
    assert max(one.waited_ms for one in waits.visits["s2"]) > 300.0


def test_a_node_says_something_for_each_request_that_is_hit() -> None:
    found = told(Effect("s2", 100.0, says="miss"))
    late = [one for one in found.visits["s2"] if one.at > 100.0]
    assert found.lines.keys() >= {Line("s2", "v1", "miss.0")}
    assert lines(found, "miss.0") == len(late)


def test_a_job_calls_its_callee_and_no_request_comes_of_it() -> None:
    found, calm = told(jobs=(Job("s0", "s2", 0, 100.0, per_second=10.0, end=150.0),)), told()
    assert {key[:2] for key in found.calls} == {("", "s0"), ("s0", "s1"), ("s1", "s2"), ("s0", "s2")}
    rows = found.calls["s0", "s2", "v1", 0]
    assert 400 < len(rows) < 600
    assert all(100.0 < row.at < 150.0 for row in rows)
    assert ("s0", "s2", "v1", 0) not in calm.calls


def test_a_share_fades_by_itself() -> None:
    effect = Effect("s1", 10.0, fades=40.0)
    assert [effect.grown(at) for at in (10.0, 20.0, 40.0, 50.0, 60.0)] == pytest.approx([0.0, 0.75, 0.25, 0.0, 0.0])


def test_a_resource_goes_to_a_value_whatever_its_level() -> None:
    drift = Drift("s1", "disk_used_ratio", 10.0, to=1.0, over=20.0, end=50.0)
    assert [drift.drawn(at, 0.4) for at in (10.0, 20.0, 30.0, 40.0, 60.0)] == pytest.approx([0.4, 0.7, 1.0, 1.0, 0.4])
    assert drift.level(40.0) == 1.0


def test_a_release_in_stages_tells_each_shift_of_weights_and_a_migration_its_table() -> None:
    deploy = Made("deploy", "s1", 10.0, share=0.1, stages=((60.0, 0.5), (120.0, 1.0)))
    migration = Made("migration", "s2", 20.0, noun=3)
    made, called = [deploy, migration], names.draw(Random(1), SYSTEM, made_up=False)
    seen = [change for _, change in changes.told(made, called, SYSTEM, Versions(made, deploy), 0.0)]
    shifts = [(change.at.timestamp(), change.new) for change in seen if change.what == "weights"]
    assert shifts == [(11.0, "10%"), (70.0, "50%"), (130.0, "100%")]
    assert [change.target for change in seen if change.what == "migration"] == [f"{called.nouns[3]}s"]


def test_every_message_is_there_in_every_language_with_the_same_names_in_it() -> None:
    for key, texts in TEXTS.items():
        assert len(texts) == len(LANGUAGES), key
        assert (
            len({tuple(sorted(part for part in ("{peer}", "{noun}", "{field}") if part in one)) for one in texts}) == 1
        ), key
