"""Log file of the audit chain: one lock, one write and one sync for a whole batch of entries.

Writing is done under the file's lock, syncing is not, so while one process waits for the disk the
next one writes.  An entry is durable once an `fdatasync` that began after its write has returned,
and each process makes its own: then it is told of its own write errors, and the kernel lets syncs
that wait for the same disk share one flush.  See docs/adr on building on entries that others have not
synced yet.
"""

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from incident.errors import Tampered, Unavailable
from tools import ports
from tools.audit import chain, chain_lines
from tools.records import files

WAIT = 5.0
"""Seconds to wait for other writers."""


class Log:
    """The chain in a file that several processes append to.  Threads of one process take turns by themselves."""

    def __init__(
        self, path: Path, key: bytes, clock: ports.Clock, seen: chain.Head, sync: Callable[[int], None]
    ) -> None:
        self.path, self.seen = path, seen
        self._key, self._clock, self._sync = key, clock, sync
        self._failed = ""

    def write(self, batch: Sequence[bytes], at: datetime) -> list[chain.Head]:
        """Append what the entries say, in order, and sync: the chain's head after each.

        Raises Unavailable when nothing or not everything could be written and synced, Tampered when the
        file was changed by others.
        """
        with self._opened() as descriptor:
            with files.locked(descriptor, self._clock, WAIT, self.path.name):
                head = self._repaired(descriptor, at)
                heads, content = [], bytearray()
                for words in batch:
                    line, head = chain_lines.link(self._key, head, words)
                    content += line
                    heads.append(head)
                # One write for all entries: the lock is held shortly, and a crash tears at most the
                # last one.
                files.append_whole(descriptor, bytes(content))
                self.seen = head
            self._synced(descriptor)
        return heads

    def look(self) -> None:
        """Compare the last entry with what was there before, changing nothing.  Raises Unavailable, Tampered."""
        with self._opened() as descriptor, files.locked(descriptor, self._clock, WAIT, self.path.name):
            self._tail(descriptor)

    def head(self, at: datetime) -> chain.Head:
        """The present head, synced, whoever wrote it.  Raises Unavailable, Tampered."""
        with self._opened() as descriptor:
            with files.locked(descriptor, self._clock, WAIT, self.path.name):
                head = self._repaired(descriptor, at)
                self.seen = head
            self._synced(descriptor)
        return head

    def saw(self, signed: chain.Head) -> None:
        """Remember a signed head: entries up to it were there, and must stay."""
        if signed.seq > self.seen.seq:
            self.seen = signed

    @contextlib.contextmanager
    def _opened(self) -> Iterator[int]:
        """A descriptor from before the write to after the sync, because the kernel tells write errors to those alone."""
        if self._failed:
            raise Unavailable(self._failed)
        with translated(self.path):
            descriptor = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                yield descriptor
            finally:
                os.close(descriptor)

    def _synced(self, descriptor: int) -> None:
        try:
            self._sync(descriptor)
        except OSError as error:
            # What is on disk is unknown, and after a failed sync Linux takes the lost pages for clean: a
            # second sync that works proves nothing (Rebello et al., Can Applications Recover from fsync
            # Failures?, ATC 2020).
            self._failed = (
                f"{self.path.name} could not be synced ({error.strerror}); no action is taken until a restart"
            )
            raise Unavailable(self._failed) from error

    def _tail(self, descriptor: int) -> tuple[chain.Head, bytes, int]:
        """(the last whole entry's head, what follows it, the offset of what follows)."""
        last, rest, offset = files.tail(descriptor, os.fstat(descriptor).st_size)
        head = chain_lines.last_head(self._key, last) if offset else chain.Head()
        if head.seq < self.seen.seq or (head.seq == self.seen.seq and head != self.seen):
            raise chain.Broken(f"entry {self.seen.seq} was there before and is not there now")
        return head, rest, offset

    def _repaired(self, descriptor: int, at: datetime) -> chain.Head:
        """The present head; a torn tail, which nobody was told had been written, is removed, and the chain says so."""
        head, rest, offset = self._tail(descriptor)
        if not rest:
            return head
        if not chain.torn(self._key, head, rest):
            raise chain.Broken(f"entry {head.seq + 1} is neither whole nor cut short")
        os.ftruncate(descriptor, offset)
        dropped = {"bytes": len(rest), "sha256": hashlib.sha256(rest).hexdigest()}
        line, new = chain_lines.entry(self._key, head, at.isoformat(), "audit", "repaired", dropped)
        files.append_whole(descriptor, line)
        self.seen = new
        return new


@contextlib.contextmanager
def translated(log: Path) -> Iterator[None]:
    """Raise our own errors for those of the file system and the chain."""
    try:
        yield
    except chain.Broken as error:
        raise Tampered(f"{log.name}: {error}") from error
    except FileNotFoundError as error:
        raise Tampered(f"{Path(error.filename or log).name} is gone") from error
    except OSError as error:
        raise Unavailable(f"{log.name} cannot be used: {error.strerror}") from error
