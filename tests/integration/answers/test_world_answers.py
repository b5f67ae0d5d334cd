"""Whatever a world answers, over a real socket: an answer within bounds, or one sentence."""

import socket
import threading

import httpx
import pytest

from incident.errors import Unavailable, Unsure
from tests.integration.answers import misbehaving
from tools.clock import SystemClock
from tools.embedded.client import Client
from tools.http.exchange import MAX_BYTES, Bounded
from tools.scripted.clock import ManualClock

ASK = """
from tools.clock import SystemClock
from tools.embedded.client import Client
for url in sys.argv[1:]:
    told(lambda: Client(url, SystemClock()).get("/").body)
"""


def test_an_answer_beyond_its_bounds_is_no_answer_and_takes_no_memory() -> None:
    for name, (said, memory) in misbehaving.in_a_process(ASK, misbehaving.LARGE).items():
        assert said.startswith("Unavailable"), (name, said)
        assert memory < 100, name


def test_a_write_whose_answer_is_beyond_its_bounds_is_unsure() -> None:
    for name in ("a body without end", "a packed body", "very many headers", "lists in lists"):
        with misbehaving.serving(misbehaving.LARGE[name]) as url, pytest.raises(Unsure):
            Client(url, SystemClock()).send("/", {})


@pytest.mark.parametrize("name", ["a body without end", "chunks without end", "a packed body", "a body packed twice"])
def test_control_a_plain_client_takes_it_in(name: str) -> None:
    size = 0
    with misbehaving.serving(misbehaving.LARGE[name]) as url, httpx.stream("GET", url) as answer:
        for chunk in answer.iter_bytes():
            size += len(chunk)
            if size > 2 * MAX_BYTES:
                break
    assert size > 2 * MAX_BYTES


@pytest.mark.parametrize("name", misbehaving.SLOW)
def test_an_answer_that_goes_on_and_on_ends_in_its_time(name: str) -> None:
    with misbehaving.serving(misbehaving.SLOW[name]) as url:
        http = httpx.Client(transport=Bounded(httpx.HTTPTransport(), SystemClock()), timeout=0.5)
        with pytest.raises((httpx.TimeoutException, ValueError)):
            http.get(url)


@pytest.mark.parametrize("name", misbehaving.SLOW)
def test_control_a_plain_client_waits_for_it_far_beyond_its_time(name: str) -> None:
    ended = threading.Event()

    def ask(url: str) -> None:
        try:
            httpx.get(url, timeout=0.5)
        except httpx.HTTPError:
            ended.set()

    with misbehaving.serving(misbehaving.SLOW[name]) as url:
        asking = threading.Thread(target=ask, args=(url,), daemon=True)
        asking.start()
        assert not ended.wait(2.5)
    asking.join()


def test_the_whole_client_gives_a_dripping_world_up() -> None:
    with misbehaving.serving(misbehaving.dripping_head) as url, pytest.raises(Unavailable, match="does not answer"):
        Client(url, SystemClock()).get("/")


def test_a_redirect_is_not_followed_and_a_cookie_not_kept() -> None:
    met: list[socket.socket] = []
    with misbehaving.serving(met.append) as elsewhere:
        more = (f"location: {elsewhere}/", "set-cookie: a=b; path=/")
        with misbehaving.serving(misbehaving.whole(b"{}", *more, status="307 Temporary Redirect")) as url:
            assert Client(url, SystemClock()).get("/").status == 307
            http = httpx.Client(transport=Bounded(httpx.HTTPTransport(), SystemClock()))
            assert http.get(url).status_code == 307
            assert not http.cookies
            plain = httpx.Client()
            plain.get(url)
            assert plain.cookies, "control"
    assert not met


def test_each_exchange_has_its_own_time_and_not_its_connection() -> None:
    """The second answer of a connection comes later than the first one's time allows."""

    def twice(there: socket.socket) -> None:
        for _ in range(2):
            there.sendall(misbehaving.head("content-length: 2") + b"{}")
            there.recv(1 << 20)

    clock = ManualClock()
    with misbehaving.serving(twice) as url:
        http = httpx.Client(transport=Bounded(httpx.HTTPTransport(), clock), timeout=5.0)
        assert http.get(url).json() == {}
        clock.sleep(1000.0)
        assert http.get(url).json() == {}
