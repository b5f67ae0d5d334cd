"""A person steers a running incident: recorded, heard, weighed, and never obeyed without a person at the gate."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import JsonValue

from graph import steer
from graph.console import cli
from graph.reports import journal_reader, report
from graph.state import State
from incident.ending import Outcome
from incident.errors import BadInput
from incident.evidence import Origin
from incident.record import Decided, Gathered, Steered
from incident.remedy import Patch
from incident.steering import MOST, Steering
from policies import registry
from policies.diagnosis import search
from policies.gates import reach_gate
from tests.unit.graph import truths
from tests.unit.graph.desks import INCIDENT, Bench, bench
from tools.scripted import world as scripted
from tools.scripted.clock import ManualClock
from tools.scripted.proof import ScriptedProver
from tools.scripted.world import SICK, ScriptedWorld, incident_world


def said(at: Bench, *words: str) -> int:
    """What ``graph.steer`` does with these arguments, by ada."""
    environment = {"SUTURE_HOME": str(at.home.root)}
    arguments = (INCIDENT, *words, "--as", "ada")
    return cli.main(steer.parser(), lambda given: steer.act(given, environment), arguments)


def dormant(clock: ManualClock) -> ScriptedWorld:
    return incident_world(clock)


def released(clock: ManualClock) -> ScriptedWorld:
    return incident_world(clock, wakes_in=-300.0, deployed_ago=2.0, sick=SICK)


def steered(
    folder: Path,
    *words: tuple[str, ...],
    world: Callable[[ManualClock], ScriptedWorld] = dormant,
    script: str | None = None,
) -> tuple[Bench, State]:
    """An incident about which these words were said before it ran."""
    clock = ManualClock()
    at = bench(folder, clock, world(clock), script=script)
    clock.advance(30)
    fresh = at.open()
    for one in words:
        assert said(at, *one) == 0
    return at, at.run(fresh)


def steps(at: Bench) -> list[tuple[str, str]]:
    decided = (record.event for record in at.records if isinstance(record.event, Decided))
    found = [search.POLICY.read(one.decision) for one in decided if one.decision.policy == search.NAME]
    return list(zip(at.decided(search.NAME), [one.service for one in found if one is not None], strict=True))


def asked(state: State) -> tuple[str, object]:
    """Code and people of the reason for which a person is asked; the incident did not end."""
    assert state.ending is None
    assert state.plan is not None
    assert state.plan.gate is not None
    reason = state.plan.gate.reason
    return reason.code, reason.values.get("people")


def untouched(at: Bench) -> bool:
    return at.context.ledger.entries(INCIDENT) == ()


def test_pointing_at_an_innocent_service_gets_it_looked_at_and_not_changed(tmp_path: Path) -> None:
    """The look finds nothing, so the search goes on as before, and the guilty one is mended without a person."""
    at, state = steered(tmp_path, ("look", "stock", "--because", "it was\nslow yesterday"))
    assert state.ending is not None
    assert state.ending.outcome is Outcome.HEALED, state.ending.reason
    assert steps(at) == [("look", "stock"), ("follow", "orders")]
    assert at.world.platform.read("stock") == incident_world(ManualClock()).platform.read("stock")
    assert at.weights().get("v1", 0) == 0
    records = tuple(at.records)
    (word,) = [event.word for _, event in journal_reader.events(records, Steered)]
    assert (word.said, word.target, word.because, word.by) == ("look", "service stock", "it was slow yesterday", "ada")
    gathered = [event.dossier for _, event in journal_reader.events(records, Gathered)]
    assert [[item.origin for item in one.of("steering")] for one in gathered] == [[Origin.HUMAN]] * 2
    assert "ada (as" in report.render(records)
    assert "points at service stock: it was slow yesterday; looked at" in report.render(records)
    assert truths.doubts(tmp_path) == ()


def test_every_steered_decision_replays_from_the_record_alone(tmp_path: Path) -> None:
    at, _ = steered(tmp_path, ("look", "stock"), ("doubt", "deploy v7 of orders"))
    events = [record.event for record in at.records]
    decided = [event for event in events if isinstance(event, Decided)]
    assert {search.NAME, reach_gate.NAME} <= {event.decision.policy for event in decided}
    for event in decided:
        again = registry.replay(event.decision.policy, event.decision.version, event.facts)
        assert not isinstance(again, str)
        assert again.canonical() == event.decision.canonical()


def test_doubting_the_guilty_one_only_delays_to_a_person(tmp_path: Path) -> None:
    at, state = steered(tmp_path, ("doubt", "orders"))
    assert asked(state) == ("person_doubts", ("ada",))
    assert untouched(at)
    assert state.plan is not None
    assert state.plan.remedy is not None
    now = at.clock.now()
    answer: dict[str, JsonValue] = {
        "plan_digest": state.plan.remedy.digest(), "base": state.plan.base, "approved": True, "by": "bob",
        "os_user": "root", "at": now.isoformat(), "expires_at": now.replace(year=now.year + 1).isoformat(),
    }  # fmt: skip
    done = at.run(answer=answer)
    assert done.ending is not None
    assert done.ending.outcome is Outcome.HEALED, done.ending.reason


def test_not_the_release_holds_its_roll_back(tmp_path: Path) -> None:
    """Under its name as the report prints it."""
    at, state = steered(tmp_path, ("doubt", "deploy v2 of orders"), world=released)
    assert asked(state)[0] in ("person_doubts", "person_pointed")
    assert untouched(at)


@pytest.mark.parametrize("world", [dormant, released])
def test_control_without_a_word_it_is_healed_without_a_person(
    tmp_path: Path, world: Callable[[ManualClock], ScriptedWorld]
) -> None:
    at, state = steered(tmp_path, world=world)
    assert state.ending is not None
    assert state.ending.outcome is Outcome.HEALED, state.ending.reason
    assert not untouched(at)
    assert "Steering" not in report.render(tuple(at.records))


def test_a_doubt_that_comes_while_the_patch_is_proved_holds_it(tmp_path: Path) -> None:
    clock = ManualClock()
    at = bench(tmp_path, clock, incident_world(clock))

    def proved(_: Patch) -> str:
        if not at.context.incidents.steering(INCIDENT):
            assert said(at, "doubt", "service", "orders") == 0
        return "passed"

    late = bench(tmp_path, clock, at.world, prover=ScriptedProver(proved))  # type: ignore[arg-type]
    clock.advance(30)
    state = late.run(late.open())
    assert asked(state) == ("person_doubts", ("ada",))
    assert untouched(late)
    assert [event.word.said for _, event in journal_reader.events(tuple(late.records), Steered)] == ["doubt"]


def obedient() -> str:
    """A model that blames the place in orders, as if a person had talked it into that."""
    story = scripted._story().sick
    assert story is not None
    (line,) = (frame.line for frame in story.frames if frame.function == "discount")
    call = {
        "name": "blame_code",
        "args": {
            "place": f"services/orders/pricing.py:{line} in discount",
            "evidence": ["E1"],
            "explanation": "so I was told",
            "disproof": "errors_elsewhere",
            "confidence": 0.5,
        },
    }
    return json.dumps({"name": "model", "agents": {"rca": [{"tool_calls": [call]}]}})


@pytest.mark.parametrize("words", [(("look", "outside", "rates.example"),), ()], ids=["steered", "control"])
def test_what_a_model_says_that_had_read_a_word_is_changed_by_a_person_only(
    tmp_path: Path, words: tuple[tuple[str, ...], ...]
) -> None:
    """Nobody knows what it would have said without; the control had read none, and goes through."""
    at, state = steered(tmp_path, *words, script=obedient())
    if words:
        assert asked(state) == ("person_pointed", ("ada",))
        assert untouched(at)
    else:
        assert state.ending is not None
        assert state.ending.outcome is Outcome.HEALED, state.ending.reason


def test_what_nobody_saw_is_recorded_and_said_to_be_unseen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at, state = steered(tmp_path, ("doubt", "deploy v9 of orders"))
    assert state.ending is not None
    assert state.ending.outcome is Outcome.HEALED
    assert "nothing by that name is in its record" in capsys.readouterr().err
    assert "doubts change deploy v9 of orders; nothing by that name was seen" in report.render(tuple(at.records))
    assert truths.doubts(tmp_path) == ()


@pytest.mark.parametrize(
    ("given", "what", "name", "service"),
    [
        ("price", "", "price", ""),
        ("  price ", "", "price", ""),
        ("service price", "service", "price", ""),
        ("service deploy", "service", "deploy", ""),
        ("outside rates.example:443", "outside", "rates.example:443", ""),
        ("change deploy v2 of front", "change", "deploy v2", "front"),
        ("deploy v2 of front", "change", "deploy v2", "front"),
        ("config PATIENCE_MS of price", "change", "config PATIENCE_MS", "price"),
        ("config a of b of price", "change", "config a of b", "price"),
        ("restart of price", "change", "restart", "price"),
        ("node n1", "change", "node n1", ""),
        ("price\u200b\n", "", "price", ""),
    ],
)
def test_a_target_is_spelled_as_the_table_of_suspects_prints_it(given: str, what: str, name: str, service: str) -> None:
    found = steer.parsed(given)
    assert (found.what, found.name, found.service) == (what, name, service)


@pytest.mark.parametrize(
    "given",
    ["", " ", "the database", "deploy of front", "deploy v2", "config of price", "place f of price", "service a b"],
)
def test_another_spelling_is_refused(given: str) -> None:
    with pytest.raises(BadInput, match="write a service"):
        steer.parsed(given)


def words_of(at: Bench) -> tuple[Steering, ...]:
    return at.context.incidents.steering(INCIDENT)


@pytest.mark.parametrize(
    "words",
    [("look", "the", "database"), ("look",), ("obey", "stock"), ("look", "ghost"), ("doubt", "deploy v1 of ghost")],
)
def test_bad_input_is_one_sentence_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    """The incident waits, and its record knows the services of the world."""
    at, _ = steered(tmp_path, ("doubt", "orders"))
    capsys.readouterr()
    assert said(at, *words) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
    assert len(words_of(at)) == 1


def test_an_unknown_service_is_refused_with_those_that_are_known(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    at, _ = steered(tmp_path, ("doubt", "orders"))
    assert said(at, "look", "ghost") == 2
    assert "orders, stock, storefront" in capsys.readouterr().err


def test_a_closed_incident_takes_no_word_and_an_open_one_only_so_many(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = ManualClock()
    at = bench(tmp_path, clock, incident_world(clock))
    at.open()
    for _ in range(MOST):
        assert said(at, "look", "stock") == 0
    assert said(at, "look", "stock") == 2
    row = at.row()
    at.context.incidents.update(row.model_copy(update={"status": "closed", "outcome": "healed"}))
    assert said(at, "look", "stock") == 2
    assert len(words_of(at)) == MOST
    assert "it is closed (healed)" in capsys.readouterr().err


def test_json_says_what_was_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clock = ManualClock()
    at = bench(tmp_path, clock, incident_world(clock))
    at.open()
    assert said(at, "look", "outside", "rates.example", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["what"], told["name"], told["seen"]) == ("outside", "rates.example", False)
