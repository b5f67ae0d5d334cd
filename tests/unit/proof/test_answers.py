"""The calls of one request: which recorded answer each gets, and what is told of them."""

from typing import Any

import pytest

from tools.reproduction.answers import Book


def call(path: str = "/a", **changed: Any) -> dict[str, Any]:
    return {"method": "GET", "host": "h:1", "path": path, "query": "", "status": 200, "body": path, **changed}


def told(book: Book) -> dict[str, list[str]]:
    """What is told, without the digests."""
    return {**book.told(), "made": [made.rpartition(" ")[0] for made in book.told()["made"]]}


def test_each_recorded_answer_is_given_once_and_in_order() -> None:
    book = Book([call(body=1), call(body=2), call("/b")], [])
    assert [(book.take("h:1", "GET", "/a", "", b"") or {}).get("body") for _ in range(3)] == [1, 2, None]
    assert told(book) == {
        "made": ["GET h:1/a"] * 3,
        "unmade": ["GET h:1/b"],
        "unexpected": ["GET h:1/a"],
        "borrowed": [],
    }


def test_the_same_query_is_preferred_and_another_is_taken() -> None:
    book = Book([call(query="x=1", body=1), call(query="x=2", body=2)], [])
    assert (book.take("h:1", "GET", "/a", "x=2", b"") or {})["body"] == 2
    assert (book.take("h:1", "GET", "/a", "x=2", b"") or {})["body"] == 1


@pytest.mark.parametrize(("host", "found"), [("new:2", True), ("other:1", False)])
def test_a_host_that_was_never_recorded_may_be_one_that_has_moved(host: str, found: bool) -> None:
    book = Book([call(), call(host="other:1", path="/else")], [])
    assert (book.take(host, "GET", "/a", "", b"") is not None) == found


def test_calls_of_the_same_shape_are_lent_as_often_as_they_are_made() -> None:
    lent = call("/orders/17", body="lent")
    book = Book([], [lent])
    for _ in range(2):
        assert book.take("h:1", "GET", "/orders/99", "", b"") == lent
    assert book.take("h:1", "GET", "/orders/x", "", b"") is None
    assert book.take("else:1", "GET", "/orders/99", "", b"") is None
    assert told(book)["borrowed"] == ["GET h:1/orders/99"] * 2


def test_what_was_sent_shows_in_the_digest_of_a_call() -> None:
    book = Book([], [])
    for query, body in (("", b"a"), ("", b"b"), ("a", b""), ("", b"a")):
        book.take("h:1", "GET", "/a", query, body)
    made = book.told()["made"]
    assert len(set(made)) == 3
    assert made[0] == made[3]
