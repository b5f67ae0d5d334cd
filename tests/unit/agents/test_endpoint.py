"""Whatever an endpoint answers becomes an answer, a wait, or one sentence without the key."""

from typing import Any

import httpx2
import pytest
from langchain_core.messages import HumanMessage
from pydantic import SecretStr

from agents import endpoint, models, patience
from agents.endpoint import Endpoint
from agents.patience import Transient
from incident.errors import BadInput, Unavailable
from tools.scripted_clock import ManualClock

KEY = "sk-very-secret-0123456789"

ANSWER = {
    "id": "c",
    "object": "chat.completion",
    "created": 1,
    "model": "m",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "hello"}}],
    "usage": {"prompt_tokens": 7, "completion_tokens": 2, "total_tokens": 9},
}


def served(*answers: httpx2.Response | Exception) -> Endpoint:
    """An endpoint that gives these answers in order, and the last one for ever; no socket is opened."""
    given = list(answers)

    def handle(request: httpx2.Request) -> httpx2.Response:
        answer = given.pop(0) if len(given) > 1 else given[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx2.Response(answer.status_code, headers=answer.headers, content=answer.content, request=request)

    return Endpoint(
        model="small-model",
        base_url="http://127.0.0.1:9/v1",
        api_key=SecretStr(KEY),
        max_retries=0,
        disable_streaming=True,
        http_client=httpx2.Client(transport=httpx2.MockTransport(handle)),
    )


def error(status: int, code: str = "", **headers: str) -> httpx2.Response:
    body = {"error": {"message": f"bad key {KEY}", "code": code, "type": "t"}}
    return httpx2.Response(
        status, json=body, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )


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
    ("a busy endpoint", error(429), Unavailable, r"busy \(429\) \(tried 4 times\)"),
    ("a failing endpoint", error(503), Unavailable, r"failed \(503\) \(tried 4 times\)"),
    ("a bad question", error(400), Unavailable, r"refused the question \(400\)"),
    ("too long a question", error(400, "context_length_exceeded"), Unavailable, "context window"),
    ("a refused connection", httpx2.ConnectError("refused"), Unavailable, r"cannot be reached \(tried 4 times\)"),
    ("a reset connection", httpx2.ReadError("reset"), Unavailable, r"cannot be reached \(tried 4 times\)"),
    ("silence", httpx2.ReadTimeout("slow"), Unavailable, r"did not answer in time \(tried 4 times\)"),
    ("a page in HTML", httpx2.Response(200, text="<html>Welcome</html>"), Unavailable, "no chat completion"),
    ("no choices", httpx2.Response(200, json={**ANSWER, "choices": []}), Unavailable, "127.0.0.1:9"),
    ("null choices", httpx2.Response(200, json={**ANSWER, "choices": None}), Unavailable, "no chat completion"),
    ("another kind of object", httpx2.Response(200, json={"detail": "x"}), Unavailable, "no chat completion"),
    ("half a body", httpx2.Response(200, content=b'{"id": "c", "choi'), Unavailable, "127.0.0.1:9"),
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


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("9", 9.0), (" 2 ", 2.0), ("Wed, 21 Oct 2026 07:28:00 GMT", None), ("-1", None), (None, None)],
)
def test_retry_after_is_read_as_seconds(header: str | None, seconds: float | None) -> None:
    assert endpoint.retry_after(header) == seconds


def test_transient_is_a_kind_of_unavailable() -> None:
    assert issubclass(Transient, Unavailable)


def test_nothing_configured_is_the_playbook() -> None:
    assert models.describe(models.build("")) == "playbook 1 (deterministic, no language model)"
    assert models.describe(models.build("playbook", api_key=KEY)) == "playbook 1 (deterministic, no language model)"


def test_an_endpoint_of_ones_own_needs_no_key() -> None:
    model = models.build("qwen", base_url="http://127.0.0.1:8000/v1")
    assert models.describe(model) == "qwen at 127.0.0.1:8000"


def test_a_description_never_holds_the_key() -> None:
    model = models.build("m", base_url="http://host.example/v1", api_key=KEY)
    assert KEY not in models.describe(model)
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
        models.build(name, url, key)


def test_credentials_in_the_address_are_refused_and_not_repeated() -> None:
    with pytest.raises(BadInput, match="OPENAI_BASE_URL") as caught:
        models.build("m", base_url=f"http://user:{KEY}@host.example/v1")
    assert KEY not in str(caught.value)


def test_a_script_that_is_none_is_refused() -> None:
    with pytest.raises(BadInput, match="SUTURE_MODEL"):
        models.build("scripted:answers.json", script="not json")
