"""What the playbook proposes, and how the patch agent makes patches of it."""

import json
from functools import cache
from typing import Any

from agents import patching, prompts, rca
from agents.budget import Budget
from agents.models import factory, scripted
from incident.diagnosis import CodeCause, Diagnosis, Hypothesis, UnknownCause
from incident.record import Answered
from incident.remedy import Patch
from incident.stacks import Frame
from tests.unit.agents import doubles
from tools.scripted.clock import ManualClock

MENDED = '(account["programme"] or {}).get("level")'


@cache
def diagnosed(*facts: Any) -> Hypothesis:
    found: tuple[Diagnosis, Answered] = rca.investigate(
        doubles.view(*facts), factory.build(""), prompts.shipped("rca"), Budget(), ManualClock()
    )
    return found[0].leading


def write(
    *feedback: str, budget: Budget | None = None, hypothesis: Hypothesis | None = None, **view: Any
) -> tuple[tuple[Patch, ...], Answered]:
    patches, (answered,) = patching.write(
        doubles.view(**view),
        hypothesis or diagnosed(),
        tuple(doubles.refusal(why=why) for why in feedback),
        factory.build(""),
        prompts.shipped("patch"),
        budget or Budget(),
        ManualClock(),
    )
    return patches, answered


def test_the_best_patch_comes_first_and_changes_one_function() -> None:
    patches, answered = write()
    first = patches[0]
    assert (first.service, first.base_commit, first.function, first.template) == (
        "orders",
        "c1",
        "discount",
        "guard-none",
    )
    assert MENDED in first.edits[0].after
    assert first.edits[0].after.replace(MENDED, 'account["programme"]["level"]') == first.edits[0].before
    assert first.diff.count("\n+") - first.diff.count("\n+++") == 1
    assert answered.agent == "patch"


def test_at_most_the_budgeted_number_of_candidates_is_kept_and_all_differ() -> None:
    patches, _ = write(budget=Budget(candidates=2))
    assert len(patches) == 2
    assert len({patch.edits for patch in write()[0]}) == len(write()[0])


def test_what_was_refused_is_not_proposed_again() -> None:
    first, _ = write()
    later, _ = write("fixed: TypeError", "own_tests: 1 failed")
    assert not {patch.edits for patch in first[:2]} & {patch.edits for patch in later}
    assert later[0].edits == first[2].edits


def test_when_everything_was_refused_it_says_so() -> None:
    patches, answered = write(*["fixed: TypeError"] * 24)
    assert patches == ()
    assert answered.answer["no_fix"] == ["every candidate of the templates was refused"]


def test_a_failure_that_no_template_knows_is_left_to_a_person() -> None:
    facts = (doubles.HEALTHY, doubles.SICK, doubles.group(message="'int' object is not subscriptable"))
    patches, (answered,) = patching.write(
        doubles.view(*facts),
        diagnosed(*facts),
        (),
        factory.build(""),
        prompts.shipped("patch"),
        Budget(),
        ManualClock(),
    )
    assert patches == ()
    assert answered.answer["no_fix"] == ["no repair template fits this failure"]


def test_a_cause_outside_the_code_gets_no_patch() -> None:
    unknown = diagnosed().model_copy(update={"cause": UnknownCause(reason="x")})
    assert write(hypothesis=unknown)[0] == ()


def test_a_test_is_never_patched() -> None:
    path = "services/orders/tests/test_pricing.py"
    at = doubles.SIGNATURE.model_copy(update={"path": path, "line": 5, "function": "test_gold"})
    facts = (doubles.HEALTHY, doubles.SICK, doubles.group(signature=at, frames=()))
    cause = diagnosed().cause.model_copy(update={"path": path, "line": 5, "function": "test_gold"})
    hypothesis = diagnosed().model_copy(update={"cause": cause})
    ends = patching.terminals(doubles.view(*facts), hypothesis)
    assert not any("tests" in key for end in ends for key in str(end.described).split('"') if "::" in key)


def test_a_scripted_answer_becomes_a_patch_and_the_other_agents_are_the_playbook() -> None:
    body = doubles.PRICING[doubles.PRICING.index("def discount") : doubles.PRICING.index("\n\nclass")]
    args = {
        "function": "services/orders/orders/pricing.py::discount",
        "source": body.replace("// 100", "// 1000"),
        "why": "scripted",
    }
    script = {"name": "bad", "agents": {"patch": [{"tool_calls": [{"name": "propose_fix", "args": args}]}]}}
    model = scripted.load(json.dumps(script))
    patches, _ = patching.write(
        doubles.view(), diagnosed(), (), model, prompts.shipped("patch"), Budget(), ManualClock()
    )
    assert [patch.summary for patch in patches] == ["scripted"]
    diagnosis, answered = rca.investigate(doubles.view(), model, prompts.shipped("rca"), Budget(), ManualClock())
    assert diagnosis.leading.cause.kind == "code"
    assert answered.model == "script bad (recorded answers, no language model)"


def test_a_script_that_ran_out_is_silent() -> None:
    model = scripted.load('{"name": "mute", "others": "silent"}')
    patches, (answered,) = patching.write(
        doubles.view(), diagnosed(), (), model, prompts.shipped("patch"), Budget(), ManualClock()
    )
    assert patches == ()
    assert answered.answer["ended"] == "it gave no usable answer"


def test_the_recorded_account_is_plain_json() -> None:
    json.dumps(write()[1].model_dump(mode="json"), allow_nan=False)


SEATS = """
ROWS = ("A", "B", "C")
STANDING = "standing"


def _row(place):
    return ROWS[place]


class Hall:
    def seat(self, place):
        if place <= len(ROWS):
            return _row(place)
        return STANDING
"""


def seated(*above: Frame) -> tuple[Patch, ...]:
    """The patches for a helper that fails, with frames of those that called it, the nearest last."""
    frame = Frame(path=doubles.PLACE.path, line=7, function="_row")
    at = doubles.SIGNATURE.model_copy(update={"exception": "IndexError", "line": 7, "function": "_row"})
    group = doubles.group(signature=at, message="tuple index out of range", frames=(*above, frame))
    facts = (doubles.HEALTHY, doubles.SICK, group)
    view = doubles.view(*facts, files={**doubles.FILES, doubles.PLACE.path: SEATS})
    cause = CodeCause(path=at.path, function="_row", line=7)
    hypothesis = diagnosed().model_copy(update={"cause": cause})
    return patching.write(view, hypothesis, (), factory.build(""), prompts.shipped("patch"), Budget(), ManualClock())[0]


def test_the_caller_of_a_helper_that_fails_is_patched_where_its_guard_is_wrong() -> None:
    first = seated(Frame(path=doubles.PLACE.path, line=13, function="seat"))[0]
    assert first.function == "Hall.seat"
    assert first.edits[0].after == SEATS.replace("<=", "<")


def test_control_a_function_that_did_not_call_it_here_is_left_alone() -> None:
    elsewhere = Frame(path="services/orders/orders/app.py", line=3, function="create")
    for above in ((), (elsewhere,), (Frame(path=doubles.PLACE.path, line=13, function="seat"), elsewhere)):
        assert {patch.function for patch in seated(*above)} <= {"_row"}
