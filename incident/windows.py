"""Windows: every stretch of time that is looked at, derived from an alert's rule and the step of its samples.

A rule that looks at ten seconds and one that looks at ten minutes need other stretches before and after the onset,
and nothing can be told between two samples.  The factors were chosen on rules of ten seconds, sampled each second.
"""

from datetime import datetime, timedelta

from pydantic import Field

from incident.value import Value


class Windows(Value):
    """The window of a rule, the time that its condition must hold, and the time between two samples."""

    window_seconds: float = Field(default=10.0, gt=0)
    for_seconds: float = Field(default=5.0, ge=0)
    step_seconds: float = Field(default=1.0, gt=0)

    @property
    def step(self) -> timedelta:
        """Time between two samples."""
        return timedelta(seconds=self.step_seconds)

    @property
    def window(self) -> timedelta:
        """Time that the rule looks at: two samples at least, as a rate over fewer is none."""
        return max(timedelta(seconds=self.window_seconds), 2 * self.step)

    @property
    def alarm(self) -> timedelta:
        """Longest time from the first bad sample to a firing alert: the rule's window and its `for`."""
        return self.window + timedelta(seconds=self.for_seconds)

    @property
    def slack(self) -> timedelta:
        """Error of an onset that is told by samples, and of clocks: two steps."""
        return 2 * self.step

    @property
    def stale(self) -> timedelta:
        """Age from which a sample says nothing about now: five were missed."""
        return 5 * self.step

    @property
    def before(self) -> timedelta:
        """Healthy time before the onset that is measured: six windows."""
        return 6 * self.window

    @property
    def lookback(self) -> timedelta:
        """Time before an alert from which failing requests are followed: it fires at most half of it too late."""
        return 2 * self.alarm

    @property
    def compared(self) -> timedelta:
        """Time before a change over which requests are compared with those under it: thirty windows."""
        return 30 * self.window

    @property
    def served(self) -> timedelta:
        """Time over which a version that was replaced is judged: sixty windows."""
        return 60 * self.window

    @property
    def longest(self) -> timedelta:
        """Most that is looked at of an incident that has lasted long: 900 samples, or six times what alarms."""
        return max(900 * self.step, 6 * self.alarm)

    def recent(self, start: datetime, end: datetime) -> datetime:
        """Start of the search between two times: an alert may have been firing for months."""
        return max(start, end - self.longest)


UNRULED = Windows(window_seconds=60.0, for_seconds=0.0)
"""Of an alert without a rule: those of a rule that looks at a minute."""
