"""Whatever a model endpoint answers, whole or in pieces: an answer within bounds, or one sentence."""

import json
import socket
import sys
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

import httpx2
import pytest
from langchain_core.messages import HumanMessage
from langchain_openai import ChatOpenAI
from pydantic import SecretStr

from agents.models import factory, wire
from incident.errors import Unavailable
from tests.integration.answers import misbehaving
from tools.clock import SystemClock

EVENTS = "text/event-stream"

ASK = """
from langchain_core.messages import HumanMessage
from agents.models import factory
factory.build("m", "http://127.0.0.1:1", "key")  # what takes memory once is not an answer's
for url in sys.argv[1:]:
    model = factory.build("m", url, "key", timeout=20.0, streamed=%r)
    told(lambda: model.invoke([HumanMessage("hi")]))
"""


def build(url: str, *, streamed: bool, timeout: float = 0.5) -> Any:
    return factory.build("m", url, "key", timeout=timeout, streamed=streamed, clock=SystemClock())


@pytest.mark.parametrize("streamed", [False, True])
def test_an_answer_beyond_its_bounds_is_no_answer_and_takes_no_memory(*, streamed: bool) -> None:
    for name, (said, memory) in misbehaving.in_a_process(ASK % streamed, misbehaving.LARGE).items():
        assert not said.startswith("answered"), (name, said)
        assert "\n" not in said
        assert memory < 100, name


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("name", misbehaving.SLOW)
def test_an_answer_that_goes_on_and_on_ends_in_its_time(name: str, *, streamed: bool) -> None:
    with misbehaving.serving(misbehaving.SLOW[name]) as url, pytest.raises(Unavailable, match=r"in time|broke off"):
        build(url, streamed=streamed).invoke([HumanMessage("hi")])


def keeping_alive(there: socket.socket) -> None:
    """A stream that says nothing but that it is still there."""
    there.sendall(misbehaving.head(kind=EVENTS))
    while True:
        there.sendall(b": still there\n\n")
        time.sleep(0.05)


def event(delta: dict[str, Any], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    piece = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
    return b"data: " + json.dumps(piece).encode() + b"\n\n"


def flooding(make: Callable[[int], bytes]) -> misbehaving.Move:
    def play(there: socket.socket) -> None:
        there.sendall(misbehaving.head(kind=EVENTS))
        for number in range(1 << 40):
            there.sendall(make(number))

    return play


STREAMS: dict[str, misbehaving.Move] = {
    "a stream that only keeps alive": keeping_alive,
    "words without end": flooding(lambda _: event({"content": "word "})),
    "calls without end": flooding(lambda number: event({"tool_calls": [{"index": number, "id": str(number)}]})),
    "arguments without end": flooding(
        lambda _: event({"tool_calls": [{"index": 0, "function": {"name": "look", "arguments": '{"a": x' * 99}}]})
    ),
    "an event without end": flooding(lambda _: b"data: x\n"),
    "a line without end": flooding(lambda _: b"x" * 9999),
}


@pytest.mark.parametrize("name", STREAMS)
def test_a_stream_without_end_is_given_up(name: str) -> None:
    with misbehaving.serving(STREAMS[name]) as url, pytest.raises(Unavailable, match=r"in time|without end|broke off"):
        build(url, streamed=True, timeout=2.0).invoke([HumanMessage("hi")])


class Counter:
    """Counts how often JSON was parsed while it was on."""

    def __init__(self) -> None:
        self.parsed = 0

    def __call__(self, frame: FrameType, event: str, arg: object) -> None:
        if event == "call" and frame.f_code.co_name == "loads":
            self.parsed += 1

    def count(self, act: Callable[[], object]) -> int:
        sys.setprofile(self)
        try:
            act()
        finally:
            sys.setprofile(None)
        return self.parsed


def test_the_arguments_of_a_call_are_parsed_once_however_broken_they_are() -> None:
    """langchain-openai parses them again without each of their last characters: so the work grows with their square."""
    broken = '{"a": ' + "x" * 3000
    body = event({"tool_calls": [{"index": 0, "id": "1", "function": {"name": "look", "arguments": broken}}]})
    move = misbehaving.whole(body + event({}, "tool_calls") + b"data: [DONE]\n\n", kind=EVENTS)
    with misbehaving.serving(move) as url:
        answers: list[Any] = []
        model = build(url, streamed=True, timeout=20.0)
        assert Counter().count(lambda: answers.append(model.invoke([HumanMessage("hi")]))) < 20
        assert [call["args"] for call in answers[0].invalid_tool_calls] == [broken]
        plain = ChatOpenAI(model="m", base_url=url, api_key=SecretStr("k"), streaming=True)
        assert Counter().count(lambda: plain.invoke([HumanMessage("hi")])) > 3000, "control"


def test_many_calls_come_together_in_one_pass() -> None:
    pieces = [
        event({"tool_calls": [{"index": n, "id": str(n), "function": {"name": "look", "arguments": "{"}}]})
        for n in range(500)
    ]
    pieces += [event({"tool_calls": [{"index": n, "function": {"arguments": "}"}}]}) for n in range(500)]
    body = b"".join([*pieces, event({}, "tool_calls"), b"data: [DONE]\n\n"])
    with misbehaving.serving(misbehaving.whole(body, kind=EVENTS)) as url:
        answer = build(url, streamed=True, timeout=20.0).invoke([HumanMessage("hi")])
    assert [(call["id"], call["args"]) for call in answer.tool_calls] == [(str(n), {}) for n in range(500)]


def test_control_a_plain_client_takes_in_what_is_packed_and_waits_for_a_head() -> None:
    size = 0
    with misbehaving.serving(misbehaving.LARGE["a packed body"]) as url, httpx2.stream("GET", url) as answer:
        for chunk in answer.iter_bytes():
            size += len(chunk)
            if size > 2 * wire.MAX_BYTES:
                break
    assert size > 2 * wire.MAX_BYTES


def test_a_proxy_of_the_environment_is_used_and_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever can reach the endpoint only through a proxy is served, and the proxy can drip no longer either."""
    with misbehaving.serving(misbehaving.dripping_head) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy)
        monkeypatch.setenv("NO_PROXY", "")
        with pytest.raises(Unavailable, match="in time"):
            build("http://endpoint.invalid/v1", streamed=False).invoke([HumanMessage("hi")])


def test_a_redirect_is_not_followed() -> None:
    met: list[socket.socket] = []
    with misbehaving.serving(met.append) as elsewhere:
        move = misbehaving.whole(b"{}", f"location: {elsewhere}/", status="307 Temporary Redirect")
        with misbehaving.serving(move) as url, pytest.raises(Unavailable):
            build(url, streamed=False, timeout=5.0).invoke([HumanMessage("hi")])
    assert not met


def test_a_whole_answer_of_very_many_values_ends_before_the_client_makes_objects_of_them() -> None:
    choices = b'{"id":"c","choices":[' + b"{}," * (1 << 18) + b"{}]}"
    with misbehaving.serving(misbehaving.whole(choices)) as url, pytest.raises(Unavailable, match="without end"):
        build(url, streamed=False, timeout=20).invoke([HumanMessage("hi")])


def test_control_a_long_text_with_many_commas_is_an_answer() -> None:
    message = {"role": "assistant", "content": "a, b, " * 50_000}
    answer = {"id": "c", "choices": [{"index": 0, "finish_reason": "stop", "message": message}]}
    with misbehaving.serving(misbehaving.whole(json.dumps(answer).encode())) as url:
        said = build(url, streamed=False, timeout=20).invoke([HumanMessage("hi")])
    assert said.content == message["content"]
