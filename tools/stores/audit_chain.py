"""The format of the audit chain and how it is verified.  Standard library only: it can be run on its own.

One JSON line an entry, bytes exactly as below; MAC is HMAC-SHA256 (RFC 2104) over everything before
``,"mac":``, so version, algorithm, place in the chain and the previous entry's MAC are all under it::

    {"v":1,"alg":"hmac-sha256","seq":7,"prev":"<hex>","at":..,"actor":..,"action":..,"body":{..},"mac":"<hex>"}

Signed heads go to another file, the anchor, one line each; it starts with the head of the empty chain::

    {"v":1,"alg":"hmac-sha256","anchor":7,"head":"<hex>","at":..,"mac":"<hex>"}

What is found: any changed, removed, added, repeated or reordered entry, and, with the anchor, any cut
below the last signed head and an older copy of the file.  What is not: a cut above the last signed
head, an older copy of both files, and whatever somebody does who has the key.
"""

import functools
import hashlib
import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

GENESIS = "0" * 64
"""The head of the empty chain."""

_HEAD = b'{"v":1,"alg":"hmac-sha256",'
_MAC = b',"mac":"'
_END = b'"}'
_TAIL = len(_MAC) + 64 + len(_END)


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry's sequence number and MAC; 0 and GENESIS for the empty chain."""

    seq: int = 0
    mac: str = GENESIS


@dataclass(frozen=True)
class Report:
    """What verification found."""

    entries: int
    head: Head
    anchored: int | None
    """Sequence number of the last signed head that was checked; None when no anchor was given."""
    torn_bytes: int
    """Length of a last line that a crash cut: said, and no alarm."""
    fault: str | None
    """Where the chain breaks, or None."""


class Broken(Exception):
    """The chain does not verify; the message names the place."""


def entry(key: bytes, head: Head, at: str, actor: str, action: str, body: Mapping[str, object]) -> tuple[bytes, Head]:
    """(the line with its newline, the new head).  Raises ValueError for what JSON cannot say."""
    said = {"at": at, "actor": actor, "action": action, "body": body}
    signed = _start(head) + _json(said)[1:-1]
    mac = _sign(key, signed)
    return signed + _MAC + mac.encode() + _END + b"\n", Head(head.seq + 1, mac)


def signed_head(key: bytes, head: Head, at: str) -> bytes:
    """A line for the anchor file, with its newline."""
    signed = _HEAD + f'"anchor":{head.seq},"head":"{head.mac}",'.encode() + _json({"at": at})[1:-1]
    return signed + _MAC + _sign(key, signed).encode() + _END + b"\n"


def check(key: bytes, head: Head, line: bytes) -> Head:
    """The head after one full line (with its newline) that follows `head`.  Raises Broken."""
    signed = line[: -_TAIL - 1]
    mac = _sign(key, signed)
    if line != signed + _MAC + mac.encode() + _END + b"\n" or not line.startswith(_start(head)):
        raise Broken(_why(line, mac, head))
    return Head(head.seq + 1, mac)


def last_head(key: bytes, line: bytes) -> Head:
    """The head that a chain ends in, from its last line (without newline) alone.  Raises Broken."""
    signed, mac = line[:-_TAIL], line[-len(_END) - 64 : -len(_END)]
    expected = _sign(key, signed)
    if line != signed + _MAC + mac + _END or mac != expected.encode():
        raise Broken("the last entry was changed: its MAC does not fit")
    seq = json.loads(line).get("seq")
    if not isinstance(seq, int) or not signed.startswith(_HEAD + b'"seq":'):
        raise Broken("the last line is no entry")
    return Head(seq, expected)


def torn(key: bytes, head: Head, rest: bytes) -> bool:
    """Whether what follows the last newline can only be the start of the next entry, cut by a crash.

    An entry that is whole and followed by something else was not cut.
    """
    start = _start(head)
    if rest[: len(start)] != start[: len(rest)]:
        return False
    cut = rest.find(_MAC)
    while cut >= 0:  # a body may have a key of that name too; its value is no MAC of what precedes it
        whole = rest[:cut] + _MAC + _sign(key, rest[:cut]).encode() + _END
        if rest.startswith(whole):
            return len(rest) == len(whole)
        cut = rest.find(_MAC, cut + 1)
    return True


def anchored(key: bytes, line: bytes) -> Head:
    """The signed head in one line of an anchor file (without newline).  Raises Broken."""
    signed = line[:-_TAIL]
    genuine = line == signed + _MAC + _sign(key, signed).encode() + _END
    if not genuine or not signed.startswith(_HEAD + b'"anchor":'):
        raise Broken("a line of the anchor was changed: its MAC does not fit")
    found = json.loads(line)
    return Head(found["anchor"], found["head"])


def anchors(key: bytes, content: bytes) -> tuple[Head, ...]:
    """The signed heads of an anchor file, in order; a last line that was cut is left out.  Raises Broken."""
    *lines, rest = content.split(b"\n")
    if len(rest) - rest.find(_MAC) > _TAIL and _MAC in rest:
        raise Broken("the last line of the anchor was changed: it is neither whole nor cut short")
    found = tuple(anchored(key, line) for line in lines)
    if not found or found[0] != Head():
        raise Broken("the anchor does not begin with the empty chain")
    for before, after in itertools.pairwise(found):
        if after.seq <= before.seq:
            raise Broken(f"the anchor goes back from entry {before.seq} to entry {after.seq}")
    return found


def verify(log: Path, key: bytes, anchor: Path | None) -> Report:
    """Check a whole chain, and with an anchor also that nothing signed is missing.

    The anchor is read first, so entries may be appended meanwhile.  Raises OSError other than for a
    missing file, which is a fault.
    """
    head, rest, last = Head(), b"", None
    try:
        signed = () if anchor is None else anchors(key, _read(anchor))
        last = signed[-1].seq if signed else None
        macs = {one.seq: one.mac for one in signed}
        with _open(log) as file:
            for line in file:
                if not line.endswith(b"\n"):
                    rest = line
                    break
                head = check(key, head, line)
                if macs.get(head.seq, head.mac) != head.mac:
                    raise Broken(f"entry {head.seq} is not the one that the anchor signed")
        if not torn(key, head, rest):
            raise Broken(f"{_place(head)} was changed: it is neither whole nor cut short")
        if last is not None and last > head.seq:
            raise Broken(f"the chain ends at entry {head.seq}, but entry {last} was signed: entries are missing")
    except Broken as error:
        return Report(head.seq, head, last, len(rest), str(error))
    return Report(head.seq, head, last, len(rest), None)


def _read(anchor: Path) -> bytes:
    with _open(anchor) as file:
        return file.read()


def _open(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except FileNotFoundError as error:
        raise Broken(f"{path.name} is missing") from error


def _start(head: Head) -> bytes:
    return b'%b"seq":%d,"prev":"%b",' % (_HEAD, head.seq + 1, head.mac.encode())


def _place(head: Head) -> str:
    return f"entry {head.seq + 1} (line {head.seq + 1})"


def _why(line: bytes, mac: str, head: Head) -> str:
    if line.endswith(_MAC + mac.encode() + _END + b"\n"):
        return f"{_place(head)} is genuine but in the wrong place: one was removed, repeated, moved or inserted"
    return f"{_place(head)} was changed: its MAC does not fit"


def _sign(key: bytes, signed: bytes) -> str:
    inner, outer = _keyed(key)
    inner, outer = inner.copy(), outer.copy()
    inner.update(signed)
    outer.update(inner.digest())
    return outer.hexdigest()


@functools.lru_cache(maxsize=4)
def _keyed(key: bytes) -> "tuple[hashlib._Hash, hashlib._Hash]":
    """HMAC's two hashes after the padded key (RFC 2104): copying them is four times as fast as `hmac.digest`."""
    padded = (hashlib.sha256(key).digest() if len(key) > 64 else key).ljust(64, b"\0")
    return hashlib.sha256(bytes(byte ^ 0x36 for byte in padded)), hashlib.sha256(bytes(byte ^ 0x5C for byte in padded))


def _json(value: Mapping[str, object]) -> bytes:
    return json.dumps(value, separators=(",", ":"), allow_nan=False).encode("ascii")
