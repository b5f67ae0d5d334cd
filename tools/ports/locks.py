"""Port of the locks on services: exclusive and shared, leased, with fencing tokens."""

from collections.abc import Sequence
from typing import Protocol

from incident.value import Value


class Lease(Value):
    """Exclusive and shared locks that were granted together."""

    owner: str
    token: int
    """Fencing token: larger than any granted before, for ever."""
    grant: str = ""
    """Random name of this very grant.  A store that lost its memory may draw a number twice; whoever keeps the
    resource accepts the same number only from the same grant."""
    exclusive: tuple[str, ...]
    shared: tuple[str, ...]
    seconds: float


class Busy(Value):
    """The locks were not granted in time, with those who hold them."""

    holders: tuple[str, ...]
    waited: float


class Locks(Protocol):
    """All-or-nothing locks with fencing tokens."""

    def acquire(
        self, owner: str, *, exclusive: Sequence[str], shared: Sequence[str], seconds: float, wait: float
    ) -> Lease | Busy:
        """Lock everything or nothing within `wait` seconds, first come first served.

        An owner that locks again gives up what it held and gets a larger token.
        """

    def renew(self, lease: Lease) -> bool:
        """Extend the lease.  False when it is no longer ours."""

    def release(self, lease: Lease) -> None:
        """Give the lease back.  Harmless when it is no longer ours."""

    def check(self) -> str:
        """Say in words which store this is.  Raises Unavailable when it does not answer."""
