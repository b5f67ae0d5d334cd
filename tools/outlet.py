"""Standard output and standard error that never raise and never block the process that writes to them.

The reader may be gone, stop reading, or sit on a full disk.  So what is written goes through a bounded queue to a
thread, which alone touches the descriptor: writing never raises, and never waits unless it was asked to.
"""

import codecs
import contextlib
import io
import os
import select
import threading
from collections import deque
from collections.abc import Callable, Iterator
from typing import TextIO

from typing_extensions import Buffer

LIMIT = 1 << 20
"""Bytes that wait for a reader; a whole incident writes a tenth of it.  What comes on top is left out."""

PIECE = 4096
"""Bytes of one write, so that a slow reader is seen to read."""

ARRIVAL = 0.5
"""Seconds for which a notice to a person is waited for until it is out."""

PLAIN = {"→": "->", "×": "x", "…": "...", "‹": "<", "›": ">", "·": "-", "—": "-", "≥": ">=", "≤": "<="}
"""Our own signs, for a terminal that has none of them."""

ERRORS = "suture-plain"
"""Name under which :func:`plain` is known to the codecs."""

Send = Callable[[bytes], object]
"""Writes everything, however long it takes.  Raises OSError, or ValueError for a stream that was closed."""


class Outlet(io.BufferedIOBase):
    """Queue of bytes for one descriptor.

    With `waits` a full queue waits for its reader, as it is usual for programs.
    """

    name = "outlet"

    def __init__(
        self, send: Send, encoding: str, *, waits: bool = False, terminal: bool = False, limit: int = LIMIT
    ) -> None:
        self._encoding = encoding
        self._send, self._waits, self._terminal, self._limit = send, waits, terminal, limit
        self._queue: deque[bytes] = deque()
        self._size = 0
        self._works = False
        # Reentrant, because a signal's handler may write while the thread that it interrupted does.
        self._changed = threading.Condition(threading.RLock())
        self.failures = 0
        """Writes of which it is known that they did not arrive."""
        self.failure: Exception | None = None
        """Error of the first bytes that did not arrive."""

    def start(self) -> None:
        """Begin to write.  Where no thread can be had, nothing arrives, and everything is counted as a failure."""
        try:
            threading.Thread(target=self._work, name="outlet", daemon=True).start()
        except RuntimeError as error:
            self._failed(error)
        else:
            self._works = True

    def write(self, data: Buffer, /) -> int:
        """Queue the bytes.  Never raises; what finds no room, or nobody to write it, is counted as a failure."""
        content = bytes(data)
        with self._changed:
            if self._works and self._waits:
                self._changed.wait_for(lambda: self._size < self._limit)
            if self._works and self._size < self._limit:
                self._queue.append(content)
                self._size += len(content)
                self._changed.notify_all()
            else:
                self._failed(TimeoutError("nobody reads it"))
        return len(content)

    def text(self) -> io.TextIOWrapper:
        """The stream that writes into it."""
        codecs.register_error(ERRORS, plain)
        return io.TextIOWrapper(self, self._encoding, errors=ERRORS, newline="", write_through=True)

    def drained(self, patience: float | None) -> bool:
        """Wait until everything is out, for so many seconds at most; None waits as long as it takes."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._size, patience)

    @property
    def stuck(self) -> bool:
        """True when something waits for a reader."""
        return self._size > 0

    def writable(self) -> bool:
        """True always, even when nothing arrives."""
        return True

    def isatty(self) -> bool:
        """True for a terminal."""
        return self._terminal

    def close(self) -> None:
        """Do nothing: a text stream that is thrown away would close it for all others."""

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._queue)
                content = self._queue[0]
            try:
                self._send(content)
            except (OSError, ValueError) as error:
                self._failed(error)
            with self._changed:
                # Only now: `drained` takes an empty queue for the sign that everything is out.
                self._queue.popleft()
                self._size -= len(content)
                self._changed.notify_all()

    def _failed(self, error: Exception) -> None:
        with self._changed:
            self.failures += 1
            self.failure = self.failure or error


def onto(stream: TextIO | None, *, waits: bool = False) -> Outlet:
    """An outlet to where this stream goes; None stands for what a closed descriptor left of a stream."""
    encoding = _known(getattr(stream, "encoding", None) or "utf-8")
    found = Outlet(_sender(stream, encoding), encoding, waits=waits, terminal=_terminal(stream))
    found.start()
    return found


def behind(stream: TextIO) -> Outlet | None:
    """The outlet behind a stream, if there is one."""
    found = getattr(stream, "buffer", None)
    return found if isinstance(found, Outlet) else None


def say(stream: TextIO, text: str) -> bool:
    """Write a person a line; True when it arrived, as far as that can be known.

    Nobody waits behind a reader that has stopped already.  Never raises.
    """
    outlet = behind(stream)
    patience = 0.0 if outlet is None or outlet.stuck else ARRIVAL
    before = 0 if outlet is None else outlet.failures
    try:
        stream.write(text)
        stream.flush()
    except (OSError, ValueError):  # ValueError: it was closed, or has no such character
        return False
    return outlet is None or (outlet.drained(patience) and outlet.failures == before)


@contextlib.contextmanager
def reserved() -> Iterator[None]:
    """Fill descriptors 0 to 2 where they were closed: else the next file to be opened becomes standard output."""
    filled: list[int] = []
    try:
        for number in range(3):
            try:
                os.fstat(number)
            except OSError:
                filled.append(os.open(os.devnull, os.O_RDWR))
        yield
    finally:
        for number in filled:
            os.close(number)


def plain(error: UnicodeError) -> tuple[str | bytes, int]:
    """Our own signs in ASCII, and any other character that the terminal does not have by its number."""
    if isinstance(error, UnicodeEncodeError) and (sign := PLAIN.get(error.object[error.start])):
        return sign, error.start + 1
    return codecs.backslashreplace_errors(error)


def _sender(stream: TextIO | None, encoding: str) -> Send:
    if stream is None:
        return _nowhere
    try:
        number = stream.fileno()
        stream.flush()
    except (OSError, ValueError, AttributeError):  # a stream that is kept in memory
        return lambda content: _into(stream, content.decode(encoding, "replace"))
    return lambda content: _out(number, content)


def _nowhere(_content: bytes) -> None:
    raise BrokenPipeError("it is closed")


def _into(stream: TextIO, text: str) -> None:
    stream.write(text)
    stream.flush()


def _out(number: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        try:
            view = view[os.write(number, view[:PIECE]) :]
        except BlockingIOError:  # somebody who shares the descriptor made it so
            poll = select.poll()
            poll.register(number, select.POLLOUT)
            poll.poll()


def _terminal(stream: TextIO | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except (OSError, ValueError):
        return False


def _known(encoding: str) -> str:
    try:
        "→".encode(encoding, "backslashreplace")
    except (LookupError, UnicodeError):
        return "ascii"
    return encoding
