"""HTTP to the embedded world: what is tried again, and what a broken answer means."""

from collections.abc import Callable

import httpx
import pytest

from incident.errors import BadInput, Throttled, Unavailable, Unsure
from tools import embedded
from tools.embedded.client import MAX_BYTES, THROTTLED_SECONDS, Client
from tools.scripted.clock import ManualClock

URL = "http://127.0.0.1:1"
Reply = Callable[[httpx.Request], httpx.Response]


class Server:
    """Answers with a list of replies in turn, the last one for ever, and counts."""

    def __init__(self, *replies: httpx.Response | Exception) -> None:
        self._replies = list(replies)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        reply = self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]
        if isinstance(reply, Exception):
            raise reply
        return reply


def client(server: Server, clock: ManualClock | None = None) -> Client:
    return Client(URL, clock or ManualClock(), httpx.MockTransport(server))


BROKEN: tuple[httpx.Response | Exception, ...] = (
    httpx.ConnectError("refused"),
    httpx.ConnectTimeout("slow"),
    httpx.ReadTimeout("slow"),
    httpx.ReadError("reset"),
    httpx.RemoteProtocolError("half an answer"),
    httpx.Response(500, json={"error": "boom"}),
    httpx.Response(503, text="busy"),
    httpx.Response(200, text="<html>"),
    httpx.Response(200, content=b"\xff\xfe"),
    httpx.Response(200, content=b"[" * 100_000),
    httpx.Response(200, content=b" " * (MAX_BYTES + 1)),
    httpx.Response(200, text=""),
)


@pytest.mark.parametrize("broken", BROKEN, ids=lambda one: repr(one)[:40])
def test_a_read_is_tried_three_times_and_then_unavailable(broken: httpx.Response | Exception) -> None:
    server, clock = Server(broken), ManualClock()
    began = clock.monotonic()
    with pytest.raises(Unavailable):
        client(server, clock).get("/services")
    assert len(server.requests) == 3
    assert 0 < clock.monotonic() - began < 1


@pytest.mark.parametrize("broken", BROKEN, ids=lambda one: repr(one)[:40])
def test_a_read_that_succeeds_in_the_end_is_an_answer(broken: httpx.Response | Exception) -> None:
    server = Server(broken, broken, httpx.Response(200, json=["orders"]))
    assert client(server).get("/services").body == ["orders"]


@pytest.mark.parametrize("status", [400, 404, 409, 422])
def test_an_answer_that_says_no_is_not_tried_again(status: int) -> None:
    server = Server(httpx.Response(status, json={"error": "no\x1b[31m"}))
    answer = client(server).get("/services")
    assert (answer.status, answer.complaint()) == (status, "no")
    assert len(server.requests) == 1


@pytest.mark.parametrize("broken", BROKEN, ids=lambda one: repr(one)[:40])
def test_a_write_is_sent_once_and_unsure_unless_it_never_left(broken: httpx.Response | Exception) -> None:
    server = Server(broken, httpx.Response(200, json={}))
    never_left = isinstance(broken, httpx.ConnectError | httpx.ConnectTimeout)
    with pytest.raises(Unavailable if never_left else Unsure):
        client(server).send("/services/orders/changes", {})
    assert len(server.requests) == 1


def busy(after: str | None = None, body: str = "{}") -> httpx.Response:
    return httpx.Response(429, text=body, headers={} if after is None else {"retry-after": after})


@pytest.mark.parametrize("body", ["{}", "", "<html>", '{"error": "later"}'])
@pytest.mark.parametrize(
    ("after", "seconds"),
    [("7", 7.0), (" 0.5 ", 0.5), ("0", 0.0), (None, THROTTLED_SECONDS), ("soon", THROTTLED_SECONDS),
     ("-1", THROTTLED_SECONDS), ("1e9", THROTTLED_SECONDS)],
)  # fmt: skip
def test_a_write_that_is_not_taken_just_now_was_not_made_and_says_when_to_come_again(
    body: str, after: str | None, seconds: float
) -> None:
    """Also where something in between answers, with a body that is none of the world's."""
    server = Server(busy(after, body))
    with pytest.raises(Throttled) as raised:
        client(server).send("/services/orders/changes", {})
    assert raised.value.after == seconds
    assert len(server.requests) == 1


def test_a_read_waits_for_a_world_that_asks_for_a_moment() -> None:
    server, clock = Server(busy("1.5"), httpx.Response(200, json=["orders"])), ManualClock()
    began = clock.monotonic()
    assert client(server, clock).get("/services").body == ["orders"]
    assert clock.monotonic() - began == pytest.approx(1.5)


@pytest.mark.parametrize(("after", "asked"), [("1", 3), ("60", 1)])
def test_a_read_leaves_longer_waits_to_the_caller(after: str, asked: int) -> None:
    server = Server(busy(after))
    with pytest.raises(Throttled):
        client(server).get("/services")
    assert len(server.requests) == asked


@pytest.mark.parametrize(
    "url",
    ["http://example.org", "https://127.0.0.1:1", "http://127.0.0.1.example.org", "ftp://127.0.0.1", "", "127.0.0.1:1",
     "http://[::1", "http://user@example.org", "http://127.0.0.1@example.org/"],
)  # fmt: skip
def test_an_address_of_another_machine_is_refused_without_a_call(url: str) -> None:
    server = Server(httpx.Response(200, json={}))
    with pytest.raises(BadInput):
        embedded.connect(url, ManualClock(), httpx.MockTransport(server))
    assert server.requests == []
