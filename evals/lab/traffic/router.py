"""Router: one process that listens once per service and splits requests between its versions.

It passes whole messages on unchanged and counts, per version, what it really sent: a request counts when
its answer is there, or when it is clear that none will come.  Run as ``python -m evals.lab.traffic.router SEED``
by the lab, which talks to it over standard input and output (see `evals.lab.channel`).
"""

import asyncio
import random
import sys
import time
from typing import NotRequired, TypedDict, cast

import uvloop

from evals.lab import channel
from evals.lab.traffic import proxy, split


class Question(TypedDict):
    """The arguments of the four questions."""

    services: NotRequired[list[str]]
    service: NotRequired[str]
    versions: NotRequired[list[dict[str, object]]]
    port: NotRequired[int]
    seconds: NotRequired[float]


class Router:
    """All services of the lab."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._pool = proxy.Pool()
        self._splits: dict[str, split.Split] = {}

    async def answer(self, op: str, message: channel.Message) -> channel.Message:
        """Answer ``listen``, ``route``, ``counts`` or ``drain``."""
        question = cast("Question", message)
        match op:
            case "listen":
                return {"ports": {name: await self._listen(name) for name in question["services"]}}
            case "route":
                shares = [
                    split.Share(str(item["version"]), int(str(item["port"])), int(str(item["weight"])))
                    for item in question["versions"]
                ]
                self._splits[question["service"]].route(shares)
                return {}
            case "drain":
                return {"left": await self._drain(question["port"], question["seconds"])}
            case "counts":
                return self._counts(self._splits[question["service"]])
            case _:
                raise ValueError(op)

    async def _listen(self, name: str) -> int:
        known = self._splits[name] = split.Split(random.Random(f"{self._seed}:{name}"))
        server = await asyncio.get_running_loop().create_server(
            lambda: proxy.Front(known, self._pool), "127.0.0.1", 0, backlog=512
        )
        return int(server.sockets[0].getsockname()[1])

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
