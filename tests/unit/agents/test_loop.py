"""The loop ends in a typed outcome whatever the model says, and tells it what it can mend."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage

from agents.budget import Budget
from agents.loop import account, loop
from agents.models.patience import Transient
from agents.view.toolbox import Terminal, arguments, reader, text
from incident.errors import BadInput, Unavailable
from tests.unit.agents import doubles
from tests.unit.agents.toy import READERS, SAY
from tools.scripted.clock import ManualClock

PROSE = AIMessage(content="I think it is the database.")


def run(*answers: AIMessage, budget: Budget | None = None) -> loop.Run[str]:
    return loop.run(doubles.turns(*answers), "system", "{}", READERS, (SAY,), budget or Budget(), ManualClock())


def said(going: loop.Run[str]) -> list[str]:
    """What the model was told, oldest first."""
    told = (HumanMessage, ToolMessage)
    return [str(message.content) for message in going.messages[2:] if isinstance(message, told)]


def test_a_terminal_call_ends_the_run_with_its_answer() -> None:
    going = run(doubles.call("look", where="up"), doubles.call("say", word="yes"))
    assert (going.ended, going.answers, going.steps) == ("answered", ["yes"], 2)
    assert said(going) == ["seen up", "noted"]


def test_not_to_know_is_an_answer_of_its_own_kind() -> None:
    quits = Terminal(
        "quit", "Say that you do not know.", arguments("quit", reason=text(60, "why")), lambda _: "?", gives_up=True
    )
    model = doubles.turns(doubles.call("quit", reason="no logs"))
    going = loop.run(model, "system", "{}", READERS, (SAY, quits), Budget(), ManualClock())
    assert (going.ended, account.ending(going)) == ("unknown", "it does not know: no logs")


def test_several_terminal_calls_of_one_answer_all_count_in_their_order() -> None:
    calls = [{"name": "say", "args": {"word": word}, "id": "same", "type": "tool_call"} for word in ("one", "two")]
    assert run(AIMessage(content="", tool_calls=calls)).answers == ["one", "two"]


def test_loops_side_by_side_use_their_tools_in_turn() -> None:
    """Tools parse source, which two threads must not do at the same time before Python 3.11.8."""
    inside, most, lock = 0, 0, threading.Lock()

    def look() -> str:
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        time.sleep(0.02)
        with lock:
            inside -= 1
        return "seen"

    def one(_: int) -> str | None:
        model = doubles.turns(doubles.call("look"), doubles.call("say", word="yes"))
        tools = (reader("look", "Look.", arguments("look"), look),)
        return loop.run(model, "system", "{}", tools, (SAY,), Budget(), ManualClock()).ended

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(one, range(4))) == ["answered"] * 4
    assert most == 1


MENDED: tuple[tuple[str, AIMessage, str], ...] = (
    ("prose", PROSE, "Answer by calling one of these tools: look, say."),
    ("nothing", AIMessage(content=""), "Answer by calling"),
    ("an unknown tool", doubles.call("delete", what="all"), "there is no tool 'delete'; there are: look, say"),
    ("an argument outside the enumeration", doubles.call("look", where="everywhere"), "choose one of: up, under"),
    ("a missing argument", doubles.call("look"), "where: Field required"),
    ("an argument too many", doubles.call("look", where="up", force=True), "force: Extra inputs are not permitted"),
    ("an empty word", doubles.call("say", word=""), "at least 1 character"),
    ("a word of the wrong type", doubles.call("say", word=["x"]), "valid string"),
    ("a mistake that a reader tells", doubles.call("look", where="under"), "nobody looks under things"),
    ("a mistake that a terminal tells", doubles.call("say", word="wrong"), "that word is wrong"),
    (
        "truncated arguments",
        AIMessage(content="", invalid_tool_calls=[{"name": "say", "args": '{"word": "y', "id": "1", "error": "x"}]),
        "had arguments that are no JSON object",
    ),
)


CUT = AIMessage(content="It all began when", response_metadata={"finish_reason": "length"})
REFUSED = AIMessage(content="", additional_kwargs={"refusal": "I cannot help with that."})


def test_an_answer_that_was_cut_off_is_told_so() -> None:
    assert "too long; give a shorter one" in said(run(CUT, doubles.call("say", word="yes")))[0]


def test_a_refusal_stays_in_the_conversation_in_its_own_words() -> None:
    going = run(REFUSED, doubles.call("say", word="yes"))
    assert "I cannot help with that." in [message.content for message in going.messages]


@pytest.mark.parametrize(("answer", "told"), [row[1:] for row in MENDED], ids=[row[0] for row in MENDED])
def test_what_the_model_can_mend_is_told_and_it_may_try_again(answer: AIMessage, told: str) -> None:
    going = run(answer, doubles.call("say", word="yes"))
    assert going.answers == ["yes"]
    assert any(told in line for line in said(going))


@pytest.mark.parametrize("answer", [row[1] for row in MENDED], ids=[row[0] for row in MENDED])
def test_a_model_that_never_mends_it_ends_as_silent(answer: AIMessage) -> None:
    going = run(answer)
    assert (going.ended, going.answers, going.steps) == ("silent", [], Budget().mistakes)


def test_a_good_call_makes_up_for_earlier_mistakes() -> None:
    answers = [
        PROSE,
        PROSE,
        PROSE,
        doubles.call("look", where="up"),
        PROSE,
        PROSE,
        PROSE,
        doubles.call("say", word="ok"),
    ]
    assert run(*answers).answers == ["ok"]


def test_steps_end_the_run() -> None:
    going = run(doubles.call("look", where="up"), budget=Budget(steps=3))
    assert (going.ended, going.steps) == ("steps", 3)


def test_seconds_end_the_run() -> None:
    clock = ManualClock()

    def slow(_: list[BaseMessage]) -> AIMessage:
        clock.advance(40)
        return doubles.call("look", where="up")

    model = doubles.Playing(play=slow)
    going = loop.run(model, "system", "{}", READERS, (SAY,), Budget(seconds=100), clock)
    assert (going.ended, going.steps) == ("seconds", 3)


def test_tokens_end_the_run() -> None:
    usage = {"input_tokens": 40, "output_tokens": 10, "total_tokens": 50}
    answer = doubles.call("look", where="up").model_copy(update={"usage_metadata": usage})
    going = run(answer, budget=Budget(tokens=100))
    assert (going.ended, going.input_tokens, going.output_tokens) == ("tokens", 80, 20)


def test_an_answer_on_the_last_step_still_counts() -> None:
    assert run(doubles.call("say", word="yes"), budget=Budget(steps=1)).ended == "answered"


def test_only_so_many_calls_of_one_answer_are_carried_out() -> None:
    calls = [{"name": "look", "args": {"where": "up"}, "id": str(n), "type": "tool_call"} for n in range(500)]
    going = run(AIMessage(content="", tool_calls=calls), doubles.call("say", word="yes"))
    assert going.calls.count("look") == 12
    assert "Only the first 12 calls were carried out." in said(going)


def test_a_backend_that_is_gone_ends_the_run() -> None:
    def gone(where: str) -> str:
        raise Unavailable("the log store does not answer")

    readers = (reader("look", "Look.", arguments("look", where=text(9, "where")), gone),)
    with pytest.raises(Unavailable, match="log store"):
        loop.run(doubles.turns(doubles.call("look", where="up")), "", "{}", readers, (SAY,), Budget(), ManualClock())


def test_an_endpoint_that_stays_busy_ends_the_run_after_bounded_waiting() -> None:
    clock = ManualClock()
    start = clock.monotonic()

    def busy(_: list[BaseMessage]) -> AIMessage:
        raise Transient("the endpoint is busy")

    budget = Budget(patience_seconds=20)
    going = loop.run(doubles.Playing(play=busy), "", "{}", READERS, (SAY,), budget, clock)
    assert (going.ended, going.steps) == ("gone", 0)
    assert going.passed_over == ["the endpoint is busy (tried 6 times)"]
    assert clock.monotonic() - start == pytest.approx(0.5 + 1 + 2 + 4 + 8)


def test_an_endpoint_that_recovers_is_asked_again_when_it_says() -> None:
    clock = ManualClock()
    start = clock.monotonic()
    tries: list[int] = []

    def recovering(_: list[BaseMessage]) -> AIMessage:
        tries.append(1)
        if len(tries) < 3:
            raise Transient("busy", 7.0)
        return doubles.call("say", word="yes")

    going = loop.run(doubles.Playing(play=recovering), "", "{}", READERS, (SAY,), Budget(), clock)
    assert going.answers == ["yes"]
    assert clock.monotonic() - start == pytest.approx(14)


@pytest.mark.parametrize(("after", "seconds"), [(91.0, 120.0), (20.0, 15.0)])
def test_an_endpoint_that_wants_too_long_a_pause_is_not_waited_for(after: float, seconds: float) -> None:
    clock = ManualClock()
    start = clock.monotonic()

    def busy(_: list[BaseMessage]) -> AIMessage:
        raise Transient("busy", after)

    going = loop.run(doubles.Playing(play=busy), "", "{}", READERS, (SAY,), Budget(seconds=seconds), clock)
    assert (going.ended, going.passed_over) == ("gone", [f"busy (tried 1 time, it asks for {after:.0f} s more)"])
    assert clock.monotonic() == start


def test_an_endpoint_that_refuses_us_ends_the_run_at_once_with_its_sentence() -> None:
    def refusing(_: list[BaseMessage]) -> AIMessage:
        raise BadInput("OPENAI_API_KEY", "(not shown)", "set a valid key")

    going = loop.run(doubles.Playing(play=refusing), "", "{}", READERS, (SAY,), Budget(), ManualClock())
    assert (going.ended, going.steps) == ("refused", 0)
    assert account.ending(going).startswith("its endpoint refused the request: OPENAI_API_KEY")


def test_old_tool_results_leave_a_long_conversation_and_the_task_stays() -> None:
    seen: list[list[BaseMessage]] = []

    def play(messages: list[BaseMessage]) -> AIMessage:
        seen.append(list(messages))
        return doubles.call("look", where="up") if len(seen) < 12 else doubles.call("say", word="yes")

    def long(where: str) -> str:
        return f"{where} " * 2_000

    readers = (reader("look", "Look.", arguments("look", where=text(9, "where")), long),)
    budget = Budget(context_tokens=8_000)
    going = loop.run(doubles.Playing(play=play), "system", "the task", readers, (SAY,), budget, ManualClock())
    assert going.answers == ["yes"]
    last = seen[-1]
    assert [str(message.content) for message in last[:2]] == ["system", "the task"]
    assert sum(len(str(message.content)) for message in last) // 3 <= 8_000
    assert any("taken out" in str(message.content) for message in last)
    assert "up up" in str(last[-1].content)


def test_every_result_answers_a_call_of_the_message_before_it() -> None:
    """Endpoints refuse a history in which ids do not match, and models use one id twice."""
    twice = [{"name": "look", "args": {"where": "up"}, "id": "a", "type": "tool_call"}] * 2
    going = run(AIMessage(content="", tool_calls=twice), doubles.call("say", word="yes"))
    open_calls: set[str] = set()
    for message in going.messages:
        if isinstance(message, AIMessage):
            assert not open_calls
            open_calls = {str(call["id"]) for call in message.tool_calls}
            assert len(open_calls) == len(message.tool_calls)
        elif isinstance(message, ToolMessage):
            open_calls.remove(message.tool_call_id)
    assert not open_calls
