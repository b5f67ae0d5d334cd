"""Router: one process that listens once per caller and service, and splits requests between the service's versions.

It passes whole messages on unchanged and counts, per version, what it really sent: a request counts when
its answer is there, or when it is clear that none will come.  Run as ``python -m evals.lab.traffic.router SEED``
by the lab, which talks to it over standard input and output (see `evals.lab.channel`).
"""

import asyncio
import random
import sys
import time
from collections.abc import Callable
from typing import NotRequired, TypedDict, cast, get_args

import uvloop

from evals.lab import channel
from evals.lab.traffic import outside, proxy, split, wire

USERS = ""
"""The caller of those who are no service."""


class Question(TypedDict):
    """The arguments of the questions."""

    services: NotRequired[list[str]]
    outside: NotRequired[list[str]]
    service: NotRequired[str]
    versions: NotRequired[list[dict[str, object]]]
    port: NotRequired[int]
    seconds: NotRequired[float]
    caller: NotRequired[str]
    cut: NotRequired[wire.Cut | None]
    share: NotRequired[float]


class Router:
    """All services of the lab."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._pool = proxy.Pool()
        self._splits: dict[str, split.Split] = {}
        self._wires: dict[tuple[str, str], wire.Wire] = {}

    async def answer(self, op: str, message: channel.Message) -> channel.Message:
        """Answer ``listen``, ``route``, ``counts``, ``drain`` or ``cut``."""
        question = cast("Question", message)
        match op:
            case "listen":
                return {"ports": await self._open(question["services"], question.get("outside", []))}
            case "route":
                shares = [
                    split.Share(str(item["version"]), int(str(item["port"])), int(str(item["weight"])))
                    for item in question["versions"]
                ]
                self._splits[question["service"]].route(shares)
                return {}
            case "drain":
                return {"left": await self._drain(question["port"], question["seconds"])}
            case "cut":
                self._cut(question)
                return {}
            case "counts":
                return self._counts(self._splits[question["service"]])
            case _:
                raise ValueError(op)

    async def _open(self, services: list[str], third: list[str]) -> channel.Message:
        """Ports by caller and service."""
        for name in (*services, *third):
            self._splits[name] = split.Split(random.Random(f"{self._seed}:{name}"))
        for name in third:
            self._splits[name].route([split.Share("", await self._serve(outside.Outside), 100)])
        return {
            caller: {name: await self._listen(caller, name) for name in (*services, *third)}
            for caller in (USERS, *services)
        }

    async def _listen(self, caller: str, name: str) -> int:
        known = self._splits[name]
        between = self._wires[caller, name] = wire.Wire(random.Random(f"{self._seed}:{caller}:{name}"))
        return await self._serve(lambda: proxy.Front(known, self._pool, between))

    async def _serve(self, protocol: Callable[[], asyncio.Protocol]) -> int:
        server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0, backlog=512)
        return int(server.sockets[0].getsockname()[1])

    def _cut(self, question: Question) -> None:
        """Cut the connection between a caller and a service, or make it whole again."""
        cut = question["cut"]
        if cut is not None and cut not in get_args(wire.Cut):
            raise ValueError(cut)
        between = self._wires[question["caller"], question["service"]]
        between.cut, between.seconds, between.share = cut, question["seconds"], question["share"]

    async def _drain(self, port: int, seconds: float) -> int:
        """Wait until a process owes no answer, at most `seconds`; returns how many it still owes."""
        deadline = time.monotonic() + seconds
        while self._pool.in_flight[port] and time.monotonic() < deadline:
            await asyncio.sleep(0.02)
        self._pool.close(port)
        return self._pool.in_flight[port]

    @staticmethod
    def _counts(known: split.Split) -> channel.Message:
        return {
            "slow_ms": split.SLOW_MS,
            "versions": [
                {"version": name, "requests": item.requests, "errors": item.errors, "slow": item.slow}
                for name, item in known.counts.items()
            ],
        }


if __name__ == "__main__":
    uvloop.run(channel.serve(Router(sys.argv[1]).answer))
