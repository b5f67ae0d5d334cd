"""Calls to other services: kept-alive connections, bounded waits, trace context, and a note for the recorder."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any, Protocol
from urllib.parse import urlsplit

import aiohttp
from shopkit import errors, flight_recorder, settings, tracing

_sessions: dict[asyncio.AbstractEventLoop, aiohttp.ClientSession] = {}


class Peer(Protocol):
    """Another service, as handlers see it; tests pass a double."""

    async def get(self, path: str) -> Any: ...

    async def post(self, path: str, body: dict[str, Any]) -> Any: ...


class HttpPeer:
    """Another service over HTTP.  <NAME>_TIMEOUT_MS bounds the whole call."""

    def __init__(self, name: str, timeout_ms: int = 2_000) -> None:
        self.name, self.timeout_ms = name, timeout_ms

    async def get(self, path: str) -> Any:
        return await self._call("GET", path, None)

    async def post(self, path: str, body: dict[str, Any]) -> Any:
        return await self._call("POST", path, body)

    async def _call(self, method: str, path: str, body: dict[str, Any] | None) -> Any:
        url = settings.peer(self.name) + path
        with tracing.client_span(f"{method} {self.name}", self.name) as span:
            status, raw = await self._exchange(method, url, body, tracing.headers())
            tracing.ended(span, status)
        if status >= 500:
            raise errors.UpstreamFailed(self.name, f"answered {status}")
        answer = _decoded(self.name, raw)
        if status >= 400:
            raise errors.UpstreamRefused(self.name, status, answer)
        return answer

    async def _exchange(
        self, method: str, url: str, body: dict[str, Any] | None, headers: dict[str, str]
    ) -> tuple[int, bytes]:
        seconds = settings.number(f"{self.name.upper()}_TIMEOUT_MS", self.timeout_ms) / 1000
        try:
            async with _session().request(
                method, url, json=body, headers=headers, timeout=aiohttp.ClientTimeout(total=seconds)
            ) as answer:
                raw = await answer.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            reason = "did not answer in time" if isinstance(error, TimeoutError) else "could not be reached"
            _note(method, url, None, b"", type(error).__name__)
            raise errors.UpstreamFailed(self.name, reason) from error
        _note(method, url, answer.status, raw, None)
        return answer.status, raw


def _session() -> aiohttp.ClientSession:
    loop = asyncio.get_running_loop()
    session = _sessions.get(loop)
    if session is None or session.closed:
        for old in [old for old in _sessions if old.is_closed()]:
            del _sessions[old]
        session = _sessions[loop] = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=200, keepalive_timeout=60),
            cookie_jar=aiohttp.DummyCookieJar(),
            json_serialize=_compact,
        )
    return session


def _compact(body: Any) -> str:
    return json.dumps(body, separators=(",", ":"))


def _decoded(name: str, raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError as error:
        raise errors.UpstreamFailed(name, "answered something that is not JSON") from error


def _note(method: str, url: str, status: int | None, raw: bytes, error: str | None) -> None:
    parts = urlsplit(url)
    flight_recorder.note_call(
        method=method, host=parts.netloc, path=parts.path, query=parts.query, status=status, body=raw, error=error
    )


@contextlib.asynccontextmanager
async def lifespan(_app: object) -> AsyncIterator[None]:
    """Close the connections of this loop when the application ends."""
    yield
    session = _sessions.pop(asyncio.get_running_loop(), None)
    if session is not None:
        await session.close()
