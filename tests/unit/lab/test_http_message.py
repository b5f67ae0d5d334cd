"""Where a message ends, however its bytes arrive."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.lab.traffic.http_message import MAX_BODY, Malformed, Message

REQUEST = b"POST /orders HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"
PLAIN = b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n"
RESPONSE = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 2\r\n\r\n{}"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n5;x=y\r\nhello\r\n0\r\n\r\n"
EMPTY = b"HTTP/1.1 204 No Content\r\nServer: x\r\n\r\n"
NEXT = b"GET /early HTTP/1.1\r\n"


@given(
    st.sampled_from([(REQUEST, False), (PLAIN, False), (RESPONSE, True), (CHUNKED, True), (EMPTY, True)]),
    st.lists(st.integers(0, 90), max_size=5),
)
def test_a_message_ends_at_the_same_byte_however_it_is_cut(case: tuple[bytes, bool], cuts: list[int]) -> None:
    raw, response = case
    message = Message(response=response)
    places = [0, *sorted(min(cut, len(raw)) for cut in cuts), len(raw)]
    for start, end in itertools.pairwise(places):
        assert not message.complete or start == end == len(raw)
        if not message.complete:
            assert message.feed(raw[start:end]) == b""
    assert message.complete
    assert bytes(message.data) == raw


def test_what_comes_early_is_handed_back() -> None:
    message = Message(response=False)
    assert message.feed(REQUEST + NEXT) == NEXT
    assert bytes(message.data) == REQUEST


def test_the_status_and_the_end_of_the_connection_are_read() -> None:
    message = Message(response=True)
    message.feed(RESPONSE.replace(b"\r\n\r\n", b"\r\nConnection: Close\r\n\r\n"))
    assert (message.status, message.closes) == (502, True)


@pytest.mark.parametrize(
    ("raw", "response"),
    [
        (b"GET /a HTTP/1.0\r\n\r\n", False),
        (b"hello\r\n\r\n", False),
        (b"HTTP/1.1 200 OK\r\nServer: x\r\n\r\n", True),
        (b"POST /a HTTP/1.1\r\nContent-Length: -3\r\n\r\n", False),
        (b"POST /a HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % (MAX_BODY + 1), False),
        (b"POST /a HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", False),
        (b"x" * 70_000, False),
    ],
)
def test_the_unusual_is_refused_rather_than_guessed_at(raw: bytes, response: bool) -> None:
    with pytest.raises(Malformed):
        Message(response=response).feed(raw)


def test_a_chunk_size_that_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="base 16"):
        Message(response=True).feed(CHUNKED.replace(b"3\r\nabc", b"z\r\nabc"))
