"""Load generator: users who come when they come, however slowly the shop answers (an open loop).

A process of its own, run as ``python -m evals.lab.traffic.load`` by the lab, which talks to it over standard input
and output (see `evals.lab.channel`).  Arrivals, kinds and contents each have a random stream of their own,
so that one seed gives one schedule whatever the shop answers and whenever the mix shifts.
"""

import asyncio
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import NotRequired, TypedDict, cast

import aiohttp
import uvloop
from pydantic import JsonValue

from evals.lab import channel
from evals.lab.traffic import mix, users

OUTSTANDING = 400
"""Requests that may wait for an answer at once; an arrival above that is counted as turned away and not sent."""
PATIENCE = 8.0
"""Seconds after which a user gives up."""


class Question(TypedDict):
    """The arguments of the questions."""

    url: NotRequired[str]
    rate: NotRequired[float]
    seed: NotRequired[str]
    mix: NotRequired[dict[str, float]]
    users: NotRequired[dict[str, JsonValue]]
    """Kinds of users beside the ordinary ones, as `evals.lab.traffic.users.User` describes each."""


@dataclass
class Load:
    """The state of one generator."""

    current: dict[str, float] = field(default_factory=dict)
    rate: float = 1.0
    """Arrivals a second."""
    kinds: users.Users = field(default_factory=users.ordinary)
    statuses: Counter[str] = field(default_factory=Counter)
    arrived: int = 0
    late: float = 0.0
    """Seconds by which the latest arrival missed its time: the generator itself is too slow when it grows."""
    latest: float = 0.0
    """The most of `late` since it was asked for last."""
    pending: set[asyncio.Task[None]] = field(default_factory=set)
    running: asyncio.Task[None] | None = None

    async def answer(self, op: str, message: channel.Message) -> channel.Message:
        """Answer ``start``, ``mix``, ``rate``, ``counts`` or ``late`` (the most since it was asked last)."""
        question = cast("Question", message)
        match op:
            case "start":
                self.current, self.rate = question["mix"], question["rate"]
                self.kinds = users.Users({**users.described(), **users.parsed(dict(question.get("users", {})))})
                run = self._run(question["url"], question["seed"])
                self.running = asyncio.create_task(run)
                return {}
            case "mix":
                self.current = question["mix"]
                return {}
            case "rate":
                self.rate = question["rate"]
                return {}
            case "counts":
                statuses: dict[str, JsonValue] = dict(self.statuses)
                return {"arrived": self.arrived, "late": self.late, "pending": len(self.pending), "statuses": statuses}
            case "late":
                latest, self.latest = self.latest, 0.0
                return {"late": latest}
            case _:
                raise ValueError(op)

    async def _run(self, url: str, seed: str) -> None:
        arriving, choosing, writing = (random.Random(f"{seed}:{name}") for name in ("arrivals", "kinds", "contents"))
        timeout = aiohttp.ClientTimeout(total=PATIENCE)
        connector = aiohttp.TCPConnector(limit=OUTSTANDING)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
            started = time.monotonic()
            for number, at in enumerate(mix.arrivals(arriving, lambda: self.rate)):
                wait = started + at - time.monotonic()
                if wait > 0:
                    await asyncio.sleep(wait)
                self.late = max(0.0, -wait)
                self.latest = max(self.latest, self.late)
                self.arrived += 1
                request = self.kinds.request(mix.choose(choosing, self.current), writing, number)
                if len(self.pending) >= OUTSTANDING:
                    self.statuses["turned away"] += 1
                    continue
                task = asyncio.create_task(self._send(session, url, request))
                self.pending.add(task)
                task.add_done_callback(self.pending.discard)

    async def _send(self, session: aiohttp.ClientSession, url: str, request: users.UserRequest) -> None:
        try:
            async with session.request(request.method, url + request.path, json=request.body) as answer:
                await answer.read()
                self.statuses[str(answer.status)] += 1
        except TimeoutError:
            self.statuses["gave up"] += 1
        except aiohttp.ClientError:
            self.statuses["no answer"] += 1


if __name__ == "__main__":
    uvloop.run(channel.serve(Load().answer))
