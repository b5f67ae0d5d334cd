"""Clock for samples, rules and records: seconds since the epoch that never jump."""

import time
from datetime import UTC, datetime


class Wall:
    """The wall clock as it stood at the start, moved on by the monotonic one."""

    def __init__(self) -> None:
        self._offset = time.time() - time.monotonic()

    def now(self) -> float:
        """Seconds since the epoch."""
        return time.monotonic() + self._offset

    def moment(self) -> datetime:
        """The same as an aware time in UTC."""
        return moment(self.now())


def moment(seconds: float) -> datetime:
    """Seconds since the epoch as an aware time in UTC."""
    return datetime.fromtimestamp(seconds, UTC)
