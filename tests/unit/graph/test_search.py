"""The search through whole incidents on the scripted world: rounds are kept, failed remedies strike, and it goes on."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agents.playbook import rca
from agents.playbook.model import Playbook
from graph.reports.vocabulary import sentence
from incident.ending import Outcome
from incident.errors import Refused
from incident.evidence import ErrorGroup, Missing
from incident.proof import Reproduction
from incident.record import Answered, Decided, Diagnosed, Gathered
from incident.search import Setback, Strike
from policies.diagnosis import search
from tests.unit.graph.changed import same_kind
from tests.unit.graph.desks import INCIDENT, Bench, bench
from tests.unit.policies.given import codes
from tools.scripted import world as scripted
from tools.scripted.clock import EPOCH, ManualClock
from tools.scripted.proof import ScriptedProver
from tools.scripted.world import SICK, ScriptedWorld, incident_world


def searches(at: Bench) -> list[tuple[str, search.Facts]]:
    """Each step of the search, with what it rested on."""
    found = (record.event for record in at.records)
    return [
        (event.decision.choice, search.Facts.model_validate(event.facts))
        for event in found
        if isinstance(event, Decided) and event.decision.policy == search.NAME
    ]


def strikes(at: Bench) -> list[tuple[str, str]]:
    """(Kind, code) of every strike, as the last step of the search knows them."""
    _, facts = searches(at)[-1]
    found: tuple[Strike, ...] = tuple(strike for item in facts.rounds for strike in item.strikes)
    return [(strike.kind, strike.why.code) for strike in found]


def setbacks(at: Bench) -> list[tuple[str, Outcome]]:
    _, facts = searches(at)[-1]
    met: tuple[Setback, ...] = facts.setbacks
    return [(item.remedy, item.outcome) for item in met]


def test_a_release_before_a_new_kind_of_traffic_is_not_rolled_back(tmp_path: Path) -> None:
    """It served well until requests came that nobody had sent before: the code is mended, the release stays."""
    clock = ManualClock()
    at = bench(tmp_path, clock, incident_world(clock, wakes_in=0.0, deployed_ago=30.0))
    clock.advance(20)
    ending = at.heal()
    assert ending.outcome is Outcome.HEALED, ending.reason
    assert strikes(at)[0] == ("untested", "not_checked")
    assert at.weights()["v1"] == 0
    assert at.decided("remedies.rank") == ["patch"]


def test_a_release_that_served_the_same_traffic_well_is_innocent(tmp_path: Path) -> None:
    """Nothing tells the requests that fail from those that went well under it."""
    clock = ManualClock()
    at = bench(tmp_path, clock, same_kind(incident_world(clock, wakes_in=0.0, deployed_ago=60.0)))
    clock.advance(20)
    at.heal()
    assert strikes(at)[0] == ("disproved", "disproved_by")
    assert at.decided("remedies.rank")[0] == "patch"
    assert "v1" not in {name for name, weight in at.weights().items() if weight}


def sick_from_the_deploy(clock: ManualClock) -> ScriptedWorld:
    """A release, and in the same moment requests that fail on both versions: going back does not help."""
    world = same_kind(incident_world(clock, wakes_in=0.0, deployed_ago=0.5))
    state = world.stage.state
    services, behaviours = state.services, dict.fromkeys(state.behaviours, SICK)
    orders = services["orders"]
    first, *rest = orders.splits
    sick = first.model_copy(update={"behaviours": dict.fromkeys(first.behaviours, SICK)})
    rest = [item.model_copy(update={"behaviours": dict.fromkeys(item.behaviours, SICK)}) for item in rest]
    orders = orders.model_copy(update={"splits": (sick, *rest)})
    world.stage.state = state.model_copy(update={"services": {**services, "orders": orders}, "behaviours": behaviours})
    return world


def test_after_a_rollback_that_did_not_help_the_next_hypothesis_is_tried(tmp_path: Path) -> None:
    """It is taken back, its hypothesis is struck, and a proven patch is asked about, since the service moved to and fro."""
    clock = ManualClock()
    at = bench(tmp_path, clock, sick_from_the_deploy(clock))
    before = at.weights()
    clock.advance(30)
    state = at.run(at.open())
    assert at.decided("remedies.rank") == ["roll_back", "patch"]
    assert setbacks(at) == [("roll_back", Outcome.ROLLED_BACK)]
    assert [kind for kind, _ in strikes(at)].count("failed") == 1
    assert state.plan is not None
    assert state.plan.gate is not None
    assert state.plan.gate.reason.code == "flapping"
    assert at.weights() == before


def test_an_old_rare_error_does_not_clear_a_fresh_bad_release(tmp_path: Path) -> None:
    """Both versions log it now and then; what most requests fail by is logged by the new one alone."""
    clock = ManualClock()
    at = bench(tmp_path, clock, incident_world(clock, wakes_in=-300.0, deployed_ago=90.0))
    at.heal()
    (found,) = (record.event.diagnosis for record in at.records if isinstance(record.event, Diagnosed))
    assert found.hypotheses[0].cause.kind == "deploy"
    (dossier,) = (record.event.dossier for record in at.records if isinstance(record.event, Gathered))
    groups = [item.fact for item in dossier.of("error_group") if isinstance(item.fact, ErrorGroup)]
    assert {version for group in groups for version in group.versions} == {"v1", "v2"}, (
        "control: the old error is there"
    )


def two_places(clock: ManualClock) -> ScriptedWorld:
    """One error that is raised in either of two functions, each of which every stack goes through."""
    world = incident_world(clock)
    story = world.stage.state.stories["orders"]
    assert story.sick is not None
    frames = (*story.sick.frames[:2], story.sick.frames[3], story.sick.frames[2])
    other = story.sick.model_copy(update={"frames": frames})
    stories = {"orders": story.model_copy(update={"other": other})}
    world.stage.state = world.stage.state.model_copy(update={"stories": stories})
    return world


def test_a_second_patch_is_made_and_taken_back_under_names_of_its_own(tmp_path: Path) -> None:
    """Two changes and two undos, each in the books: the world is as before, and the ending tells of both."""
    clock = ManualClock()
    world = two_places(clock)
    world.stage.state = world.stage.state.model_copy(update={"otherwise": SICK})
    at = bench(tmp_path, clock, world, script=places("discount", "total", patch=MENDED))
    before = at.weights()
    clock.advance(30)
    ending = at.heal()
    assert ending.outcome is Outcome.ROLLED_BACK, ending.reason
    assert setbacks(at) == [("patch", Outcome.ROLLED_BACK)] * 2
    assert at.weights() == before
    entries = at.context.ledger.entries(INCIDENT)
    assert all(entry.outcome is not None for entry in entries)
    deployed = [change.version for change in at.world.platform.history("orders", EPOCH) if change.what == "deploy"]
    assert len(set(deployed)) == len(deployed) == 2


def test_refused_proofs_strike_one_hypothesis_after_the_other(tmp_path: Path) -> None:
    """Nothing is touched, and each is said with what refused it."""
    clock = ManualClock()
    prover = ScriptedProver(lambda _: "failed")
    at = bench(tmp_path, clock, two_places(clock), prover=prover, script=places("discount", "total", patch=MENDED))
    clock.advance(30)
    ending = at.heal()
    assert ending.outcome is Outcome.REJECTED, ending.reason
    assert strikes(at) == [("failed", "all_refused")] * 2
    assert at.context.ledger.entries(INCIDENT) == ()


MENDED = (
    'def discount(customer):\n    membership = customer["membership"]\n'
    "    if membership is None:\n        return STANDARD_DISCOUNT\n"
    '    return membership.get("discount", STANDARD_DISCOUNT)\n'
)


def places(*functions: str, patch: str = "") -> str:
    """A model that blames these functions, in this order; without a patch the playbook writes one."""
    lines = {"discount": 13, "total": 19}
    found = {frame.function: frame.line for frame in scripted._story().sick.frames}  # type: ignore[union-attr]
    calls = [
        {
            "name": "blame_code",
            "args": {
                "place": f"services/orders/pricing.py:{found.get(name, lines[name])} in {name}",
                "evidence": ["E1"],
                "explanation": "it fails there",
                "disproof": "errors_elsewhere",
                "confidence": 0.5,
            },
        }
        for name in functions
    ]
    return _script(calls, patch=patch)


def _script(calls: list[dict[str, Any]], *, patch: str = "") -> str:
    agents = {"rca": [{"tool_calls": calls}]}
    if patch:
        fix = {"function": "services/orders/pricing.py::discount", "source": patch, "why": "members"}
        agents["patch"] = [{"tool_calls": [{"name": "propose_fix", "args": fix}]}]
    return json.dumps({"name": "model", "agents": agents})


def test_a_place_that_no_recorded_request_proves_leads_to_the_next(tmp_path: Path) -> None:
    """Nothing could show that a patch of the first place mends it; the second one is patched."""
    clock = ManualClock()
    at = bench(tmp_path, clock, incident_world(clock), script=places("total", "discount"))
    clock.advance(30)
    ending = at.heal()
    assert ending.outcome is Outcome.HEALED, ending.reason
    assert strikes(at) == [("failed", "not_reproduced_because")]
    followed = [choice for choice, _ in searches(at)]
    assert followed == ["follow", "follow"]


def test_the_rules_are_not_asked_what_they_have_answered(tmp_path: Path) -> None:
    """Nothing differs in the question, so nothing would differ in the answer: it is put once."""
    clock = ManualClock()
    world = two_places(clock)
    at = bench(tmp_path, clock, world, prover=ScriptedProver(lambda _: "failed"))
    at.context = replace(at.context, models=replace(at.context.models, model=Playbook()))
    clock.advance(30)
    at.heal()
    runs = [record.event for record in at.records if isinstance(record.event, Answered)]
    questions = [run for run in runs if run.agent == "patch" and not run.answer["candidates"]]
    assert len(questions) == 2, "one for each place"
    assert at.decided("retry.next")[-1] != "revise"


def test_not_to_know_is_an_ending_of_its_own(tmp_path: Path) -> None:
    """What was missing and what was looked at is said, and nobody is said to have given no answer."""
    clock = ManualClock()
    reason = "the logs of the bank are missing"
    script = _script([{"name": "dont_know", "args": {"reason": reason}}])
    at = bench(tmp_path, clock, incident_world(clock), script=script)
    clock.advance(30)
    ending = at.heal()
    assert ending.outcome is Outcome.ESCALATED
    assert reason in ending.reason
    assert "no usable answer" not in ending.reason
    last = [record.event for record in at.records if isinstance(record.event, Answered)][-1]
    assert (last.ended, last.why) == ("unknown", f"it does not know: {reason}")
    choice, facts = searches(at)[-1]
    assert choice == "end"
    assert facts.rounds[0].service == "orders"
    assert "does_not_know" in codes(search.next(facts).verdict.reason)
    assert "Looked at: " in ending.lines[0]


def test_hypotheses_are_kept_when_the_search_looks_at_another_service(tmp_path: Path) -> None:
    """The other service knows no cause, so the search comes back to what it had."""
    clock = ManualClock()
    elsewhere = {
        "name": "blame_service",
        "args": {"service": "stock", "evidence": ["E1"], "explanation": "there", "confidence": 0.9},
    }
    here = json.loads(places("discount"))["agents"]["rca"][0]["tool_calls"]
    script = _script([elsewhere, *here])
    at = bench(tmp_path, clock, incident_world(clock), script=script)
    clock.advance(30)
    ending = at.heal()
    assert ending.outcome is Outcome.HEALED, ending.reason
    assert [choice for choice, _ in searches(at)] == ["look", "follow"]
    _, facts = searches(at)[-1]
    assert [item.service for item in facts.rounds] == ["orders", "stock"]
    assert len([record for record in at.records if isinstance(record.event, Diagnosed)]) == 2


def test_an_ending_without_a_cause_tells_of_every_service_that_was_looked_at(tmp_path: Path) -> None:
    """One was blamed; its source cannot be read, and it is looked at all the same."""
    clock = ManualClock()
    elsewhere = {
        "name": "blame_service",
        "args": {"service": "stock", "evidence": ["E1"], "explanation": "there", "confidence": 0.9},
    }
    at = bench(tmp_path, clock, incident_world(clock), script=_script([elsewhere]))
    clock.advance(30)
    ending = at.heal()
    assert ending.outcome is Outcome.ESCALATED
    found, why, _ = ending.lines
    assert found.startswith("No cause is established (hypotheses: 3, rounds of diagnosis: 3). ")
    assert "source of stock (suture.toml has no entry for stock)" in found
    assert "kinds of logged errors of orders" in found
    assert "kinds of logged errors of stock" in found
    assert "no remedy can be chosen" in why


def test_every_step_of_the_search_can_be_said(tmp_path: Path) -> None:
    """A reason of the search is a sentence, and no code shows through."""
    clock = ManualClock()
    at = bench(tmp_path, clock, sick_from_the_deploy(clock))
    clock.advance(30)
    at.run(at.open())
    for _, facts in searches(at):
        said = sentence(search.next(facts).verdict.reason)
        assert "_" not in said.replace("roll_back", "").replace("services/orders", "")


class Unconfined(ScriptedProver):
    """A prover whose sandbox cannot apply its limits on this machine."""

    def __init__(self) -> None:
        super().__init__(lambda _: "passed")

    def reproduce(self, *_: object, **__: object) -> Reproduction | Missing:
        raise Refused("the sandbox refused to run: no cgroups")


def test_a_sandbox_that_refuses_forbids_no_rollback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Going back to a version that served well runs nothing in a sandbox, also where the code alone is blamed."""
    monkeypatch.setattr(rca, "_changes", lambda _: iter(()))
    clock = ManualClock()
    at = bench(tmp_path, clock, incident_world(clock, wakes_in=-300.0, deployed_ago=30.0), prover=Unconfined())
    ending = at.heal()
    assert ending.outcome is Outcome.HEALED, ending.reason
    assert at.decided("remedies.rank") == ["roll_back"]
    assert at.weights()["v1"] == 100


def test_control_without_a_release_the_refusal_is_why_nothing_was_tried(tmp_path: Path) -> None:
    clock = ManualClock()
    at = bench(tmp_path, clock, incident_world(clock, wakes_in=0.0), prover=Unconfined())
    clock.advance(30)
    ending = at.heal()
    assert ending.outcome is Outcome.ESCALATED
    assert "no cgroups" in ending.reason
    assert at.context.ledger.entries(INCIDENT) == ()
