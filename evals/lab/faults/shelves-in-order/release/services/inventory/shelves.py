"""Shelves: two orders do not take from the same warehouse at the same time."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable

WALK_SECONDS = 0.01
"""How long the scanner needs from one warehouse to the next."""


class Shelves:
    """One lock for each warehouse."""

    def __init__(self) -> None:
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    @contextlib.asynccontextmanager
    async def all_of(self, warehouses: Iterable[str]) -> AsyncIterator[None]:
        """Keep the shelves of an order, each warehouse once, in the order of its lines."""
        async with contextlib.AsyncExitStack() as kept:
            for warehouse in dict.fromkeys(warehouses):
                await kept.enter_async_context(self._locks[warehouse])
                await asyncio.sleep(WALK_SECONDS)
            yield
