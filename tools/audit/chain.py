"""The format of the audit chain, and the program that verifies it: one file, standard library only.

Copied to any machine it needs a chain, its key and its anchor, and nothing of ours::

    python -I audit_chain.py audit.jsonl --key audit.key --anchor audit.anchor.jsonl

One JSON line an entry, bytes exactly as below; MAC is HMAC-SHA256 (RFC 2104) over everything before
``,"mac":``, so version, algorithm, place in the chain and the previous entry's MAC are all under it::

    {"v":1,"alg":"hmac-sha256","seq":7,"prev":"<hex>","at":..,"actor":..,"action":..,"body":{..},"mac":"<hex>"}

Signed heads go elsewhere, to the anchor, one line each; it starts with the head of the empty chain::

    {"v":1,"alg":"hmac-sha256","anchor":7,"head":"<hex>","at":..,"mac":"<hex>"}

What is found: any changed, removed, added, repeated or reordered entry, and, with the anchor, any cut
below the last signed head and an older copy of the file.  What is not: a cut above the last signed
head, an older copy of both files, and whatever somebody does who has the key.
"""

import argparse
import functools
import hashlib
import io
import itertools
import json
import multiprocessing
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

GENESIS = "0" * 64
"""The head of the empty chain."""

KEY_BYTES = 32
FORMAT = b'{"v":1,"alg":"hmac-sha256",'
START = FORMAT + b'"seq":%d,"prev":"%b",'
CLOSE = b',"mac":"%b"}'

_LINE_TAIL = len(CLOSE % GENESIS.encode()) + 1
_MAC = CLOSE.partition(b"%b")[0]
_CLAIM = re.compile(re.escape(FORMAT) + rb'"seq":([1-9][0-9]{0,17}),"prev":"([0-9a-f]{64})",')
_PART = 4 << 20
"""Bytes that one process checks at a time."""


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry's sequence number and MAC; 0 and GENESIS for the empty chain."""

    seq: int = 0
    mac: str = GENESIS


@dataclass(frozen=True)
class Report:
    """Result of a verification."""

    entries: int
    head: Head
    anchored: int | None
    """Sequence number of the last signed head that was checked; None when no anchor was given."""
    torn_bytes: int
    """Length of what a crash left of a last line: said, and no alarm."""
    fault: str | None
    """Place where the chain breaks, or None."""


class Broken(Exception):
    """The chain does not verify; the message names the place, and `head` is the last good one where it is known."""

    def __init__(self, message: str, head: Head | None = None) -> None:
        super().__init__(message)
        self.head = head


def follow(key: bytes, head: Head, lines: Iterable[bytes], signed: Mapping[int, str]) -> tuple[Head, bytes]:
    """(the head after every full line that follows `head`, what comes after the last newline).

    `signed` has the MACs that the anchor knows, by sequence number.  Raises Broken.
    """
    inner, outer = _keyed(key)
    seq, prev = head.seq, head.mac.encode()
    for line in lines:  # unrolled from `sign`, because this loop is what verification costs
        first, second = inner.copy(), outer.copy()
        first.update(line[:-_LINE_TAIL])
        second.update(first.digest())
        mac = second.hexdigest().encode()
        if line[-_LINE_TAIL:] != b',"mac":"%b"}\n' % mac or not line.startswith(START % (seq + 1, prev)):
            reached = Head(seq, prev.decode())
            if not line.endswith(b"\n"):
                return reached, line
            raise Broken(_why(line, mac, seq + 1), reached)
        if seq + 1 in signed and signed[seq + 1] != mac.decode():
            raise Broken(f"entry {seq + 1} is not the one that the anchor signed", Head(seq, prev.decode()))
        seq, prev = seq + 1, mac
    return Head(seq, prev.decode()), b""


def torn(key: bytes, head: Head, rest: bytes) -> bool:
    """True when what follows the last newline can only be the start of the next entry, cut by a crash.

    After a power cut a file system may fill what it had not yet written with zeros.  An entry that is
    whole and followed by something else was not cut.
    """
    start, cut = START % (head.seq + 1, head.mac.encode()), rest.rstrip(b"\0")
    if cut[: len(start)] != start[: len(cut)]:
        return False
    inner, outer = (keyed.copy() for keyed in _keyed(key))
    done, place = 0, rest.find(_MAC)
    while place >= 0:  # a body may have a key of that name too; its value is no MAC of what precedes it
        inner.update(rest[done:place])  # each byte once, however often the name comes: this may be a disk's garbage
        first, second = inner.copy(), outer.copy()
        second.update(first.digest())
        close = CLOSE % second.hexdigest().encode()
        if rest.startswith(close, place):
            return len(rest) == place + len(close)
        done, place = place, rest.find(_MAC, place + 1)
    return True


def anchored(key: bytes, line: bytes) -> Head:
    """The signed head in one line of an anchor (without newline).  Raises Broken."""
    signed = line[: -_LINE_TAIL + 1]
    if line != signed + CLOSE % sign(key, signed).encode() or not signed.startswith(FORMAT + b'"anchor":'):
        raise Broken("a line of the anchor was changed: its MAC does not fit")
    found = json.loads(line)
    return Head(found["anchor"], found["head"])


def anchors(key: bytes, content: bytes) -> tuple[Head, ...]:
    """The signed heads of an anchor, in order; a last line that was cut is left out.  Raises Broken."""
    *lines, rest = content.split(b"\n")
    rest = rest.rstrip(b"\0")
    if _MAC in rest and len(rest) - rest.find(_MAC) > _LINE_TAIL - 1:
        raise Broken("the last line of the anchor was changed: it is neither whole nor cut short")
    found = tuple(anchored(key, line) for line in lines)
    if not found or found[0] != Head():
        raise Broken("the anchor does not begin with the empty chain")
    for before, after in itertools.pairwise(found):
        if after.seq <= before.seq:
            raise Broken(f"the anchor goes back from entry {before.seq} to entry {after.seq}")
    return found


def verify(log: Path, key: bytes, anchor: bytes | None, processes: int = 1) -> Report:
    """Check a whole chain, and with an anchor's content also that nothing signed is missing.

    Read the anchor first: then entries may be appended meanwhile.  With several processes a long chain
    is checked in parts, joined where they meet; whatever does not join is read again from its start to
    name the place.  Raises OSError.
    """
    with log.open("rb") as file:
        if processes > 1 and hasattr(os, "fork") and os.fstat(file.fileno()).st_size > _PART:
            head, place = _in_parts(log, key, anchor, processes)
            file.seek(place)
            report = examine(file, key, anchor, head)
            if report.fault is None:
                return report
            file.seek(0)
        return examine(file, key, anchor)


def examine(file: BinaryIO, key: bytes, anchor: bytes | None, head: Head = Head()) -> Report:
    """The report of :func:`verify`, over an open file that is at the end of the entry `head`."""
    rest, last = b"", None
    try:
        signed = () if anchor is None else anchors(key, anchor)
        last = signed[-1].seq if signed else None
        head, rest = follow(key, head, file, {one.seq: one.mac for one in signed})
        if not torn(key, head, rest):
            raise Broken(f"{_place(head.seq + 1)} was changed: it is neither whole nor cut short", head)
        if last is not None and last > head.seq:
            raise Broken(f"the chain ends at entry {head.seq}, but entry {last} was signed: entries are missing", head)
    except Broken as error:
        head = error.head or head
        return Report(head.seq, head, last, len(rest), str(error))
    return Report(head.seq, head, last, len(rest), None)


def sign(key: bytes, signed: bytes) -> str:
    """HMAC-SHA256 of a line up to its MAC, in hexadecimal."""
    inner, outer = _keyed(key)
    inner, outer = inner.copy(), outer.copy()
    inner.update(signed)
    outer.update(inner.digest())
    return outer.hexdigest()


@functools.lru_cache(maxsize=4)
def _keyed(key: bytes) -> "tuple[hashlib._Hash, hashlib._Hash]":
    """HMAC's two hashes after the padded key: copying them takes less than half as long as `hmac.digest`."""
    padded = (hashlib.sha256(key).digest() if len(key) > 64 else key).ljust(64, b"\0")
    return hashlib.sha256(bytes(byte ^ 0x36 for byte in padded)), hashlib.sha256(bytes(byte ^ 0x5C for byte in padded))


def _in_parts(log: Path, key: bytes, anchor: bytes | None, processes: int) -> tuple[Head, int]:
    """(the head that a chain verifies up to, the offset behind it), the parts checked side by side.

    A part is checked from the place and MAC that its first line claims to follow, which is sound
    because these must be what the part before it ended in, and the first part starts at the beginning.
    """
    head, place = Head(), 0
    try:
        signed = {one.seq: one.mac for one in anchors(key, anchor)} if anchor is not None else {}
    except Broken:
        return head, place  # whoever asked will read the anchor again, and say so
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        check = functools.partial(_check_part, log, key, signed)
        for end, before, after in pool.imap(check, _cut(log)):
            if before != head or after is None:
                break
            head, place = after, end
    return head, place


def _cut(log: Path) -> Iterator[tuple[int, int]]:
    """The file in parts that end behind a newline."""
    start = 0
    with log.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        while start < size:
            file.seek(min(start + _PART, size) - 1)
            file.readline()
            end = min(file.tell(), size)
            yield start, end
            start = end


def _check_part(
    log: Path, key: bytes, signed: Mapping[int, str], part: tuple[int, int]
) -> tuple[int, Head | None, Head | None]:
    """(the part's end, the head that it claims to follow, the head that it ends in if it verifies)."""
    start, end = part
    with log.open("rb") as file:
        file.seek(start)
        content = file.read(end - start)
    claim = _CLAIM.match(content)
    if claim is None or not content.endswith(b"\n"):
        return end, None, None
    before = Head(int(claim[1]) - 1, claim[2].decode())
    try:
        return end, before, follow(key, before, io.BytesIO(content), signed)[0]
    except Broken:
        return end, before, None


def _place(seq: int) -> str:
    return f"entry {seq} (line {seq})"


def _why(line: bytes, mac: bytes, seq: int) -> str:
    if line.endswith(CLOSE % mac + b"\n"):
        return f"{_place(seq)} is genuine but in the wrong place: one was removed, repeated, moved or inserted"
    return f"{_place(seq)} was changed: its MAC does not fit"


def main(arguments: Sequence[str] | None = None) -> int:
    """Verify a chain: exit code 0 when it verifies, 1 for an alarm, 2 for input that cannot be used."""
    parser = argparse.ArgumentParser(
        description="Verify an audit chain with nothing but itself, its key and its anchor."
    )
    parser.add_argument("file", type=Path, help="the chain, one JSON line an entry")
    parser.add_argument("--key", type=Path, required=True, help="its key")
    parser.add_argument("--anchor", type=Path, help="its signed heads; without them a cut end does not show")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="how many check at once")
    parser.add_argument("--json", action="store_true", help="print JSON")
    chosen = parser.parse_args(arguments)
    try:
        anchor = None if chosen.anchor is None else chosen.anchor.read_bytes()
        key = chosen.key.read_bytes()
        if len(key) != KEY_BYTES:
            raise ValueError(f"the key {chosen.key} has {len(key)} bytes instead of {KEY_BYTES}")
        report = verify(chosen.file, key, anchor, max(1, chosen.processes))
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(said(chosen.file.name, report, as_json=chosen.json) + "\n")
    return 0 if report.fault is None else 1


def said(name: str, report: Report, *, as_json: bool) -> str:
    """The result of a verification, as a sentence or as one JSON object."""
    if as_json:
        told = {"entries": report.entries, "anchored": report.anchored, "torn_bytes": report.torn_bytes}
        return json.dumps({"file": name, **told, "head": report.head.mac, "fault": report.fault})
    if report.fault is not None:
        return f"{name}: ALARM: {report.fault}"
    torn_tail = f"; its last line was cut short by a crash ({report.torn_bytes} bytes)" if report.torn_bytes else ""
    under = "no anchor was given" if report.anchored is None else f"signed up to entry {report.anchored}"
    return f"{name}: {report.entries} entries verify; {under}{torn_tail}"


if __name__ == "__main__":
    raise SystemExit(main())
