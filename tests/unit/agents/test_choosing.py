"""Rules and a model on one diagnosis: a question with one answer is not asked, and a choice is a choice."""

import json
from typing import Any

from agents import choosing, prompts, rca
from agents.budget import Budget
from agents.models import factory, scripted
from incident.diagnosis import CodeCause, Diagnosis, UnknownCause
from incident.record import Answered
from tests.unit.agents import doubles
from tools.scripted.clock import ManualClock

OTHER = doubles.SIGNATURE.model_copy(update={"function": "total", "line": 15, "exception": "KeyError"})
TWO = (doubles.HEALTHY, doubles.SICK, doubles.group(), doubles.group(signature=OTHER, count=30, message="'cents'"))


def asked(*calls: dict[str, Any]) -> Any:
    """A model that answers with these calls, one a turn."""
    turns = ",".join(f'{{"tool_calls": [{call}]}}' for call in (_json(call) for call in calls))
    agents = ",".join(f'"{name}": [{turns}]' for name in ("rca", "patch"))
    return scripted.load(f'{{"name": "t", "others": "silent", "agents": {{{agents}}}}}')


def _json(call: dict[str, Any]) -> str:

    return json.dumps(call)


def diagnose(model: Any, *facts: Any, rules: bool = True) -> tuple[Diagnosis, Answered]:
    own = factory.build("") if rules else None
    view, prompt = doubles.view(*facts), prompts.shipped("rca")
    return choosing.diagnose(view, own, model, prompt, Budget(), ManualClock())


def test_one_suspect_is_taken_without_a_question() -> None:
    found, answered = diagnose(asked())
    assert isinstance(found.leading.cause, CodeCause)
    assert "playbook" in answered.model
    assert answered.input_tokens == 0


def test_control_without_rules_the_same_model_is_asked_and_says_nothing() -> None:
    found, _ = diagnose(asked(), rules=False)
    assert isinstance(found.leading.cause, UnknownCause)


def test_of_several_suspects_the_model_chooses_and_the_others_follow() -> None:
    found, answered = diagnose(asked({"name": "choose_cause", "args": {"suspect": "S2"}}), *TWO)
    functions = [item.cause.function for item in found.hypotheses if isinstance(item.cause, CodeCause)]
    assert functions == ["total", "discount"]
    assert answered.tool_calls == ("choose_cause",)


def test_a_chosen_suspect_keeps_the_evidence_and_the_check_that_the_rules_gave_it() -> None:
    by_rules, _ = rca.investigate(
        doubles.view(*TWO), factory.build(""), prompts.shipped("rca"), Budget(), ManualClock()
    )
    found, _ = diagnose(asked({"name": "choose_cause", "args": {"suspect": "S2"}}), *TWO)
    assert found.leading == by_rules.hypotheses[1]
    assert found.leading.evidence
    assert found.ruled == (0, 1), "their words are the rules' own, whoever chose"
    assert by_rules.ruled == ()


def test_none_of_these_is_an_honest_answer() -> None:
    found, _ = diagnose(asked({"name": "choose_cause", "args": {"suspect": "none of these"}}), *TWO)
    assert isinstance(found.leading.cause, UnknownCause)


def test_a_suspect_that_nobody_listed_cannot_be_chosen() -> None:
    calls = [{"name": "choose_cause", "args": {"suspect": name}} for name in ("S9", "S1")]
    found, answered = diagnose(asked(*calls), *TWO)
    assert isinstance(found.leading.cause, CodeCause)
    assert found.leading.cause.function == "discount"
    assert answered.steps == 2


def test_a_model_that_says_nothing_leaves_the_order_of_the_rules() -> None:
    found, answered = diagnose(asked(), *TWO)
    functions = [item.cause.function for item in found.hypotheses if isinstance(item.cause, CodeCause)]
    assert functions == ["discount", "total"]
    assert answered.answer["ended"] == "it gave no usable answer"


def test_what_the_rules_miss_is_kept_when_the_model_gives_no_answer() -> None:
    """That a model says nothing is no finding, and the rules' own "I do not know" is."""
    found, answered = diagnose(asked(), doubles.HEALTHY, doubles.SICK)
    assert isinstance(found.leading.cause, UnknownCause)
    assert "usable" not in found.leading.cause.reason
    assert answered.ended == "silent"


def test_where_rules_find_nothing_the_model_looks_by_itself() -> None:
    blamed = {"name": "blame_resource", "args": {"resource": "memory", "evidence": ["E1"], "explanation": "full"}}
    found, answered = diagnose(asked(blamed), doubles.HEALTHY, doubles.SICK)
    assert answered.tool_calls == ("blame_resource",)
    assert found.leading.explanation == "full"
