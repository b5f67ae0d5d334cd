"""Brings the stand-in shop up for one test and takes it down again, in the test's own process."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import aiohttp
import uvloop
from aiohttp import web

from evals.lab import command, places, runtime
from evals.lab.api import Api
from evals.lab.lab import PROBE, Lab
from evals.lab.lease import Lease
from evals.lab.wall import Wall
from tests.integration.lab import standin
from tools.embedded import world_proof


class Bench:
    """A running lab, its API's address, and the one commit of its repository."""

    def __init__(self, lab: Lab, url: str, commit: str, http: aiohttp.ClientSession) -> None:
        self.lab, self.url, self.commit, self.http = lab, url, commit, http

    async def get(self, path: str, **query: str) -> tuple[int, object]:
        async with self.http.get(self.url + path, params=query) as answer:
            return answer.status, await answer.json()

    async def post(self, path: str, body: object) -> tuple[int, dict[str, object]]:
        async with self.http.post(self.url + path, json=body) as answer:
            return answer.status, await answer.json()

    async def change(self, revision: str, change: dict[str, object], **effect: str) -> tuple[int, dict[str, object]]:
        """Make a change and wait until it is settled; the answer of one that was made is the workload after that."""
        body = {"revision": revision, "change": change, "effect": effect}
        status, answer = await self.post("/services/back/changes", body)
        if status != 200:
            return status, answer
        while (await self.settled(effect.get("key", "")))["state"] == "pending":
            await asyncio.sleep(0.05)
        _, now = await self.get("/services/back")
        assert isinstance(now, dict)
        return status, now

    async def settled(self, key: str = "") -> dict[str, object]:
        status, found = await self.get("/services/back/settled", effect=key)
        assert (status, isinstance(found, dict)) == (200, True)
        assert isinstance(found, dict)
        return found

    async def deploy(self, version: str, revision: str) -> tuple[int, dict[str, object]]:
        change: dict[str, object] = {"kind": "deploy", "version": version, "commit": self.commit, "config_from": "1"}
        return await self.change(revision, change)


@contextlib.asynccontextmanager
async def _running(folder: Path, rate: float) -> AsyncIterator[Bench]:
    world = places.World(folder / "world")
    world.clear()
    (folder / "output").mkdir()
    commit = standin.lay_out(world.repository)
    shop = runtime.ensure(command.REQUIREMENTS, runtime.home())
    wall = Wall()
    lab = Lab("bench", standin.blueprint(commit, rate), world, shop, wall, aiohttp.ClientSession(timeout=PROBE))
    listening = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(lab.end)
        await lab.start(folder / "output")
        runner = web.AppRunner(
            Api(lab, Lease(30, wall.now()), url, world_proof.make(world.root, lab.name)).application(), access_log=None
        )
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.SockSite(runner, listening).start()
        http = await stack.enter_async_context(aiohttp.ClientSession())
        yield Bench(lab, url, commit, http)
        lab.check()


def run(folder: Path, scenario: Callable[[Bench], Awaitable[None]], rate: float = 60.0) -> None:
    """Run a scenario against a fresh lab."""

    async def whole() -> None:
        async with _running(folder, rate) as bench:
            await scenario(bench)

    uvloop.run(whole())
