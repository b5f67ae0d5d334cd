"""Articles that are kept for orders until these are picked."""

from collections import deque


class Holds:
    """How many of each article are held; a hold ends by itself."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._queue: deque[tuple[float, str, int]] = deque()
        self._held: dict[str, int] = {}

    def hold(self, sku: str, quantity: int, now: float) -> None:
        """Keep some of an article from now on; `now` in seconds of a clock that never jumps."""
        self._queue.append((now + self._seconds, sku, quantity))
        self._held[sku] = self._held.get(sku, 0) + quantity

    def held(self, sku: str, now: float) -> int:
        """How many are kept now."""
        while self._queue and self._queue[0][0] <= now:
            _, ended, quantity = self._queue.popleft()
            self._held[ended] -= quantity
        return self._held.get(sku, 0)
