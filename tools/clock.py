"""The machine's clocks behind :class:`tools.ports.Clock`: the one place that reads them."""

import time
from datetime import UTC, datetime


class SystemClock:
    """Real time."""

    def now(self) -> datetime:
        """Wall clock in UTC; it may jump, so it is for records and absolute deadlines only."""
        return datetime.now(UTC)  # noqa: TID251 (this is the clock port)

    def monotonic(self) -> float:
        """Seconds of CLOCK_MONOTONIC, which all processes of a machine share and which goes on while one is stopped."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait; zero and less return at once."""
        if seconds > 0:
            time.sleep(seconds)
