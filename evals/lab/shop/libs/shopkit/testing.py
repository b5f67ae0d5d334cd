"""Doubles and a client for the services' tests: everything in process, no sockets."""

from typing import Any

import httpx
from shopkit import errors


class FakePeer:
    """A peer that answers by path, and remembers what it was asked.  An exception as answer is raised."""

    def __init__(self, answers: dict[str, Any]) -> None:
        self._answers = answers
        self.asked: list[tuple[str, Any]] = []

    async def get(self, path: str) -> Any:
        return self._answer(path, None)

    async def post(self, path: str, body: dict[str, Any]) -> Any:
        return self._answer(path, body)

    def _answer(self, path: str, body: Any) -> Any:
        self.asked.append((path, body))
        if path not in self._answers:
            raise errors.UpstreamRefused("fake", 404, {"error": f"nothing at {path}"})
        answer = self._answers[path]
        if isinstance(answer, Exception):
            raise answer
        return answer


async def get(app: Any, path: str) -> httpx.Response:
    """``GET path`` of an application."""
    async with _client(app) as client:
        return await client.get(path)


async def post(app: Any, path: str, body: Any) -> httpx.Response:
    """``POST path`` of an application."""
    async with _client(app) as client:
        return await client.post(path, json=body)


def _client(app: Any) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://service")
