"""Reads objects from a git pack file, within bounds.

Formats: https://git-scm.com/docs/gitformat-pack (packs of version 2 and 3, indexes of version 2).
The files are read by position and never mapped: one that is cut while it is mapped would end our process.
"""

import os
import zlib
from collections import OrderedDict
from itertools import pairwise
from struct import unpack_from
from typing import NamedTuple

from incident.errors import Refused
from tools.git.bounds import MIB, Effort

KINDS = {1: "commit", 2: "tree", 3: "blob", 4: "tag"}

_OFFSET_DELTA, _ID_DELTA = 6, 7
_INDEX = b"\xfftOc\0\0\0\2"
_WIDE = 1 << 31
"""Marks an offset of 4 bytes as the row of one of 8."""
_FANOUT = len(_INDEX) + 256 * 4
_HEAD = 64
"""Bytes that hold the longest head of an object: two numbers of ten bytes, or one and an id."""
FIRST = 1024
"""Packed bytes that hold the beginning of an object: a table of at most 320 bytes may come before it (RFC 1951)."""
_SCAN = 64
"""Names of an index that are compared one by one."""
_KEPT = 16 * MIB
"""Bytes of objects that are kept because the next delta may rest on them."""

Content = tuple[str, bytes]
"""Kind and content of an object."""


class Head(NamedTuple):
    """The header of an object in a pack: its kind, its size and the place of its data."""

    kind: int
    size: int
    data: int
    """Offset of the data."""
    base: int
    """Offset of what a delta rests on; 0 for none."""


class Pack:
    """An open pack and its index, whose descriptors belong to whoever opened them."""

    def __init__(self, name: str, index: int, pack: int, width: int, effort: Effort) -> None:
        """`width` is the length of an id in bytes.  Raises Refused for what is no pack of git's, OSError."""
        self._name, self._index, self._pack, self._width, self._effort = name, index, pack, width, effort
        head = os.pread(index, _FANOUT, 0)
        self._size = os.fstat(pack).st_size
        if len(head) != _FANOUT or not head.startswith(_INDEX):
            raise Refused(f"the index of the pack {name} is not of version 2: run `git repack -a -d` there")
        self._fanout: tuple[int, ...] = (0, *unpack_from(">256I", head, len(_INDEX)))
        start = os.pread(pack, 8, 0)
        if start[:4] != b"PACK" or start[4:] not in (b"\0\0\0\2", b"\0\0\0\3"):
            raise self._damaged()
        count = self._fanout[-1]
        # Behind the ids: a CRC of 4 bytes each, an offset of 4 bytes each, the wide offsets, and two checksums.
        tables = _FANOUT + count * (width + 8)
        # A fan-out that falls somewhere would let a search read outside of the tables.
        if any(low > high for low, high in pairwise(self._fanout)) or os.fstat(index).st_size < tables + 2 * width:
            raise self._damaged()
        self._offsets = _FANOUT + count * (width + 4)
        self._wide = tables
        self._kept: OrderedDict[int, Content] = OrderedDict()
        self._kept_bytes = 0

    def find(self, name: bytes) -> int | None:
        """The offset of an object, by its id; None when it is not in here.  Raises Refused, OSError."""
        row = self._row(name)
        if row == self._fanout[-1] or self._names(row, 1) != name:
            return None
        offset = self._integer(4, self._offsets + 4 * row)
        return self._integer(8, self._wide + 8 * (offset & _WIDE - 1)) if offset & _WIDE else offset

    def beginning(self, prefix: bytes, odd: int | None) -> tuple[bytes, ...]:
        """At most two ids that begin with these bytes, and then with the half byte `odd` if it is not None."""
        least = prefix if odd is None else prefix + bytes([odd << 4])
        row = self._row(least.ljust(self._width, b"\0"))
        found = []
        for at in range(row, min(row + 2, self._fanout[-1])):
            name = self._names(at, 1)
            if len(name) == self._width and name.startswith(prefix) and odd in (None, name[len(prefix)] >> 4):
                found.append(name)
        return tuple(found)

    def size(self, offset: int) -> int:
        """The size of an object, without unpacking it.  Raises Refused, OSError."""
        found = self._head(offset)
        return self._result_size(found) if found.base else found.size

    def kind(self, offset: int) -> str:
        """The kind of an object, which is that of what its deltas rest on.  Raises Refused, OSError."""
        # Bases that are named by id may form a ring.
        for _ in range(self._effort.bounds.chain):
            found = self._head(offset)
            if not found.base:
                return KINDS[found.kind]
            offset = found.base
        raise self._damaged()

    def read(self, offset: int) -> Content:
        """An object.  Raises Refused, Unavailable, OSError."""
        deltas: list[tuple[int, Head]] = []
        while (kept := self._kept.get(offset)) is None:
            head = self._head(offset)
            if not head.base:
                kept = self._keep(offset, (KINDS[head.kind], self._inflated(head.data, head.size)))
                break
            deltas.append((offset, head))
            if len(deltas) > self._effort.bounds.chain:
                raise self._damaged()
            offset = head.base
        kind, content = kept
        for at, head in reversed(deltas):
            delta = self._inflated(head.data, head.size)
            content = self._applied(delta, content)
            self._keep(at, (kind, content))
        return kind, content

    def _row(self, name: bytes) -> int:
        """The place in the index of the first id that is not smaller."""
        low, high = self._fanout[name[0]], self._fanout[name[0] + 1]
        while high - low > _SCAN:
            middle = (low + high) // 2
            if self._names(middle, 1) < name:
                low = middle + 1
            else:
                high = middle
        names, place = self._names(low, high - low), 0
        while low < high and names[place : place + self._width] < name:
            low, place = low + 1, place + self._width
        return low

    def _names(self, row: int, count: int) -> bytes:
        return os.pread(self._index, count * self._width, _FANOUT + row * self._width)

    def _head(self, offset: int) -> Head:
        """Raises Refused for an object outside the pack, of a kind that does not exist, or too large."""
        self._effort.check()
        block = os.pread(self._pack, _HEAD, offset) if 0 < offset < self._size else b""
        try:
            kind = block[0] >> 4 & 7
            size, at = _number(block, 0, 4)
            base = 0
            if kind == _OFFSET_DELTA:
                back, at = _distance(block, at)
                base = offset - back
            elif kind == _ID_DELTA:
                base = self.find(block[at : at + self._width]) or 0
                at += self._width
        except IndexError:
            raise self._damaged() from None
        # A delta rests on an object of its own pack: thin packs are only sent, never stored (gitformat-pack).
        is_delta = kind in (_OFFSET_DELTA, _ID_DELTA)
        if (not is_delta and kind not in KINDS) or (is_delta and not 0 < base < self._size):
            raise self._damaged()
        if size > self._effort.bounds.object:
            raise Refused(f"the repository holds an object of {size} bytes")
        return Head(kind, size, offset + at, base)

    def _result_size(self, head: Head) -> int:
        """Size of the object that a delta makes, read from the delta's first bytes."""
        unpacker = zlib.decompressobj()
        try:
            start = unpacker.decompress(os.pread(self._pack, FIRST, head.data), 20)
            _, at = _number(start, 0, 7)
            return _number(start, at, 7)[0]
        except (zlib.error, IndexError) as error:
            raise self._damaged() from error

    def _inflated(self, offset: int, size: int) -> bytes:
        content = inflated(self._pack, offset, size, self._effort)
        if content is None:
            raise self._damaged()
        return content

    def _applied(self, delta: bytes, base: bytes) -> bytes:
        """The object that a delta makes from its base."""
        try:
            before, at = _number(delta, 0, 7)
            size, at = _number(delta, at, 7)
            if before != len(base) or size > self._effort.bounds.object:
                raise self._damaged()
            # A few bytes of a delta can copy 16 MiB, so the loop ends as soon as it makes more than was announced.
            made, steps = bytearray(), 0
            while at < len(delta) and len(made) <= size:
                steps += 1
                if steps % 4096 == 0:
                    self._effort.check()
                at = _step(delta, at, base, made)
        except IndexError:
            raise self._damaged() from None
        if len(made) != size:
            raise self._damaged()
        return bytes(made)

    def _keep(self, offset: int, content: Content) -> Content:
        # One large object would push all others out.
        if len(content[1]) <= _KEPT // 8:
            self._kept[offset] = content
            self._kept_bytes += len(content[1])
            while self._kept_bytes > _KEPT:
                _, old = self._kept.popitem(last=False)
                self._kept_bytes -= len(old[1])
        return content

    def _integer(self, count: int, offset: int) -> int:
        found = os.pread(self._index, count, offset)
        if len(found) != count:
            raise self._damaged()
        return int.from_bytes(found, "big")

    def _damaged(self) -> Refused:
        return Refused(f"the pack {self._name} is damaged")


def inflated(descriptor: int, offset: int, size: int, effort: Effort) -> bytes | None:
    """The data that is packed at an offset, or None when it is damaged or not exactly so long.  Raises Unavailable, OSError.

    What an honest packer writes is hardly longer than what it packs (zlib's deflateBound), so no more is read.
    """
    # One byte more than was announced, so that a longer object shows.
    unpacker, parts, left, most = zlib.decompressobj(), [], size + 1, 2 * size + 1024
    try:
        while not unpacker.eof and most > 0 and left:
            effort.check()
            packed = os.pread(descriptor, min(most, max(512, min(size, MIB))), offset)
            if not packed:
                break
            part = unpacker.decompress(packed, left)
            parts.append(part)
            offset, most, left = offset + len(packed), most - len(packed), left - len(part)
    except zlib.error:
        return None
    # `eof` is set only after zlib has compared its checksum.
    content = b"".join(parts)
    return content if len(content) == size and unpacker.eof else None


def _number(block: bytes, at: int, bits: int) -> tuple[int, int]:
    """(a number of seven bits a byte, lowest first, with only `bits` in its first byte; the place behind it)."""
    value, shift = block[at] & (1 << bits) - 1, bits
    while block[at] & 0x80:
        at += 1
        value |= (block[at] & 0x7F) << shift
        shift += 7
        # Git's sizes have 64 bits; Python's integers would grow with each byte.
        if shift > 63:
            raise IndexError(at)
    return value, at + 1


def _distance(block: bytes, at: int) -> tuple[int, int]:
    """(how far back a delta's base lies; the place behind that number)."""
    value = block[at] & 0x7F
    while block[at] & 0x80:
        at += 1
        # The one that is added leaves no distance with two spellings (gitformat-pack).
        value = value + 1 << 7 | block[at] & 0x7F
    return value, at + 1


def _step(delta: bytes, at: int, base: bytes, made: bytearray) -> int:
    """Follow one instruction of a delta; the place of the next one.  Raises IndexError for one that is none."""
    order = delta[at]
    at += 1
    if not order & 0x80:
        # The instruction 0 is reserved.
        if not order or at + order > len(delta):
            raise IndexError(at)
        made += delta[at : at + order]
        return at + order
    numbers = []
    for bits in (0x01, 0x02, 0x04, 0x08), (0x10, 0x20, 0x40):
        number = 0
        for place, bit in enumerate(bits):
            if order & bit:
                number |= delta[at] << 8 * place
                at += 1
        numbers.append(number)
    # A count of 0 stands for 64 KiB (gitformat-pack).
    start, count = numbers[0], numbers[1] or 0x10000
    if start + count > len(base):
        raise IndexError(at)
    made += base[start : start + count]
    return at
