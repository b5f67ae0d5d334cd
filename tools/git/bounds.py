"""Limits on how much of a repository one question may read, and for how long."""

import time

from incident.errors import Refused, Unavailable
from incident.value import Value

KIB, MIB = 1 << 10, 1 << 20


class Bounds(Value):
    """Limits of one question to a repository.  Whatever is larger is refused, never cut."""

    seconds: float = 20.0
    """Seconds that one question may take."""
    text: int = MIB
    """Bytes of a file that counts as text; source files stay far below it."""
    object: int = 64 * MIB
    """Bytes of one file, unpacked; also of a tree, a delta and what a delta rests on."""
    commit: int = MIB
    """Bytes of one commit or tag with its message and signature; the kernel's largest have a tenth of it."""
    unpacked: int = 256 * MIB
    """Bytes that one question unpacks, and that an export writes."""
    entries: int = 100_000
    """Files and folders that one question lists; the kernel has 90,000."""
    depth: int = 64
    """Folders above a file."""
    path: int = 1024
    """Bytes of a path."""
    commits: int = 20_000
    """Commits of the history that one question looks at; older ones count as not there."""
    refs: int = 64 * MIB
    """Bytes of packed-refs: about a million branches."""
    packs: int = 128
    """Packs; git itself packs anew at 50."""
    chain: int = 4096
    """Deltas on top of each other; git makes no more than 4,095."""


class Effort:
    """The part of its bounds that one question has used up."""

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        self._until = time.monotonic() + bounds.seconds
        self._unpacked = 0
        self._listed = 0

    def check(self) -> None:
        """Raise Unavailable when the time is over."""
        if time.monotonic() > self._until:
            raise Unavailable(f"reading the repository took longer than {self.bounds.seconds:g} s")

    def unpack(self, size: int) -> None:
        """Count bytes before they are unpacked.  Raises Refused, Unavailable."""
        self.check()
        # Before unpacking, by the size that a header tells: deflate packs up to a thousand to one.
        self._unpacked += size
        if self._unpacked > self.bounds.unpacked:
            raise Refused(f"the repository unpacks to more than {self.bounds.unpacked} bytes")

    def list(self, count: int) -> None:
        """Count entries of trees.  Raises Refused, Unavailable."""
        self.check()
        self._listed += count
        if self._listed > self.bounds.entries:
            raise Refused(f"the repository has more than {self.bounds.entries} files and folders")
