"""The anchor in Elasticsearch when the answer is late, odd, partial or no: never taken for an empty anchor."""

from collections.abc import Callable

import httpx
import pytest

from incident.errors import BadInput, Unavailable
from tests.contract.anchor import line
from tools.audit.anchor_elasticsearch import ElasticsearchAnchor, parse

URL = httpx.URL("http://user:hunter2@es.example:9200/audit")

Answer = Callable[[httpx.Request], httpx.Response]


def hits(*found: tuple[int, bytes], failed: int = 0, timed_out: bool = False) -> dict[str, object]:
    documents = [{"_source": {"number": number, "line": said.decode()}} for number, said in found]
    return {"timed_out": timed_out, "_shards": {"failed": failed}, "hits": {"hits": documents}}


def late(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadTimeout("late", request=request)


@pytest.mark.parametrize(
    "answer",
    [
        late,
        lambda _: httpx.Response(500),
        lambda _: httpx.Response(401),
        lambda _: httpx.Response(200, text="<html>"),
        lambda _: httpx.Response(200, json={}),
        lambda _: httpx.Response(200, json={**hits(), "hits": {"hits": [{"_source": {}}]}}),
        lambda _: httpx.Response(200, json=hits(failed=1)),
        lambda _: httpx.Response(200, json=hits(timed_out=True)),
    ],
    ids=["late", "500", "401", "no json", "other json", "other documents", "a shard failed", "timed out"],
)
def test_an_answer_that_is_none_is_unavailable_and_tells_no_password(answer: Answer) -> None:
    anchor = ElasticsearchAnchor(URL, httpx.MockTransport(answer))
    for use in (anchor.read, anchor.last, lambda: anchor.add(line(0), b"")):
        with pytest.raises(Unavailable, match=r"the anchor es\.example/audit") as raised:
            use()
        assert "hunter2" not in str(raised.value)


def test_no_index_is_an_empty_anchor() -> None:
    anchor = ElasticsearchAnchor(URL, httpx.MockTransport(lambda _: httpx.Response(404)))
    assert anchor.read() == anchor.last() == b""


@pytest.mark.parametrize(("status", "kept"), [(201, True), (409, False)])
def test_of_two_writers_the_slower_one_is_told_so(status: int, *, kept: bool) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return httpx.Response(200, json=hits((4, line(3))))
        assert request.url.path == "/audit/_create/5"
        return httpx.Response(status, json={})

    assert ElasticsearchAnchor(URL, httpx.MockTransport(answer)).add(line(7), line(3)) is kept


@pytest.mark.parametrize("text", ["http://h:9200", "http://h:9200/", "http://h/a/b", "http://", "http://u:hunter2@h"])
def test_an_address_without_an_index_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="SUTURE_AUDIT_ANCHOR") as raised:
        parse(text)
    assert "hunter2" not in str(raised.value)
