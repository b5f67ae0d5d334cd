"""Telling people never raises, and says truly which channel carried it."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from incident.errors import Unavailable
from tools.notify import Notifier
from tools.records.emergency import EmergencyLog
from tools.scripted.clock import ManualClock
from tools.webhook import Webhook


class Hook:
    """A webhook that answers from a script; an exception is raised instead."""

    def __init__(self, *answers: int | Exception) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer)


def notifier(
    tmp_path: Path, stream: io.StringIO, hook: Hook | None = None, clock: ManualClock | None = None
) -> Notifier:
    ids = iter(f"n{number}" for number in range(9))
    return Notifier(
        stream,
        tmp_path / "notices.jsonl",
        clock or ManualClock(),
        lambda: next(ids),
        webhook=Webhook("https://hooks.example/x", clock or ManualClock(), httpx.MockTransport(hook)).post
        if hook
        else None,
    )


def test_without_a_webhook_a_line_and_a_file_are_written(tmp_path: Path) -> None:
    stream = io.StringIO()
    told = notifier(tmp_path, stream).tell("inc-1 waits\nfor you", {"incident": "inc-1", "password": "hunter2"})
    assert told == (("stderr", True), ("file", True))
    assert stream.getvalue() == "suture: inc-1 waits for you\n"
    assert json.loads((tmp_path / "notices.jsonl").read_text()) == {
        "id": "n0",
        "at": "2026-01-01T00:00:00+00:00",
        "subject": "inc-1 waits\nfor you",
        "body": {"incident": "inc-1", "password": "[redacted]"},
    }


def test_notices_are_added_to_the_file(tmp_path: Path) -> None:
    one = notifier(tmp_path, io.StringIO())
    one.tell("a", {})
    one.tell("b", {})
    found = [json.loads(line)["subject"] for line in (tmp_path / "notices.jsonl").read_text().splitlines()]
    assert found == ["a", "b"]


def test_a_webhook_gets_the_same_notice_with_its_id(tmp_path: Path) -> None:
    hook = Hook(204)
    assert notifier(tmp_path, io.StringIO(), hook).tell("a", {"x": 1})[-1] == ("webhook", True)
    (request,) = hook.requests
    assert request.headers["idempotency-key"] == "n0"
    assert json.loads(request.content)["body"] == {"x": 1}


@pytest.mark.parametrize(
    "first", [500, 503, 429, 408, httpx.ConnectError("refused"), httpx.ReadTimeout("slow")], ids=str
)
def test_what_may_pass_is_tried_again(tmp_path: Path, first: int | Exception) -> None:
    hook = Hook(first, 200)
    assert notifier(tmp_path, io.StringIO(), hook).tell("a", {})[-1] == ("webhook", True)
    assert {request.headers["idempotency-key"] for request in hook.requests} == {"n0"}
    assert len(hook.requests) == 2


def test_trying_again_ends(tmp_path: Path) -> None:
    hook, clock = Hook(500, 500, 500, 200), ManualClock()
    assert notifier(tmp_path, io.StringIO(), hook, clock).tell("a", {})[-1] == ("webhook", False)
    assert len(hook.requests) == 3
    assert clock.monotonic() - 1_000.0 < 5.0


@pytest.mark.parametrize("status", [301, 400, 401, 404])
def test_what_will_not_pass_is_not_tried_again(tmp_path: Path, status: int) -> None:
    hook = Hook(status, 200)
    told = notifier(tmp_path, io.StringIO(), hook).tell("a", {})[-1]
    assert (told, len(hook.requests)) == (("webhook", False), 1)


def test_a_webhook_that_is_no_url_is_not_delivered(tmp_path: Path) -> None:
    for url in ("not a url", "http://", "ftp://x", "http://[::1", "http://a\x00b"):
        teller = Notifier(io.StringIO(), tmp_path / "n", ManualClock(), lambda: "n", Webhook(url, ManualClock()).post)
        assert teller.tell("a", {})[-1] == ("webhook", False), url


def test_nobody_reached_is_said_and_does_not_raise(tmp_path: Path) -> None:
    stream = io.StringIO()
    stream.close()
    teller = notifier(tmp_path / "missing", stream, Hook(400))
    assert teller.tell("a", {}) == (("stderr", False), ("file", False), ("webhook", False))


def test_a_body_that_json_cannot_say_is_told_all_the_same(tmp_path: Path) -> None:
    told = notifier(tmp_path, io.StringIO()).tell("\ud800 a", {"x": float("nan"), "y": "\ud800"})
    assert told == (("stderr", True), ("file", True))


def test_an_emergency_is_written_to_both_places_or_says_where_not(tmp_path: Path) -> None:
    stream, at = io.StringIO(), ManualClock().now()
    assert EmergencyLog(tmp_path / "e.jsonl", stream).write(at, "graph", "undone", {"api_key": "k", "n": 1}) == (
        ("stderr", True),
        ("file", True),
    )
    line = (tmp_path / "e.jsonl").read_text()
    assert stream.getvalue() == f"suture: emergency: {line}"
    assert json.loads(line)["body"] == {"api_key": "[redacted]", "n": 1}
    broken: Callable[[], EmergencyLog] = lambda: EmergencyLog(tmp_path / "missing" / "e.jsonl", stream)  # noqa: E731 (one line)
    stream.close()
    assert broken().write(at, "graph", "undone", {}) == (("stderr", False), ("file", False))


@pytest.mark.parametrize("status", [200, 204, 400, 405])
def test_an_address_that_answers_is_in_order_and_gets_nothing(status: int) -> None:
    hook = Hook(status)
    said = Webhook("https://hooks.example/x", ManualClock(), httpx.MockTransport(hook)).check()
    assert str(status) in said
    assert [(request.method, request.content) for request in hook.requests] == [("HEAD", b"")]


@pytest.mark.parametrize(
    "answer", [404, 410, 401, 403, 500, 503, httpx.ConnectError("x"), httpx.ReadTimeout("x")], ids=str
)
def test_an_address_that_would_take_no_notice_is_not(answer: int | Exception) -> None:
    with pytest.raises(Unavailable):
        Webhook("https://hooks.example/x", ManualClock(), httpx.MockTransport(Hook(answer))).check()
