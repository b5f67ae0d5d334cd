"""Descriptors and limits held in reserve for an undo."""

import contextlib
import os
import resource

SPARE = 8
"""Descriptors: a connection to the platform, and the files of last words."""

LIMITS = (
    resource.RLIMIT_NOFILE,
    resource.RLIMIT_FSIZE,
    resource.RLIMIT_AS,
    resource.RLIMIT_DATA,
    resource.RLIMIT_NPROC,
)


class Room:
    """Reserve that this process can release when it has run out of something."""

    def __init__(self) -> None:
        self._spare: list[int] = []

    def keep(self) -> None:
        """Hold descriptors back, as many as there are."""
        with contextlib.suppress(OSError):
            while len(self._spare) < SPARE:
                self._spare.append(os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC))

    def release(self) -> None:
        """Give them back."""
        while self._spare:
            with contextlib.suppress(OSError):
                os.close(self._spare.pop())

    def make(self) -> None:
        """Give them back, and raise each soft limit to the hard one, which is this process's to do.  Never raises."""
        self.release()
        for limit in LIMITS:
            with contextlib.suppress(OSError, ValueError):
                _, hard = resource.getrlimit(limit)
                resource.setrlimit(limit, (hard, hard))
