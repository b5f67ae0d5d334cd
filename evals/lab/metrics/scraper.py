"""Scraper: reads the metrics page of every process once a second, and moves the rules on."""

import asyncio
from collections.abc import Callable, Iterable

import aiohttp

from evals.lab.instances import Instance
from evals.lab.metrics import exposition
from evals.lab.metrics.rules import Rules
from evals.lab.metrics.samples import STEP, Scrape
from evals.lab.wall import Wall

INTERVAL = STEP
_PATIENCE = aiohttp.ClientTimeout(total=INTERVAL)  # one that hangs must not keep the others waiting


async def run(
    instances: Callable[[], Iterable[Instance]], rules: Rules, http: aiohttp.ClientSession, wall: Wall
) -> None:
    """Scrape and evaluate, for ever.  A page that cannot be read stores nothing, so that the samples go stale."""
    loop = asyncio.get_running_loop()
    following = loop.time()
    while True:
        await asyncio.gather(*(_scrape(instance, http, wall) for instance in instances()))
        rules.evaluate(wall.now())
        following = max(following + INTERVAL, loop.time())
        await asyncio.sleep(following - loop.time())


async def _scrape(instance: Instance, http: aiohttp.ClientSession, wall: Wall) -> None:
    target = instance.target
    if target is None or target.ended is not None:
        return
    try:
        async with http.get(f"{instance.url}/metrics", timeout=_PATIENCE) as answer:
            page = exposition.read(await answer.text())
    except (aiohttp.ClientError, TimeoutError, exposition.Unreadable):
        instance.misses += 1
        return
    instance.misses = 0
    target.scrapes.append(Scrape(wall.now(), page))
