"""Several answers that may be right: a person is shown them side by side, and what they pick is carried out."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import JsonValue

from agents import rivals
from agents.playbook.model import Playbook
from graph.reports.vocabulary import sentence
from graph.runtime import question as asking
from graph.state import Plan, State
from incident.decision import Hold
from incident.ending import Outcome
from incident.errors import BadInput
from incident.record import Proposed, Proved, Reviewed
from incident.remedy import Patch, deed
from policies.gates import proof_gate
from tests.unit.graph import desks
from tests.unit.graph.written import LONG, SHORT, script
from tools.scripted.clock import ManualClock
from tools.scripted.proof import Outcome as Checked
from tools.scripted.proof import ScriptedProver
from tools.scripted.world import incident_world

ANSWERS = {LONG: '200 {"total": 5}', SHORT: '200 {"total": 7}'}


def answered(patch: Patch) -> str:
    return next((said for text, said in ANSWERS.items() if text in patch.edits[0].after), f"422 {patch.template}")


def unknown(patch: Patch) -> Checked:
    return "failed" if patch.template else "unknown"


def bench(folder: Path, prover: ScriptedProver, *sources: str) -> desks.Bench:
    clock = ManualClock()
    made = desks.bench(folder, clock, incident_world(clock, wakes_in=-40.0), prover=prover, script=script(*sources))
    made.context = replace(made.context, models=replace(made.context.models, rules=Playbook()))
    return made


def planned(state: State) -> Plan:
    assert state.plan is not None
    return state.plan


def answer(made: desks.Bench, state: State, patch: Patch, *, approved: bool = True) -> Mapping[str, JsonValue]:
    now = made.clock.now()
    return {
        "plan_digest": patch.digest(),
        "base": planned(state).base,
        "deed": deed(patch),
        "approved": approved,
        "by": "ada",
        "os_user": "ada",
        "at": now.isoformat(),
        "expires_at": (now + timedelta(seconds=600)).isoformat(),
    }


def two(folder: Path) -> tuple[desks.Bench, State]:
    made = bench(folder, ScriptedProver(unknown, "unambiguous", answered), LONG, SHORT)
    return made, made.run(made.open())


def test_two_answers_are_asked_about_side_by_side(tmp_path: Path) -> None:
    made, state = two(tmp_path)
    assert isinstance(planned(state).gate, Hold)
    (facts,) = made.asked(proof_gate.NAME)
    assert sorted(one.answer for one in facts.choices) == sorted(ANSWERS.values())
    found = asking.asked(made.shared, desks.INCIDENT)
    assert found is not None
    assert set(found.choices) == {one.plan for one in facts.choices}
    assert all(one.answer in found.question and one.plan[:12] in found.question for one in facts.choices)


@pytest.mark.parametrize("number", [0, 1])
def test_what_a_person_picks_is_reviewed_and_carried_out(tmp_path: Path, number: int) -> None:
    made, state = two(tmp_path)
    picked = planned(state).kept[number].patch
    ended = made.run(answer=answer(made, state, picked))
    assert ended.ending is not None
    assert ended.ending.outcome is Outcome.HEALED
    last = [record.event.remedy for record in made.records if isinstance(record.event, Proposed)][-1]
    assert last == picked
    reviewed = [record.event.review.remedy_digest for record in made.records if isinstance(record.event, Reviewed)]
    assert picked.digest() in reviewed


def test_an_answer_about_a_plan_that_is_no_choice_opens_nothing(tmp_path: Path) -> None:
    made, state = two(tmp_path)
    other = planned(state).kept[0].patch.model_copy(update={"summary": "another"})
    again = made.run(answer=answer(made, state, other))
    assert isinstance(planned(again).gate, Hold)
    assert again.rollout is None


def test_a_no_ends_it_without_a_change(tmp_path: Path) -> None:
    made, state = two(tmp_path)
    before = made.weights()
    remedy = planned(state).remedy
    assert isinstance(remedy, Patch)
    made.run(answer=answer(made, state, remedy, approved=False))
    assert made.weights() == before


def test_the_digest_of_any_choice_names_it(tmp_path: Path) -> None:
    made, _ = two(tmp_path)
    found = asking.asked(made.shared, desks.INCIDENT)
    assert found is not None
    for plan, does in found.choices.items():
        named = asking.named(plan[:12], found, desks.INCIDENT)
        assert (named.plan, named.deed) == (plan, does)
    with pytest.raises(BadInput):
        asking.named("0" * 12, found, desks.INCIDENT)


def test_rivals_stand_beside_a_single_candidate_and_never_act_alone(tmp_path: Path) -> None:
    def judge(patch: Patch) -> Checked:
        if rivals.is_one(patch):
            return "passed"
        return "failed" if patch.template else "unknown"

    made = bench(tmp_path, ScriptedProver(judge, "unambiguous", answered), SHORT)
    state = made.run(made.open())
    plan = planned(state)
    assert isinstance(plan.gate, Hold)
    assert plan.rivalled
    assert 1 < len(plan.kept) <= 3
    assert SHORT in plan.kept[0].patch.edits[0].after
    assert len({one.proof.answer for one in plan.kept}) == len(plan.kept)
    assert "pick one" in sentence(plan.gate.reason)


def test_only_rivals_with_a_new_answer_are_proved_and_one_of_each(tmp_path: Path) -> None:
    """A proof takes long; which answers there are is asked at once."""

    def judge(patch: Patch) -> Checked:
        return "passed" if rivals.is_one(patch) else "failed" if patch.template else "unknown"

    made = bench(
        tmp_path,
        ScriptedProver(judge, "unambiguous", lambda patch: "another" if rivals.is_one(patch) else "200 {}"),
        SHORT,
    )
    plan = planned(made.run(made.open()))
    assert [one.proof.answer and one.proof.answer.said for one in plan.kept] == ["200 {}", "another"]
    proved = [record.event.proof for record in made.records if isinstance(record.event, Proved)]
    assert [bool(one.answer) for one in proved].count(True) == 3  # the first one again: the question is about it


def test_where_one_candidate_passes_there_is_nothing_to_pick(tmp_path: Path) -> None:
    def judge(patch: Patch) -> Checked:
        return "passed" if LONG in patch.edits[0].after else unknown(patch)

    made = bench(tmp_path, ScriptedProver(judge, "unambiguous", answered), SHORT, LONG)
    ending = made.heal()
    assert ending.outcome is Outcome.HEALED
    (facts, *_) = made.asked(proof_gate.NAME)
    assert facts.choices == ()
