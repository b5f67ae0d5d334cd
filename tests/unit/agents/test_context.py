"""A long investigation stays inside the window: details go, ids, task and feedback stay."""

import json

import pytest
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage

from agents.budget import Budget
from agents.loop import loop
from agents.models.patience import TooLong
from agents.view import context, rendering
from tests.unit.agents import doubles
from tests.unit.agents.toy import READERS, SAY
from tools.scripted.clock import ManualClock


def opening(evidence: int = 30) -> HumanMessage:
    frames = [{"path": f"lib/file_{n}.py", "line": n, "code": "x = compute(" + "y, " * 60} for n in range(40)]
    facts = [{"id": f"E{n}", "fact": {"kind": "error_group", "count": n, "frames": frames}} for n in range(evidence)]
    parts = {
        "task": "Mend it.",
        "feedback": ["own_tests: it broke"],
        "dossier": {"service": "orders", "evidence": facts},
    }
    return HumanMessage(rendering.opening(parts))  # type: ignore[arg-type]  # nested lists and dicts of JSON


def conversation(turns: int) -> list[BaseMessage]:
    said: list[BaseMessage] = [SystemMessage("the rules"), opening()]
    for turn in range(turns):
        call = {"name": "look", "args": {"source": f"{turn} " * 900}, "id": f"c{turn}", "type": "tool_call"}
        said += [
            AIMessage(content="", tool_calls=[call]),
            ToolMessage(content=f"{turn} " * 3_000, tool_call_id=f"c{turn}"),
        ]
    return said


@pytest.mark.parametrize("tokens", [60_000, 24_000, 12_000, 6_000, 3_000])
@pytest.mark.parametrize("turns", [1, 4, 12])
def test_whatever_was_said_fits(turns: int, tokens: int) -> None:
    before = conversation(turns)
    shown = context.fitted(before, tokens)
    assert context.size(shown) <= tokens or tokens <= 3_000 < context.size(shown) <= 4_500
    assert [type(message) for message in shown] == [type(message) for message in before]
    parts = json.loads(str(shown[1].content))
    assert (parts["task"], parts["feedback"]) == ("Mend it.", ["own_tests: it broke"])
    assert str(shown[0].content) == "the rules"


def test_calls_and_results_stay_in_pairs() -> None:
    shown = context.fitted(conversation(12), 3_000)
    asked = [call["id"] for message in shown if isinstance(message, AIMessage) for call in message.tool_calls]
    assert [message.tool_call_id for message in shown if isinstance(message, ToolMessage)] == asked


def test_what_fits_is_left_alone() -> None:
    before = conversation(2)
    assert context.fitted(before, 1_000_000) == before


def test_old_results_go_before_details_of_the_evidence() -> None:
    before = conversation(6)
    shown = context.fitted(before, context.size(before) - 1_000)
    assert shown[1] == before[1]
    assert str(shown[3].content) == context.NOTE


def test_patches_of_deploys_go_before_details_of_the_evidence() -> None:
    parts = json.loads(str(opening(2).content))
    brought = {"written_by_people": True, "commits": ["c1 Round down"], "patch": "+x = 1\n" * 200}
    parts["dossier"]["evidence"][1]["brought"] = brought
    before: list[BaseMessage] = [SystemMessage("s"), HumanMessage(rendering.opening(parts))]
    shown = context.fitted(before, context.size(before) - 100)
    del brought["patch"]
    assert json.loads(str(shown[1].content)) == parts


def test_a_stack_trace_keeps_its_first_and_its_last_frames() -> None:
    shown = context.fitted([SystemMessage("s"), opening(evidence=3)], 2_000)
    parts = json.loads(str(shown[1].content))
    lines = [frame["line"] for frame in parts["dossier"]["evidence"][0]["fact"]["frames"]]
    assert lines[0] == 0
    assert lines[-1] == 39
    assert parts["dossier"]["shortened"]


def test_a_question_that_was_too_long_is_asked_again_shorter() -> None:
    sizes: list[int] = []

    def play(messages: list[BaseMessage]) -> AIMessage:
        sizes.append(context.size(messages))
        if sizes[-1] > 5_000:
            raise TooLong("more than the window holds")
        return doubles.call("say", word="yes")

    text = str(opening().content)
    going = loop.run(
        doubles.Playing(play=play), "s", text, READERS, (SAY,), Budget(context_tokens=16_000), ManualClock()
    )
    assert (going.ended, going.answers) == ("answered", ["yes"])
    assert len(sizes) > 1
    assert sizes == sorted(sizes, reverse=True)


def test_a_window_that_holds_nothing_ends_the_run() -> None:
    def play(_: list[BaseMessage]) -> AIMessage:
        raise TooLong("more than the window holds")

    going = loop.run(doubles.Playing(play=play), "s", "{}", READERS, (SAY,), Budget(), ManualClock())
    assert (going.ended, going.steps) == ("too_long", 0)
