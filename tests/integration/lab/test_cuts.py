"""The network between two parts: whole, slow, broken and silent, for one pair of them and nobody else."""

import time
from pathlib import Path

import aiohttp
import pytest

from tests.integration.lab import bench
from tests.integration.lab.bench import Bench

pytestmark = pytest.mark.timeout(120)


async def cut(lab: Bench, kind: str | None, *, seconds: float = 0.0, share: float = 1.0) -> None:
    asked = {"caller": "front", "service": "back", "cut": kind, "seconds": seconds, "share": share}
    await lab.lab.router.ask("cut", asked)


async def asked(lab: Bench, service: str) -> tuple[int | str, float]:
    """Status, or what broke, of one request to a service by a user, and the seconds that it took."""
    began = time.monotonic()
    try:
        async with lab.http.get(f"{lab.lab.urls[service]}/any", timeout=aiohttp.ClientTimeout(total=1.5)) as answer:
            return answer.status, time.monotonic() - began
    except (aiohttp.ClientError, TimeoutError) as error:
        return type(error).__name__, time.monotonic() - began


def test_a_pair_is_cut_in_three_ways_and_made_whole_again(tmp_path: Path) -> None:
    async def scenario(lab: Bench) -> None:
        assert (await asked(lab, "front"))[0] == 200
        await cut(lab, "delay", seconds=0.4)
        status, took = await asked(lab, "front")
        assert (status, took >= 0.4) == (200, True)
        await cut(lab, "reset")
        status, took = await asked(lab, "front")
        assert (status, took < 0.4) == (500, True)
        await cut(lab, "black hole")
        assert (await asked(lab, "front"))[0] == "TimeoutError"
        status, took = await asked(lab, "back")  # by its users' own way
        assert (status, took < 0.4) == (200, True)
        await cut(lab, None)
        status, took = await asked(lab, "front")
        assert (status, took < 0.4) == (200, True)

    bench.run(tmp_path, scenario, rate=1.0)
