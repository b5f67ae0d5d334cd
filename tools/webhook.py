"""Webhook that receives the notices to people, over HTTP."""

import http

import httpx

from incident.errors import Unavailable
from tools import ports
from tools.http import exchange, wire

ATTEMPTS = 3
"""Tries of the webhook: with the pauses and time-outs below a notice takes at most about 17 s."""

_PAUSE = 0.5
"""Seconds before the second try, doubled for each further one."""

_TIMEOUT = 5.0

_GONE = frozenset(
    {http.HTTPStatus.NOT_FOUND, http.HTTPStatus.GONE, http.HTTPStatus.UNAUTHORIZED, http.HTTPStatus.FORBIDDEN}
)
"""Answers to HEAD of an address that takes no notice; one that knows only POST answers 405."""

_AGAIN = frozenset({http.HTTPStatus.REQUEST_TIMEOUT, http.HTTPStatus.TOO_MANY_REQUESTS})


class Webhook:
    """One webhook address.  The id of a notice goes with each try, so that the receiver can tell a repeat."""

    def __init__(self, url: str, clock: ports.Clock, transport: httpx.BaseTransport | None = None) -> None:
        self._url, self._clock, self._transport = url, clock, transport

    def post(self, notice: str, line: str) -> bool:
        """Send a notice's line, again where that may help; True when it arrived.  Never raises."""
        headers = {"content-type": "application/json", "idempotency-key": notice}
        for attempt in range(ATTEMPTS):
            if attempt:
                self._clock.sleep(_PAUSE * 2 ** (attempt - 1))
            try:
                with (
                    exchange.client(self._clock, _TIMEOUT, self._transport) as client,
                    client.stream("POST", self._url, content=line, headers=headers) as answer,
                ):
                    status = answer.status_code  # nothing else is of interest, so nothing else is read
            except (httpx.TransportError, wire.Unbounded):
                continue
            except (httpx.HTTPError, httpx.InvalidURL):
                return False
            if status < 300:
                return True
            if status < 500 and status not in _AGAIN:
                return False
        return False

    def check(self) -> str:
        """Ask for the address's head, and say what it answered; nothing is sent.  Raises Unavailable."""
        try:
            with (
                exchange.client(self._clock, _TIMEOUT, self._transport) as client,
                client.stream("HEAD", self._url) as answer,
            ):
                status = answer.status_code
        except (httpx.HTTPError, httpx.InvalidURL, wire.Unbounded) as error:
            raise Unavailable(f"the address of SUTURE_NOTIFY_URL does not answer ({type(error).__name__})") from error
        if status >= 500 or status in _GONE:
            raise Unavailable(f"the address of SUTURE_NOTIFY_URL answers {status}")
        return f"the address answers ({status} to HEAD); no notice was sent"
