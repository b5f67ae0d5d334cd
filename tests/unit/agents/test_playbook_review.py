"""The reviewer can reject or pass on; what it does not know speaks against the change."""

from functools import cache
from typing import Any

import pytest
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage

from agents import patching, prompts, rca, reviewing
from agents.budget import Budget
from agents.models import factory
from incident.diagnosis import Hypothesis
from incident.proof import Check, Proof, Review
from incident.remedy import FileEdit, Patch
from tests.unit.agents import doubles
from tools import unified
from tools.scripted.clock import ManualClock

CHECKS = ("reproduces", "fixed", "same_answers", "own_tests", "scope", "inverse", "bounded")


@cache
def believed() -> Hypothesis:
    found, _ = rca.investigate(doubles.view(), factory.build(""), prompts.shipped("rca"), Budget(), ManualClock())
    return found.leading


@cache
def good_patch() -> Patch:
    model, prompt = factory.build(""), prompts.shipped("patch")
    return patching.write(doubles.view(), believed(), (), model, prompt, Budget(), ManualClock())[0][0]


def patched(after: dict[str, str]) -> Patch:
    before = {path: doubles.FILES[path] for path in after if path in doubles.FILES}
    edits = tuple(FileEdit(path=path, before=before.get(path), after=text) for path, text in after.items())
    told = {"edits": edits, "diff": unified.diff(before, after)}
    if good_patch().path not in after:
        told |= {"path": next(iter(after)), "function": "main"}
    return good_patch().model_copy(update=told)


def proof_of(patch: Patch, **outcomes: str) -> Proof:
    checks = [{"name": name, "outcome": outcomes.get(name, "passed"), "detail": "d"} for name in CHECKS]
    return Proof(remedy_digest=patch.digest(), base="c1", checks=tuple(Check.model_validate(check) for check in checks))


def review(patch: Patch, proof: Proof, model: Any = None) -> Review:
    view, prompt = doubles.view(), prompts.shipped("review")
    said, _ = reviewing.review(
        patch, proof, believed(), view, model or factory.build(""), prompt, Budget(), ManualClock()
    )
    return said


def test_a_proved_patch_that_mends_the_place_passes_on() -> None:
    patch = good_patch()
    said = review(patch, proof_of(patch))
    assert said.objections == ()
    assert said.remedy_digest == patch.digest()


def pricing(old: str, new: str) -> dict[str, str]:
    assert old in doubles.PRICING
    return {doubles.PLACE.path: doubles.PRICING.replace(old, new)}


LEVEL = '    level = account["programme"]["level"]\n'

HIDING: dict[str, dict[str, str]] = {
    "a swallowed exception": pricing(
        LEVEL, '    try:\n        level = account["programme"]["level"]\n    except TypeError:\n        level = None\n'
    ),
    "a suppressed one": pricing(LEVEL, f"    with contextlib.suppress(TypeError):\n    {LEVEL}"),
    "a new import": pricing(LEVEL, f"    import subprocess\n{LEVEL}"),
    "a status of success": pricing(LEVEL, f"    response.status_code = 200\n{LEVEL}"),
    "evaluated text": pricing(LEVEL, '    level = eval(account["programme"])\n'),
}


@pytest.mark.parametrize("after", list(HIDING.values()), ids=list(HIDING))
def test_a_change_that_hides_the_error_is_objected_to(after: dict[str, str]) -> None:
    patch = patched(after)
    assert "hides the error" in review(patch, proof_of(patch)).objections


TEST_PATH = "services/orders/tests/test_pricing.py"


@pytest.mark.parametrize(
    ("text", "objects"),
    [
        (doubles.TEST.replace("assert discount({}, 1) == 1", "assert True"), True),
        (doubles.TEST.replace("def test_gold", "import pytest\n@pytest.mark.skip\ndef test_gold"), True),
        (doubles.TEST + "\n\ndef test_more():\n    assert discount({}, 0) == 0\n", False),
    ],
)
def test_a_weakened_test_is_objected_to_and_an_added_one_is_not(text: str, objects: bool) -> None:
    good = {edit.path: edit.after for edit in good_patch().edits}
    patch = patched({**good, TEST_PATH: text})
    assert ("weakens the tests" in review(patch, proof_of(patch)).objections) is objects


OUTCOMES = [
    ("reproduces", "does not address the cause"),
    ("fixed", "does not address the cause"),
    ("same_answers", "changes the meaning for other callers"),
    ("own_tests", "weakens the tests"),
    ("inverse", "breaks existing data"),
]


@pytest.mark.parametrize("outcome", ["failed", "unknown"])
@pytest.mark.parametrize(("check", "objection"), OUTCOMES)
def test_a_check_that_did_not_pass_speaks_against_the_change(check: str, objection: str, outcome: str) -> None:
    patch = good_patch()
    assert objection in review(patch, proof_of(patch, **{check: outcome})).objections


def test_a_proof_of_another_change_proves_nothing() -> None:
    patch = good_patch()
    other = proof_of(patch).model_copy(update={"remedy_digest": "0" * 64})
    assert "does not address the cause" in review(patch, other).objections


def test_a_change_elsewhere_does_not_address_the_cause() -> None:
    patch = patched({"services/orders/orders/__init__.py": "VERSION = 2\n"})
    assert "does not address the cause" in review(patch, proof_of(patch)).objections


def test_a_reviewer_that_says_nothing_objects_to_everything() -> None:
    patch = good_patch()
    said = review(patch, proof_of(patch), doubles.turns(AIMessage(content="Looks good to me!")))
    assert len(said.objections) == 5


def answer(**changes: Any) -> dict[str, Any]:
    fields = {
        "comment": "fine", "wrong_cause": "no", "hides_error": "no", "changes_meaning": "no",
        "breaks_data": "no", "weakens_tests": "no",
    }  # fmt: skip
    return {"name": "answer_checklist", "args": {**fields, **changes}, "id": "1", "type": "tool_call"}


def answering(**changes: Any) -> Any:
    return doubles.turns(AIMessage(content="", tool_calls=[answer(**changes)]))


def test_of_two_answers_the_stricter_one_counts() -> None:
    patch = good_patch()
    twice = AIMessage(content="", tool_calls=[answer(), answer(hides_error="L2")])
    assert review(patch, proof_of(patch), doubles.turns(twice)).objections == ("hides the error",)


def test_the_reviewer_sees_the_diff_and_the_proof_and_not_the_authors_reasons() -> None:
    seen: list[str] = []

    def play(messages: list[BaseMessage]) -> AIMessage:
        seen.extend(str(message.content) for message in messages if isinstance(message, HumanMessage))
        return AIMessage(content="", tool_calls=[answer()])

    patch = good_patch().model_copy(update={"summary": "trust me, this is right"})
    review(patch, proof_of(patch), doubles.Playing(play=play))
    assert '.get(\\"level\\")' in seen[0]
    assert '"reproduces"' in seen[0]
    assert "trust me" not in seen[0]
    assert "guard-none" not in seen[0]


HANDLED = "diff --git a/x.py b/x.py\n--- a/x.py\n+++ b/x.py\n@@ -1,4 +1,4 @@\n try:\n     f()\n-except KeyError:\n+{}\n     g()\n"


@pytest.mark.parametrize(
    ("line", "hides"),
    [
        ("except ValueError:", False),
        ("except:", True),
        ("except Exception:", True),
        ("except (A, BaseException):", True),
    ],
)
def test_a_handler_of_another_exception_is_no_new_one_unless_it_catches_everything(line: str, hides: bool) -> None:
    patch = good_patch().model_copy(update={"diff": HANDLED.format(line)})
    assert review(patch, proof_of(patch)).hides_error is hides


def test_control_a_handler_where_there_was_none_hides_the_error() -> None:
    diff = HANDLED.replace("-except KeyError:\n", "").format("except ValueError:")
    patch = good_patch().model_copy(update={"diff": diff})
    assert review(patch, proof_of(patch)).hides_error


def test_an_objection_shows_its_line_or_the_other_function() -> None:
    patch = good_patch()
    said = review(patch, proof_of(patch), answering(hides_error="L2"))
    assert said.objections == ("hides the error",)
    (cited,) = said.cited
    assert cited.startswith("hides_error: +")
    assert '.get("level")' in cited


@pytest.mark.parametrize("item", ["wrong_cause", "changes_meaning", "breaks_data", "weakens_tests"])
def test_what_the_proof_refutes_is_struck_out(item: str) -> None:
    patch = good_patch()
    said = review(patch, proof_of(patch), answering(**{item: "unproved"}))
    assert said.objections == ()
    assert [line.partition(":")[0] for line in said.struck] == [item]


@pytest.mark.parametrize(
    ("item", "check"),
    [
        ("wrong_cause", "fixed"),
        ("changes_meaning", "same_answers"),
        ("breaks_data", "inverse"),
        ("weakens_tests", "own_tests"),
    ],
)
def test_control_it_stands_where_the_check_did_not_pass_or_is_of_another_change(item: str, check: str) -> None:
    patch = good_patch()
    model = answering(**{item: "unproved"})
    assert len(review(patch, proof_of(patch, **{check: "unknown"}), model).objections) == 1
    other = proof_of(patch).model_copy(update={"remedy_digest": "0" * 64})
    assert len(review(patch, other, answering(**{item: "unproved"})).objections) == 1


def test_a_line_that_nobody_listed_cannot_be_cited_and_a_bare_yes_is_no_objection() -> None:
    patch = good_patch()
    for said in ("L99", "yes", True):
        assert len(review(patch, proof_of(patch), answering(hides_error=said)).objections) == 5  # silent: no answer


def test_a_small_window_gets_the_function_before_and_after_and_no_tools() -> None:
    seen: list[str] = []

    def play(messages: list[BaseMessage]) -> AIMessage:
        seen.extend(str(message.content) for message in messages if isinstance(message, HumanMessage))
        return AIMessage(content="", tool_calls=[answer()])

    patch = good_patch()
    model = doubles.Playing(play=play)
    given = (patch, proof_of(patch), believed(), doubles.view(), model, prompts.shipped("review"))
    reviewing.review(*given, Budget(context_tokens=4_000), ManualClock())
    assert '"before":"def discount' in seen[0]
    assert '"L1":"-' in seen[0]
    assert '"dossier"' not in seen[0]
    assert model.offered == ["answer_checklist"]
