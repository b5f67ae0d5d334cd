"""Signed heads in an Elasticsearch index, one document each, numbered, created and never overwritten.

Each is written with ``_create`` under the number after the last one, so of two writers one is refused.
It protects when our credentials may create documents and nothing else: the privileges ``create_doc`` and
``read`` on the index, which the user makes beforehand.  One index holds one chain.

Source: https://www.elastic.co/guide/en/elasticsearch/reference/8.19/docs-index_.html
"""

import http
from collections.abc import Mapping
from typing import Any

import httpx

from incident.errors import BadInput, Tampered, Unavailable
from tools.clock import SystemClock
from tools.http import exchange, wire

TIMEOUT = 3.0
"""Seconds for one request, its whole answer included: appends wait for it when a head is due."""

_PAGE = 1_000


class ElasticsearchAnchor:
    """:class:`tools.ports.Anchor` over one index."""

    def __init__(self, url: httpx.URL, transport: httpx.BaseTransport | None = None, seconds: float = TIMEOUT) -> None:
        self._url, self._transport, self._seconds = url, transport, seconds

    @property
    def name(self) -> str:
        """Host and index, without credentials."""
        return f"{self._url.host}{self._url.path}"

    def read(self) -> bytes:
        """Every line.  Raises Tampered when one of their numbers is missing."""
        lines: list[str] = []
        while page := self._search(after=len(lines), size=_PAGE, order="asc"):
            for number, line in page:
                if number != len(lines) + 1:
                    raise Tampered(f"the anchor {self.name} has lost its line {len(lines) + 1}")
                lines.append(line)
        return "".join(f"{line}\n" for line in lines).encode()

    def last(self) -> bytes:
        """The line with the largest number."""
        return self._last()[1].encode()

    def add(self, line: bytes, after: bytes) -> bool:
        """Create the next document, unless somebody did."""
        number, last = self._last()
        if last.encode() != after:
            return False
        document = {"number": number + 1, "line": line.decode("ascii")}
        # `refresh`, since a search does not see a document before the index was refreshed.
        answer = self._send("PUT", f"_create/{number + 1}", {"refresh": "true"}, document)
        if answer.status_code == http.HTTPStatus.CONFLICT:
            return False
        self._expect(answer)
        return True

    def _last(self) -> tuple[int, str]:
        found = self._search(after=0, size=1, order="desc")
        return found[0] if found else (0, "")

    def _search(self, *, after: int, size: int, order: str) -> list[tuple[int, str]]:
        body = {
            "size": size,
            "query": {"range": {"number": {"gt": after}}},
            "sort": [{"number": {"order": order, "unmapped_type": "long"}}],
        }
        # With a shard missing Elasticsearch answers with what is left, which would look like a cut chain.
        answer = self._send("POST", "_search", {"allow_partial_search_results": "false"}, body)
        if answer.status_code == http.HTTPStatus.NOT_FOUND:
            return []
        found = self._expect(answer)
        try:
            if found["timed_out"] or found["_shards"]["failed"]:
                raise Unavailable(f"the anchor {self.name} answered in part only")
            return [(int(hit["_source"]["number"]), str(hit["_source"]["line"])) for hit in found["hits"]["hits"]]
        except (KeyError, TypeError, ValueError) as error:
            raise Unavailable(f"the anchor {self.name} answered something else: {error!r}") from error

    def _send(self, method: str, path: str, query: Mapping[str, str], body: Mapping[str, object]) -> httpx.Response:
        url = self._url.copy_with(path=f"{self._url.path.rstrip('/')}/{path}")
        try:
            with exchange.client(SystemClock(), self._seconds, self._transport) as client:
                return client.request(method, url, params=query, json=body)
        except (httpx.HTTPError, wire.Unbounded) as error:
            raise Unavailable(f"the anchor {self.name} does not answer: {type(error).__name__}") from error

    def _expect(self, answer: httpx.Response) -> Any:
        if not answer.is_success:
            raise Unavailable(f"the anchor {self.name} answered {answer.status_code}")
        try:
            return wire.parsed(answer.content)
        except ValueError as error:
            raise Unavailable(f"the anchor {self.name} answered no JSON") from error


def parse(text: str) -> ElasticsearchAnchor:
    """An anchor from ``https://HOST:PORT/INDEX``, credentials before the host if needed.  Raises BadInput."""
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL:
        url = httpx.URL()
    if not url.host or url.path.strip("/") == "" or "/" in url.path.strip("/"):
        shown = text.rpartition("@")[2]
        raise BadInput("SUTURE_AUDIT_ANCHOR", shown, "use http(s)://HOST:PORT/INDEX, one index for one chain")
    return ElasticsearchAnchor(url)
