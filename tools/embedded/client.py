"""HTTP client of the embedded world, the only code that talks to it.

Reading is tried again a few times, because asking twice does no harm.  A write is sent once: when
it surely never left it is Unavailable, when the world took no more just then (429) it is Throttled and was
not made, and when its answer was lost it is Unsure.
"""

import re
from collections.abc import Mapping

import httpx
from pydantic import JsonValue

from incident.errors import Throttled, Unavailable, Unsure
from tools import ports, text
from tools.embedded import world_proof
from tools.http import exchange, wire

READ_SECONDS = httpx.Timeout(5.0, connect=1.0)
"""The whole of a read, which is answered from memory; longer means that the world is stuck."""

WRITE_SECONDS = httpx.Timeout(15.0, connect=1.0)
"""The whole of a write, which is answered before new processes are ready; a deploy lays out the files of a commit."""

PAUSES = (0.05, 0.2)
"""Seconds before the second and the third try of a read."""

THROTTLED_SECONDS = 1.0
"""Seconds to leave a throttling world alone when it does not say how long."""

READ_WAIT = 2.0
"""Seconds that a read waits at most for a world that asks to be left alone; longer waits are the caller's."""

MAX_BYTES = 16 * 1024 * 1024
"""Bytes of one answer."""

# Raised before any byte of the request was sent; after WriteError or ReadError it may have arrived.
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


class Answer:
    """Status and body of an answer."""

    def __init__(self, status: int, body: JsonValue) -> None:
        self.status = status
        self.body = body

    def complaint(self) -> str:
        """The error that the answer states, harmless and short."""
        said = self.body.get("error") if isinstance(self.body, dict) else None
        return text.normalise(said, 200) if isinstance(said, str) else f"status {self.status}"


class Client:
    """HTTP client of one world, on loopback and past every proxy.

    With the world's key every answer must carry its signature, whoever listens at the port by now; an answer without
    one counts as no answer.
    """

    def __init__(
        self,
        url: str,
        clock: ports.Clock,
        transport: httpx.BaseTransport | None = None,
        key: world_proof.Key | None = None,
    ) -> None:
        self._clock = clock
        self._key = key
        # The environment's proxies would send the challenge, and the answer, past other machines.
        bounded = exchange.Bounded(transport or httpx.HTTPTransport(trust_env=False), clock, MAX_BYTES)
        self._http = httpx.Client(base_url=url, timeout=READ_SECONDS, transport=bounded, trust_env=False)
        self._http.event_hooks = {"request": [_challenged]}

    def get(self, path: str, query: Mapping[str, str] | None = None) -> Answer:
        """Read.  Raises Unavailable; an answer below 500 is returned as it is."""
        return self._read(self._http.build_request("GET", path, params=dict(query or {})))

    def ask(self, path: str, body: JsonValue) -> Answer:
        """Post a question that needs a body, or a write that may be made twice.  Raises Unavailable."""
        return self._read(self._http.build_request("POST", path, json=body))

    def send(self, path: str, body: JsonValue) -> Answer:
        """Write once.  Raises Unavailable when it was never sent, Throttled, and Unsure when the answer was lost."""
        try:
            response = self._http.post(path, json=body, timeout=WRITE_SECONDS)
            # The signature first: an answer without one says nothing, not even that nothing was done (429).
            self._signed(response)
            _let_in(response)
            answer = _answer(response)
        except _NEVER_SENT as error:
            raise Unavailable(f"the world does not answer: {_name(error)}") from error
        except (httpx.HTTPError, ValueError) as error:
            raise Unsure(f"the answer to {path} was lost: {_name(error)}") from error
        # A server that failed may have made the change before.
        if answer.status >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise Unsure(f"{path} ended in the middle: {answer.complaint()}")
        return answer

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _read(self, request: httpx.Request) -> Answer:
        said = ""
        cause: Exception | None = None
        for pause in (*PAUSES, None):
            try:
                response = self._http.send(request)
                self._signed(response)
                _let_in(response)
                answer = _answer(response)
            except Throttled as error:
                if pause is None or error.after > READ_WAIT:
                    raise
                self._clock.sleep(error.after)
                continue
            except (httpx.HTTPError, ValueError) as error:
                said, cause = _name(error), error
            else:
                if answer.status < httpx.codes.INTERNAL_SERVER_ERROR:
                    return answer
                said, cause = answer.complaint(), None
            if pause is not None:
                self._clock.sleep(pause)
        raise Unavailable(f"the world does not answer {request.url.path}: {said}") from cause

    def _signed(self, response: httpx.Response) -> None:
        """Raise ValueError for an answer that is not the world's."""
        if self._key is None:
            return
        port, sent = response.request.url.port or 80, response.request.headers[world_proof.CHALLENGE]
        proof = response.headers.get(world_proof.PROOF, "")
        if not self._key.signed(port, sent, response.status_code, response.content, proof):
            raise ValueError(f"whoever answers does not prove to be {self._key.id}")


def _challenged(request: httpx.Request) -> None:
    request.headers[world_proof.CHALLENGE] = world_proof.challenge()


def _let_in(response: httpx.Response) -> None:
    """Raise Throttled for a 429, whatever its body says, with the seconds of its Retry-After (RFC 6585, 4)."""
    if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
        said = re.fullmatch(r"\s*(\d{1,9}(?:\.\d{1,6})?)\s*", response.headers.get("retry-after", ""))
        # A date, the header's other form (RFC 9110, 10.2.3), counts as if nothing was said.
        after = float(said.group(1)) if said else THROTTLED_SECONDS
        path = response.request.url.path
        raise Throttled(f"the world takes no more requests just now ({path}; it asks for {after:g} s)", after)


def _answer(response: httpx.Response) -> Answer:
    """Raises ValueError for a body that is no JSON or beyond its bounds."""
    return Answer(response.status_code, wire.parsed(response.content))


def _name(error: Exception) -> str:
    return text.normalise(f"{type(error).__name__}: {error}", 160)
