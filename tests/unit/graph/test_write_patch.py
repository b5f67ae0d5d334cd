"""Rules beside a model: templates are tried first, the model is asked when none of them passes, and the smallest of its patches wins."""

import json
from dataclasses import replace
from pathlib import Path

from agents.models import factory
from agents.playbook.model import Playbook
from graph.reports.vocabulary import sentence
from incident.record import Answered, Decided, Proved
from incident.remedy import Patch
from tests.unit.graph import desks
from tests.unit.graph.written import LONG, SHORT, script
from tools.scripted.clock import ManualClock
from tools.scripted.proof import Outcome, ScriptedProver
from tools.scripted.world import incident_world


def bench(folder: Path, judge: ScriptedProver, *sources: str, rules: bool = True) -> desks.Bench:
    clock = ManualClock()
    made = desks.bench(
        folder, clock, incident_world(clock, wakes_in=-40.0), prover=judge, script=script(*sources), dry_run=True
    )
    models = replace(made.context.models, rules=Playbook() if rules else None)
    made.context = replace(made.context, models=models)
    return made


def by_template(patch: Patch) -> Outcome:
    """A sandbox in which no template passes."""
    return "failed" if patch.template else "passed"


def writers(made: desks.Bench) -> list[str]:
    events = [record.event for record in made.records]
    return [event.model.split()[0] for event in events if isinstance(event, Answered) and event.agent == "patch"]


def remedy(made: desks.Bench) -> Patch:
    state = made.run(made.open())
    assert state.plan is not None
    assert isinstance(state.plan.remedy, Patch)
    return state.plan.remedy


def test_a_template_that_passes_leaves_the_model_unasked(tmp_path: Path) -> None:
    made = bench(tmp_path, ScriptedProver(lambda _: "passed"), LONG)
    assert remedy(made).template
    assert writers(made) == ["playbook"]


def test_when_no_template_passes_the_model_is_asked_and_its_smallest_patch_wins(tmp_path: Path) -> None:
    made = bench(tmp_path, ScriptedProver(by_template), LONG, SHORT)
    found = remedy(made)
    assert not found.template
    assert SHORT in found.edits[0].after
    assert writers(made) == ["playbook", "script"]


def test_the_record_keeps_every_loser_and_why(tmp_path: Path) -> None:
    made = bench(tmp_path, ScriptedProver(by_template), SHORT)
    remedy(made)
    proofs = [record.event.proof for record in made.records if record.event.kind == "proved"]
    assert [proof.outcome for proof in proofs][-1] == "passed"
    assert all(proof.outcome == "failed" for proof in proofs[:-1])
    assert len(proofs) > 1


def test_with_templates_off_the_model_writes_at_once_beside_the_rules(tmp_path: Path) -> None:
    made = bench(tmp_path, ScriptedProver(lambda _: "passed"), SHORT)
    thinking = made.context.settings.thinking.model_copy(update={"templates": False})
    made.context = replace(made.context, settings=made.context.settings.model_copy(update={"thinking": thinking}))
    assert not remedy(made).template
    assert writers(made) == ["script"]


def test_control_without_rules_the_model_is_asked_first(tmp_path: Path) -> None:
    calls = [
        {
            "name": "propose_fix",
            "args": {"source": LONG, "why": "x", "function": "services/orders/pricing.py::discount"},
        }
    ]
    made = bench(tmp_path, ScriptedProver(lambda _: "passed"), LONG, rules=False)
    told = json.dumps({"name": "model", "agents": {"patch": [{"tool_calls": calls}]}})
    made.context = replace(
        made.context, models=replace(made.context.models, model=factory.build("scripted:t", script=told))
    )
    assert not remedy(made).template
    assert writers(made) == ["script"]


def narrow(made: desks.Bench) -> desks.Bench:
    budget = made.context.settings.budget.model_copy(update={"context_tokens": 4_000})
    made.context = replace(made.context, settings=made.context.settings.model_copy(update={"budget": budget}))
    return made


def reviewers(made: desks.Bench) -> set[str]:
    events = [record.event for record in made.records]
    return {event.model.split()[0] for event in events if isinstance(event, Answered) and event.agent == "review"}


def test_what_a_small_model_wrote_is_read_by_rules_and_goes_to_a_person(tmp_path: Path) -> None:
    made = narrow(bench(tmp_path, ScriptedProver(by_template), SHORT))
    state = made.run(made.open())
    assert state.plan is not None
    assert state.plan.inspection is not None
    assert state.plan.inspection.kind == "hold"
    assert "only rules read it" in sentence(state.plan.inspection.reason)
    assert reviewers(made) == {"playbook"}


def test_control_with_room_the_model_reviews_and_nothing_is_held_for_that(tmp_path: Path) -> None:
    made = bench(tmp_path, ScriptedProver(by_template), SHORT)
    state = made.run(made.open())
    assert state.plan is not None
    assert state.plan.inspection is not None
    assert "only rules" not in sentence(state.plan.inspection.reason)
    assert reviewers(made) == {"script"}


def test_a_template_of_a_run_with_a_small_model_is_held_for_nothing(tmp_path: Path) -> None:
    made = narrow(bench(tmp_path, ScriptedProver(lambda _: "passed"), SHORT))
    state = made.run(made.open())
    assert state.plan is not None
    assert state.plan.inspection is not None
    assert "only rules" not in sentence(state.plan.inspection.reason)


def _short(patch: Patch, then: Outcome, otherwise: Outcome) -> Outcome:
    if patch.template:
        return "failed"
    return then if SHORT in patch.edits[0].after else otherwise


def test_a_candidate_of_which_something_stays_unknown_waits_for_one_that_passes(tmp_path: Path) -> None:
    made = bench(tmp_path, ScriptedProver(lambda patch: _short(patch, "unknown", "passed")), LONG, SHORT)
    found = remedy(made)
    assert LONG in found.edits[0].after


def test_where_no_candidate_passes_the_one_that_may_be_right_is_a_persons(tmp_path: Path) -> None:
    prover = ScriptedProver(lambda patch: _short(patch, "unknown", "failed"), "unambiguous")
    made = bench(tmp_path, prover, LONG, SHORT)
    found = remedy(made)
    assert SHORT in found.edits[0].after
    gates = [record.event.decision for record in made.records if isinstance(record.event, Decided)]
    assert [item.verdict.kind for item in gates if item.policy == "proof_gate.judge"] == ["hold"]


def test_a_candidate_that_was_refused_is_not_proved_again(tmp_path: Path) -> None:
    made = bench(tmp_path, ScriptedProver(lambda _: "failed"), LONG, SHORT)
    made.run(made.open())
    proved = [record.event.proof.remedy_digest for record in made.records if isinstance(record.event, Proved)]
    assert len(proved) == len(set(proved))
    assert writers(made).count("script") > 1
