"""Runs under the shop's own interpreter: the whole shop in one process, its services calling each other over ASGI.

Standard input: ``{"requests": [{"to", "method", "path", "body"}], "together": bool}``.  Standard output: one
``{"status", "body", "exception", "places"}`` per request; `exception` is the innermost service's own, `places` its frames
below ``services/``.  The working directory is the root of a laid-out repository.
"""

import asyncio
import importlib
import json
import sys
import traceback
from typing import Any

import httpx

EDGES = {
    "gateway": ("catalog", "inventory", "checkout"),
    "checkout": ("pricing", "payment", "inventory", "notify"),
    "payment": ("fraud", "ledger"),
}
NAMES = ("catalog", "inventory", "pricing", "fraud", "ledger", "notify", "payment", "checkout", "gateway")


class AsgiPeer:
    """A peer in this process.  What its handlers raise is noted, and answered as the real one would: 500."""

    def __init__(self, name: str, app: Any, raised: list[Exception]) -> None:
        self.errors = importlib.import_module("shopkit.errors")
        self.name, self.raised = name, raised
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=True)
        self.client = httpx.AsyncClient(transport=transport, base_url=f"http://{name}")

    async def get(self, path: str) -> Any:
        return await self.call("GET", path, None)

    async def post(self, path: str, body: Any) -> Any:
        return await self.call("POST", path, body)

    async def call(self, method: str, path: str, body: Any) -> Any:
        try:
            answer = await self.client.request(method, path, json=body)
        except Exception as error:
            self.raised.append(error)
            raise self.errors.UpstreamFailed(self.name, "answered 500") from error
        if answer.status_code >= 500:
            raise self.errors.UpstreamFailed(self.name, f"answered {answer.status_code}")
        if answer.status_code >= 400:
            raise self.errors.UpstreamRefused(self.name, answer.status_code, answer.json())
        return answer.json()


def build(raised: list[Exception]) -> dict[str, Any]:
    apps: dict[str, Any] = {}
    for name in NAMES:
        module = importlib.import_module(f"services.{name}.app")
        apps[name] = module.build(**{peer: AsgiPeer(peer, apps[peer], raised) for peer in EDGES.get(name, ())})
    return apps


def frames(error: Exception) -> list[str]:
    return [
        f"{frame.filename.split('/services/')[1]}:{frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
        if "/services/" in frame.filename
    ]


async def ask(apps: dict[str, Any], raised: list[Exception], request: dict[str, Any]) -> dict[str, Any]:
    seen = len(raised)
    transport = httpx.ASGITransport(app=apps[request["to"]], raise_app_exceptions=True)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
        try:
            answer = await client.request(request["method"], request["path"], json=request["body"])
        except Exception as error:  # noqa: BLE001 (whatever the shop raises is what is asked for)
            return {"status": 500, "body": None, "exception": type(error).__name__, "places": frames(error)}
    noted = raised[seen] if len(raised) > seen else None
    return {
        "status": answer.status_code,
        "body": answer.json(),
        "exception": type(noted).__name__ if noted else None,
        "places": frames(noted) if noted else [],
    }


async def main() -> None:
    order = json.load(sys.stdin)
    raised: list[Exception] = []
    apps = build(raised)
    if order["together"]:
        answers = await asyncio.gather(*(ask(apps, raised, request) for request in order["requests"]))
    else:
        answers = [await ask(apps, raised, request) for request in order["requests"]]
    json.dump(answers, sys.stdout)


asyncio.run(main())
