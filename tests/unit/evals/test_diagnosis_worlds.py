"""Grammar of worlds: the same seed is the same world, the truth is in no field, and names change nothing but names."""

import re
from dataclasses import replace
from random import Random

import pytest

from evals.bench.diagnosis import baseline, hiding
from evals.bench.diagnosis.grammar import names, topology, worlds
from evals.bench.diagnosis.grammar.difficulties import Difficulties
from evals.bench.diagnosis.grammar.names import Names
from evals.bench.diagnosis.grammar.worlds import World
from evals.bench.diagnosis.kinds import registry
from incident.observed import Observed
from incident.value import encode

SOME = ("deploy raises on a kind of request", "third party fails", "service hangs")


def world(kind: str = SOME[0], seed: int = 5, hard: Difficulties | None = None) -> World:
    found = registry.named(kind)
    return worlds.draw(seed, found.name, found.plant, hard=hard or Difficulties(), count=8, step=10.0)


def text(observed: Observed) -> str:
    return encode(observed.model_dump(mode="json")).decode()


@pytest.mark.parametrize("kind", SOME)
def test_a_world_is_the_same_for_the_same_seed(kind: str) -> None:
    first, again = world(kind), world(kind)
    assert first.observed == again.observed
    assert first.truth == again.truth
    assert first.observed != world(kind, seed=6).observed


@pytest.mark.parametrize("kind", SOME)
def test_no_text_of_an_observation_names_its_truth(kind: str) -> None:
    told = text(world(kind).observed)
    assert kind not in told
    assert not re.search(r"guilty|innocent|planted|culprit|truth|decoy|\bcause\b", told)
    # The ids of the grammar tell parts apart that names do not.
    assert not re.search(r'"[sdxm]\d+"', told)


def test_an_observation_holds_what_ports_say_and_nothing_else() -> None:
    assert set(World.__dataclass_fields__) == {"observed", "truth", "scene"}
    assert not {"truth", "scene", "right", "near"} & set(Observed.model_fields)


def permuted(told: Names, system: tuple[str, ...], seed: int) -> Names:
    shuffled = list(system)
    Random(seed).shuffle(shuffled)
    return replace(told, of={**told.of, **{one: told.of[other] for one, other in zip(system, shuffled, strict=True)}})


def sorted_parts(value: object, new: dict[str, str]) -> object:
    """The same JSON value with names replaced, and lists in an order that names have no part in."""
    if isinstance(value, dict):
        return {key: sorted_parts(item, new) for key, item in value.items()}
    if isinstance(value, list):
        return sorted((sorted_parts(item, new) for item in value), key=repr)
    if isinstance(value, str) and new:
        pattern = "|".join(sorted(map(re.escape, new), key=len, reverse=True))
        return re.sub(rf"(?<![a-z0-9])(?:{pattern})(?![a-z0-9])", lambda found: new[found[0]], value)
    return value


@pytest.mark.parametrize("kind", SOME)
def test_other_names_change_names_only(kind: str) -> None:
    one = world(kind, hard=Difficulties(words="made_up"))
    services = one.scene.system.services
    other = worlds.renamed(one, permuted(one.scene.names, services, 3))
    assert other.observed != one.observed
    new = {one.scene.names[name]: other.scene.names[name] for name in services}
    new |= {name.replace("-", "_"): to.replace("-", "_") for name, to in new.items()}  # in keys of settings
    assert sorted_parts(one.observed.model_dump(mode="json"), new) == sorted_parts(
        other.observed.model_dump(mode="json"), {}
    )
    assert [suspect.name for suspect in other.truth.right] == [
        sorted_parts(suspect.name, new) for suspect in one.truth.right
    ]


def test_messages_can_be_told_in_another_language_or_not_at_all() -> None:
    one = world()
    other = worlds.retold(one, one.scene.difficulties.model_copy(update={"language": 3}))
    none = worlds.retold(one, one.scene.difficulties.model_copy(update={"messages": False}))
    assert other.observed.tracks == one.observed.tracks == none.observed.tracks
    assert {line.text for line in other.observed.logged} != {line.text for line in one.observed.logged}
    assert {line.what for line in none.observed.logged} <= {"place"}


@pytest.mark.parametrize("count", [6, 40])
def test_topologies_have_the_asked_size_and_no_circles(count: int) -> None:
    system = topology.draw(Random(1), count)
    assert len(system.services) == count
    assert sum(system.visits.values()) <= topology.MOST_VISITS
    assert all(name not in system.above(name) for name in system.nodes)


def test_nothing_is_told_of_later_than_the_look() -> None:
    seen = world().observed
    end = seen.looked.end
    assert all(at <= end for track in seen.tracks for at in track.at)
    assert all(at <= end for calls in seen.calls for at in calls.at)
    assert all(at + seen.bucket_seconds <= end for line in seen.logged for at in line.at)
    assert all(change.at.timestamp() <= end for change in seen.changes)


def test_hidden_evidence_is_gone_with_everything_that_names_its_node_as_its_own() -> None:
    one = world()
    name = one.scene.names[one.scene.plan.hides[0]]
    seen = hiding.without(one.observed, [name])
    assert not [track for track in seen.tracks if track.service == name]
    assert not [calls for calls in seen.calls if name in (calls.caller, calls.callee)]
    assert not [change for change in seen.changes if change.service == name]
    assert any(name in gap.sought for gap in seen.gaps)


def test_the_baseline_takes_the_latest_change_next_to_the_alert() -> None:
    seen = world().observed
    near = {seen.service} | {calls.callee for calls in seen.calls if calls.caller == seen.service}
    found = baseline.suspect(seen)
    own = [change for change in seen.changes if change.service in near and change.at.timestamp() <= seen.alert.started]
    assert found is not None
    if own:
        assert found.kind == "change"
    without = baseline.suspect(seen.model_copy(update={"changes": ()}))
    assert without is not None
    assert without.kind == "service"


def test_names_are_drawn_apart_from_everything_else() -> None:
    system = topology.draw(Random(1), 40)
    told = names.draw(Random(2), system, made_up=True)
    assert len(set(told.of.values())) == len(told.of)
