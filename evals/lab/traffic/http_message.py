"""Finds the end of one HTTP/1.1 message: just enough of RFC 9112 to pass messages on unchanged.

The router speaks only with the lab's own clients and servers on loopback, so anything unusual is
refused (`Malformed`) rather than guessed at.
"""

_HEAD_END = b"\r\n\r\n"
MAX_HEAD = 64 * 1024
MAX_BODY = 4 * 1024 * 1024


class Malformed(ValueError):
    """The bytes are no message that this router passes on."""


class Message:
    """One message being received: feed it bytes until `complete`."""

    __slots__ = ("_chunked", "_cursor", "_end", "_response", "complete", "data", "head")

    def __init__(self, *, response: bool) -> None:
        self._response = response
        self.data = bytearray()
        self.head = b""
        """Start line and headers in lower case, once they are there."""
        self.complete = False
        self._end = 0
        self._cursor = 0
        self._chunked = False

    def feed(self, data: bytes) -> bytes:
        """Add bytes; returns what lies beyond the end of this message."""
        self.data += data
        if not self.head and not self._read_head():
            return b""
        if self._chunked and not self._walk_chunks():
            return b""
        if len(self.data) < self._end:
            return b""
        self.complete = True
        rest = bytes(self.data[self._end :])
        del self.data[self._end :]
        return rest

    @property
    def status(self) -> int:
        """The status of a response."""
        return int(self.head[9:12])

    @property
    def closes(self) -> bool:
        """True when the sender ends the connection after this message."""
        return b"\r\nconnection: close" in self.head

    def _read_head(self) -> bool:
        position = self.data.find(_HEAD_END)
        if position < 0:
            if len(self.data) > MAX_HEAD:
                raise Malformed("the headers do not end")
            return False
        self.head = bytes(self.data[: position + 2]).lower()
        self._end = self._cursor = position + len(_HEAD_END)
        if b" http/1.1\r\n" not in self.head and not self.head.startswith(b"http/1.1 "):
            raise Malformed("not HTTP/1.1")
        if self._response and self.head[9:12] in (b"204", b"304"):
            return True
        self._chunked = b"\r\ntransfer-encoding: chunked\r\n" in self.head
        if not self._chunked:
            self._end += self._length()
        return True

    def _length(self) -> int:
        marker = b"\r\ncontent-length:"
        start = self.head.find(marker)
        if start < 0:
            if self._response or b"\r\ntransfer-encoding:" in self.head:
                raise Malformed("the body's length is not told")
            return 0
        text = self.head[start + len(marker) : self.head.index(b"\r\n", start + 2)].strip()
        if not text.isdigit() or int(text) > MAX_BODY:
            raise Malformed("the content length is no number or too large")
        return int(text)

    def _walk_chunks(self) -> bool:
        """Step over whole chunks; True when the last one, of length zero, is there."""
        while True:
            line_end = self.data.find(b"\r\n", self._cursor)
            if line_end < 0:
                return False
            size = int(bytes(self.data[self._cursor : line_end]).split(b";")[0], 16)
            following = line_end + 2 + size + 2
            if following > MAX_BODY:
                raise Malformed("the body is too large")
            if len(self.data) < following:
                return False
            self._cursor = following
            if size == 0:  # trailers are not passed on: the lab's servers send none
                self._end, self._chunked = following, False
                return True
