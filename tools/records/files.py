"""Appends, replacements and locks on plain files that survive a stopped process or machine.

These raise OSError; the adapters above translate.  Whoever returns from here has synced.
"""

import contextlib
import errno
import fcntl
import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from incident.errors import Unavailable
from tools import ports

PRIVATE = 0o600


def sync_folder(folder: Path) -> None:
    """Make a creation or a rename in this folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def open_private(path: Path) -> int:
    """A descriptor for reading and appending; a new file has mode 0600.  Links are not followed."""
    # O_APPEND, since several processes write; O_NOFOLLOW, since a link could lead the write elsewhere.
    flags = os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        return os.open(path, flags)
    except FileNotFoundError:
        descriptor = os.open(path, flags | os.O_CREAT, PRIVATE)
        sync_folder(path.parent)
        return descriptor


def opened(path: Path) -> BinaryIO:
    """A plain file, to be read.  Raises OSError for a link, and for a pipe or a device, whose reader would never be done."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "it is no plain file", str(path))
    return os.fdopen(descriptor, "rb")


def content(path: Path) -> bytes:
    """All of a plain file.  Raises OSError."""
    with opened(path) as file:
        return file.read()


def replace(path: Path, content: bytes) -> None:
    """Put a whole file in place at once: a reader sees the old or the new one, also after a power cut."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    # O_TRUNC for what a killed process of the same number left behind.
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(temporary, flags, PRIVATE)
    try:
        write_all(descriptor, content)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    temporary.rename(path)
    sync_folder(path.parent)


def write_all(descriptor: int, content: bytes) -> None:
    """Write everything; a single call unless the disk fills up."""
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]


def append_whole(descriptor: int, content: bytes) -> None:
    """Append, or leave the file as long as it was.  Not synced.  The caller holds :func:`locked`."""
    size = os.fstat(descriptor).st_size
    try:
        write_all(descriptor, content)
    except OSError:
        with contextlib.suppress(OSError):  # the first error is the one to tell; a torn tail is healed later
            os.ftruncate(descriptor, size)
        raise


def append_synced(descriptor: int, content: bytes) -> None:
    """Append and sync, or leave the file as long as it was.  The caller holds :func:`locked`."""
    size = os.fstat(descriptor).st_size
    append_whole(descriptor, content)
    try:
        os.fdatasync(descriptor)
    except OSError:
        with contextlib.suppress(OSError):
            os.ftruncate(descriptor, size)
        raise


def append_line(path: Path, line: str) -> None:
    """Append one line to a file that needs no lock, because a single write of O_APPEND is in one piece, and sync it."""
    descriptor = open_private(path)
    try:
        append_text(descriptor, line)
    finally:
        os.close(descriptor)


def append_text(descriptor: int, line: str) -> None:
    """Append one line and sync it; after one that a full disk cut short, on a line of its own."""
    size = os.fstat(descriptor).st_size
    torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
    write_all(descriptor, b"\n" * torn + line.encode("utf-8", "backslashreplace") + b"\n")
    os.fdatasync(descriptor)


def tail(descriptor: int, size: int) -> tuple[bytes, bytes, int]:
    """(last full line without its newline, what follows it, offset of what follows it)."""
    reach = 4096
    while True:
        start = max(0, size - reach)
        block = os.pread(descriptor, size - start, start)
        lines = block.rsplit(b"\n", 2)
        if start == 0 or len(lines) == 3:
            break
        reach *= 4
    rest = lines[-1]
    last = lines[-2] if len(lines) > 1 else b""
    return last, rest, size - len(rest)


@contextlib.contextmanager
def locked(descriptor: int, clock: ports.Clock, wait: float, name: str) -> Iterator[None]:
    """Hold the file's lock against other processes.  Raises Unavailable when nobody lets go in time.

    The kernel drops the lock with its holder, so a killed writer blocks nobody; a stopped one does,
    which is why this waits no longer than it is told to.
    """
    deadline = clock.monotonic() + wait
    pause = 0.0002
    while not _try(descriptor):
        if clock.monotonic() >= deadline:
            raise Unavailable(f"{name} has been locked by another process for {wait:g} s")
        clock.sleep(pause)
        pause = min(pause * 1.5, 0.002)
    try:
        yield
    finally:
        fcntl.flock(descriptor, fcntl.LOCK_UN)


def _try(descriptor: int) -> bool:
    try:
        # flock and not fcntl's lock, which is gone once any descriptor of the file is closed (fcntl_locking(2)).
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
