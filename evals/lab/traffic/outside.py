"""Third parties: they take what they are sent and say so.  Nobody in the lab has their source, logs or metrics."""

import asyncio
from typing import cast

from evals.lab.traffic.http_message import Message

_ANSWER = b'HTTP/1.1 202 Accepted\r\ncontent-type: application/json\r\ncontent-length: 21\r\n\r\n{"status":"accepted"}'


class Outside(asyncio.Protocol):
    """One connection to a third party."""

    def __init__(self) -> None:
        self._message = Message(response=False)
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the event loop."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Called by the event loop."""
        assert self._transport is not None
        try:
            early = self._message.feed(data)
        except ValueError:
            self._transport.abort()
            return
        if self._message.complete:
            self._message = Message(response=False)
            self._transport.write(_ANSWER)
            if early:
                self.data_received(early)
