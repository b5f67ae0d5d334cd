"""Lease of a world: it ends when nobody renews it."""

UNATTENDED = 2 * 3600.0
"""Seconds after which a world without a lease ends by itself."""
LONGEST = 2 * 3600.0
"""Seconds that one renewal may ask for."""


class Lease:
    """A deadline that is moved by renewals.  Times are the caller's, in seconds."""

    def __init__(self, seconds: float | None, now: float) -> None:
        self.renewable = seconds is not None
        """True when the world was started for one run; the life of any other is fixed."""
        self.expires = now + (UNATTENDED if seconds is None else seconds)

    def renew(self, seconds: float, now: float) -> None:
        """Live until `seconds` from now: sooner or later than before.  Raises ValueError out of bounds."""
        if not 0 < seconds <= LONGEST:
            raise ValueError(f"seconds must lie above 0 and up to {LONGEST:.0f}")
        if self.renewable:
            self.expires = now + seconds

    def over(self, now: float) -> bool:
        """True when it has expired."""
        return now >= self.expires
