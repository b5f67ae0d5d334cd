"""Whatever an endpoint answers becomes an answer, a wait, or one sentence without the key."""

import json
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from langchain_core.messages import HumanMessage

from agents.budget import Budget
from agents.models import factory, patience, translation
from agents.models.endpoint import Endpoint
from agents.models.patience import TooLong, Transient
from incident.errors import BadInput, Unavailable
from tools.scripted.clock import ManualClock

KEY = "sk-very-secret-0123456789"

ANSWER = {
    "id": "c",
    "object": "chat.completion",
    "created": 1,
    "model": "m",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "hello"}}],
    "usage": {"prompt_tokens": 7, "completion_tokens": 2, "total_tokens": 9},
}


JSON = {"content-type": "application/json"}


def served(*answers: httpx2.Response | Exception, streamed: bool = False, seen: list[Any] | None = None) -> Endpoint:
    """An endpoint that gives these answers in order, and the last one for ever; no socket is opened."""
    given = list(answers)

    def handle(request: httpx2.Request) -> httpx2.Response:
        if seen is not None:
            seen.append(json.loads(request.content))
        answer = given.pop(0) if len(given) > 1 else given[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx2.Response(answer.status_code, headers=answer.headers, content=answer.content, request=request)

    model = factory.build(
        "small-model",
        "http://127.0.0.1:9/v1",
        KEY,
        streamed=streamed,
        clock=ManualClock(),
        transport=httpx2.MockTransport(handle),
    )
    assert isinstance(model, Endpoint)
    return model


def error(status: int, code: str = "", says: str = "", param: str = "", **headers: str) -> httpx2.Response:
    body = {"error": {"message": f"{says} bad key {KEY}", "code": code, "param": param, "type": "t"}}
    return httpx2.Response(
        status, json=body, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )


TOOL = {"type": "function", "function": {"name": "look", "description": "Look.", "parameters": {"type": "object"}}}


def ask(model: Endpoint) -> patience.Reply:
    clock = ManualClock()
    return patience.ask(model, [HumanMessage("hi")], clock, clock.monotonic() + 100)


def test_an_answer_comes_with_what_it_cost() -> None:
    reply = ask(served(httpx2.Response(200, json=ANSWER)))
    assert (reply.message.content, reply.input_tokens, reply.output_tokens) == ("hello", 7, 2)


def test_truncated_arguments_come_as_a_broken_call_and_not_as_an_error() -> None:
    message: dict[str, Any] = {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": "1", "type": "function", "function": {"name": "look", "arguments": '{"where": "u'}}],
    }
    body = {**ANSWER, "choices": [{"index": 0, "finish_reason": "length", "message": message}]}
    reply = ask(served(httpx2.Response(200, json=body)))
    assert [call["name"] for call in reply.message.invalid_tool_calls] == ["look"]


REFUSED = (
    ("an expired key", error(401), BadInput, "OPENAI_API_KEY"),
    ("a key without rights", error(403), BadInput, "OPENAI_API_KEY"),
    ("an unknown model", error(404, "model_not_found"), BadInput, "OPENAI_MODEL is 'small-model'"),
    ("an empty account", error(429, "insufficient_quota"), Unavailable, "no quota left"),
    ("a busy endpoint", error(429), Unavailable, r"busy \(429\) \(tried \d+ times\)"),
    ("a failing endpoint", error(503), Unavailable, r"failed \(503\) \(tried \d+ times\)"),
    ("a bad question", error(400), Unavailable, r"refused the question \(400\)"),
    ("too long a question", error(400, "context_length_exceeded"), TooLong, "SUTURE_CONTEXT_TOKENS"),
    (
        "too long a question, in other words",
        error(400, says="the request exceeds the available context size"),
        TooLong,
        "set",
    ),
    ("too large a question", error(413, says="prompt is too long: 9 tokens"), TooLong, "context window"),
    (
        "a temperature that it does not take",
        error(400, "unsupported_value", param="temperature"),
        Unavailable,
        "SUTURE_TEMPERATURE=none",
    ),
    ("a refused connection", httpx2.ConnectError("refused"), Unavailable, r"cannot be reached \(tried \d+ times\)"),
    ("a reset connection", httpx2.ReadError("reset"), Unavailable, r"cannot be reached \(tried \d+ times\)"),
    ("silence", httpx2.ReadTimeout("slow"), Unavailable, r"did not answer in time \(tried \d+ times\)"),
    ("a page in HTML", httpx2.Response(200, text="<html>Welcome</html>"), Unavailable, "no chat completion"),
    ("no choices", httpx2.Response(200, json={**ANSWER, "choices": []}), Unavailable, "127.0.0.1:9"),
    ("null choices", httpx2.Response(200, json={**ANSWER, "choices": None}), Unavailable, "no chat completion"),
    ("another kind of object", httpx2.Response(200, json={"detail": "x"}), Unavailable, "no chat completion"),
    (
        "half a body",
        httpx2.Response(200, content=b'{"id": "c", "choi', headers=JSON),
        Unavailable,
        r"broke off .*\(tried \d+ times\)",
    ),
    (
        "another place",
        httpx2.Response(307, headers={"location": "http://elsewhere.example/v1"}),
        Unavailable,
        r"refused the question \(307",
    ),
)


@pytest.mark.parametrize(("answer", "kind", "says"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_a_failure_is_one_sentence_without_the_key(answer: Any, kind: type[Exception], says: str) -> None:
    with pytest.raises(kind, match=says) as caught:
        ask(served(answer))
    assert KEY not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("first", [error(429), error(500), httpx2.ConnectError("refused"), httpx2.ReadTimeout("slow")])
def test_what_passes_is_waited_for(first: httpx2.Response | Exception) -> None:
    assert ask(served(first, first, httpx2.Response(200, json=ANSWER))).message.content == "hello"


def test_retry_after_is_honoured() -> None:
    clock = ManualClock()
    start = clock.monotonic()
    model = served(error(429, retry_after="9"), httpx2.Response(200, json=ANSWER))
    patience.ask(model, [HumanMessage("hi")], clock, start + 100)
    assert clock.monotonic() - start == pytest.approx(9)


NOW, SOON = "Wed, 21 Oct 2026 07:28:00 GMT", "Wed, 21 Oct 2026 07:28:20 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "9"}, 9.0),
        ({"retry-after": " 2 "}, 2.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "20", "retry-after-ms": "1500"}, 1.5),
        ({"retry-after": SOON, "date": NOW}, 20.0),
        ({"retry-after": NOW, "date": SOON}, 0.0),
        ({"retry-after": SOON}, None),
        ({"retry-after": "tomorrow", "date": NOW}, None),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "1e9"}, None),
        ({}, None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(headers: dict[str, str], seconds: float | None) -> None:
    assert translation.retry_after(httpx2.Headers(headers)) == seconds


def test_what_the_endpoint_does_not_count_is_guessed_and_marked() -> None:
    """Otherwise a limit on tokens or money would not bind."""
    uncounted = {key: value for key, value in ANSWER.items() if key != "usage"}
    reply = ask(served(httpx2.Response(200, json=uncounted)))
    assert reply.estimated
    assert reply.input_tokens > 0
    assert reply.output_tokens > 0


def test_an_endpoint_that_cannot_require_a_call_is_asked_without_and_that_is_remembered() -> None:
    seen: list[Any] = []
    refusal = error(400, says="tool_choice 'required' is not supported")
    model = served(refusal, httpx2.Response(200, json=ANSWER), seen=seen)
    bound = model.bind_tools([TOOL], tool_choice="required")
    for _ in range(2):
        assert bound.invoke([HumanMessage("hi")]).content == "hello"
    assert [body.get("tool_choice") for body in seen] == ["required", None, None]
    assert all(body["tools"] for body in seen)


def test_an_answer_that_drips_for_ever_is_given_up_in_time() -> None:
    """A read timeout starts again with every byte."""
    clock = ManualClock()

    class Drip(httpx2.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            while True:
                clock.advance(5)
                yield b" "

    transport = httpx2.MockTransport(lambda request: httpx2.Response(200, stream=Drip(), headers=JSON, request=request))
    model = factory.build("m", "http://127.0.0.1:9/v1", KEY, clock=clock, transport=transport)
    start = clock.monotonic()
    with pytest.raises(Unavailable, match="did not answer in time"):
        patience.ask(model, [HumanMessage("hi")], clock, start + 300, Budget(answer_seconds=30, patience_seconds=60))
    assert clock.monotonic() - start < 30 + 60 + 35


def test_an_answer_without_end_is_not_read_to_the_end() -> None:
    class Flood(httpx2.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            while True:
                yield b" " * 1_000_000

    transport = httpx2.MockTransport(
        lambda request: httpx2.Response(200, stream=Flood(), headers=JSON, request=request)
    )
    for on in (False, True):
        model = factory.build("m", "http://127.0.0.1:9/v1", KEY, streamed=on, clock=ManualClock(), transport=transport)
        with pytest.raises(Unavailable, match=r"without end$"):
            patience.ask(model, [HumanMessage("hi")], ManualClock(), 2000.0)


def streamed(*pieces: dict[str, Any], done: bool = True) -> httpx2.Response:
    """A stream of server-sent events, as it comes from the wire."""
    chunks = [f"data: {json.dumps({**CHUNK, **piece})}\n\n" for piece in pieces]
    text = "".join([*chunks, "data: [DONE]\n\n" if done else ""])
    return httpx2.Response(200, content=text.encode(), headers={"content-type": "text/event-stream"})


CHUNK = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
USED = {"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 2, "total_tokens": 9}}


def delta(finish: str | None = None, **said: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": said, "finish_reason": finish}]}


def calls(arguments: str, name: str | None = None) -> dict[str, Any]:
    return {
        "tool_calls": [{"index": 0, "id": "1", "type": "function", "function": {"name": name, "arguments": arguments}}]
    }


def test_a_streamed_call_comes_together_with_what_it_cost() -> None:
    seen: list[Any] = []
    pieces = (
        delta(role="assistant", **calls('{"whe', "look")),
        delta(**calls('re": "up"}')),
        delta("tool_calls"),
        USED,
    )
    reply = ask(served(streamed(*pieces), streamed=True, seen=seen))
    assert [(call["name"], call["args"]) for call in reply.message.tool_calls] == [("look", {"where": "up"})]
    assert (reply.input_tokens, reply.output_tokens, reply.estimated) == (7, 2, False)
    assert (seen[0]["stream"], seen[0]["stream_options"]) == (True, {"include_usage": True})


BROKEN = (
    ("an end before the end", streamed(delta(content="hel"), done=False)),
    ("an error in the middle", streamed(delta(content="hel"), {"error": {"message": f"overloaded {KEY}"}})),
    (
        "half an event",
        httpx2.Response(200, content=b'data: {"id": "c", "cho\n\n', headers={"content-type": "text/event-stream"}),
    ),
)


@pytest.mark.parametrize("broken", [row[1] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_a_stream_that_breaks_off_is_asked_for_again(broken: httpx2.Response) -> None:
    whole = streamed(delta(content="hello"), delta("stop"), USED)
    assert ask(served(broken, whole, streamed=True)).message.content == "hello"
    with pytest.raises(Unavailable, match=r"broke off .*\(tried \d+ times\)") as caught:
        ask(served(broken, streamed=True))
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("status", [401, 404, 429, 503])
def test_a_refused_stream_is_told_like_any_other_refusal(status: int) -> None:
    told = []
    for on in (True, False):
        with pytest.raises((BadInput, Unavailable)) as caught:
            ask(served(error(status), streamed=on))
        told.append(str(caught.value))
    assert told[0] == told[1]


@pytest.mark.parametrize(("temperature", "sent"), [(0.0, 0.0), (1.0, 1.0), (None, None)])
def test_a_temperature_is_sent_unless_there_is_to_be_none(temperature: float | None, sent: float | None) -> None:
    seen: list[Any] = []

    def handle(request: httpx2.Request) -> httpx2.Response:
        seen.append(json.loads(request.content))
        return httpx2.Response(200, json=ANSWER, request=request)

    transport = httpx2.MockTransport(handle)
    clock = ManualClock()
    model = factory.build("m", "http://127.0.0.1:9/v1", KEY, temperature=temperature, clock=clock, transport=transport)
    model.invoke([HumanMessage("hi")])
    assert seen[0].get("temperature") == sent


def test_transient_is_a_kind_of_unavailable() -> None:
    assert issubclass(Transient, Unavailable)


def test_nothing_configured_is_the_playbook() -> None:
    assert factory.describe(factory.build("")) == "playbook 1 (deterministic, no language model)"
    assert factory.describe(factory.build("playbook", api_key=KEY)) == "playbook 1 (deterministic, no language model)"


def test_an_endpoint_of_ones_own_needs_no_key() -> None:
    model = factory.build("qwen", base_url="http://127.0.0.1:8000/v1")
    assert factory.describe(model) == "qwen at 127.0.0.1:8000"


def test_a_description_never_holds_the_key() -> None:
    model = factory.build("m", base_url="http://host.example/v1", api_key=KEY)
    assert KEY not in factory.describe(model)
    assert KEY not in repr(model)


@pytest.mark.parametrize(
    ("name", "url", "key", "variable"),
    [
        ("", "http://127.0.0.1:1/v1", None, "OPENAI_MODEL"),
        ("m", None, None, "OPENAI_API_KEY"),
        ("m", "ftp://x", KEY, "OPENAI_BASE_URL"),
    ],
)
def test_half_a_configuration_names_the_variable(name: str, url: str | None, key: str | None, variable: str) -> None:
    with pytest.raises(BadInput, match=variable):
        factory.build(name, url, key)


def test_credentials_in_the_address_are_refused_and_not_repeated() -> None:
    with pytest.raises(BadInput, match="OPENAI_BASE_URL") as caught:
        factory.build("m", base_url=f"http://user:{KEY}@host.example/v1")
    assert KEY not in str(caught.value)


def test_a_script_that_is_none_is_refused() -> None:
    with pytest.raises(BadInput, match="SUTURE_MODEL"):
        factory.build("scripted:answers.json", script="not json")
