"""Clock of a recording: it begins at the as-of, and moves only when somebody sleeps."""

from datetime import datetime, timedelta


class RecordedClock:
    """Virtual time: waiting takes none, and ends."""

    def __init__(self, as_of: datetime) -> None:
        self._as_of, self._slept = as_of, 0.0

    def now(self) -> datetime:
        """The as-of, and what was slept since."""
        return self._as_of + timedelta(seconds=self._slept)

    def monotonic(self) -> float:
        """Seconds that were slept."""
        return self._slept

    def sleep(self, seconds: float) -> None:
        """Move the clock."""
        self._slept += max(0.0, seconds)
