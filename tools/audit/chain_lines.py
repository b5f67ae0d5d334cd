"""Encodes lines of the audit chain; :mod:`tools.audit.chain` has their format and checks them."""

import json
from collections.abc import Mapping

from tools.audit.chain import CLOSE, FORMAT, START, Broken, Head, sign

_ENCODER = json.JSONEncoder(separators=(",", ":"), allow_nan=False)
_TAIL = len(CLOSE % Head().mac.encode())


def said(at: str, actor: str, action: str, body: Mapping[str, object]) -> bytes:
    """The body of an entry, ready to be put into its place.  Raises ValueError for what JSON cannot say."""
    return _json({"at": at, "actor": actor, "action": action, "body": body})


def link(key: bytes, head: Head, words: bytes) -> tuple[bytes, Head]:
    """(the line with its newline, the new head) of what :func:`said` made, placed after `head`."""
    signed = START % (head.seq + 1, head.mac.encode()) + words
    mac = sign(key, signed)
    return signed + CLOSE % mac.encode() + b"\n", Head(head.seq + 1, mac)


def entry(key: bytes, head: Head, at: str, actor: str, action: str, body: Mapping[str, object]) -> tuple[bytes, Head]:
    """(the line with its newline, the new head).  Raises ValueError for what JSON cannot say."""
    return link(key, head, said(at, actor, action, body))


def signed_head(key: bytes, head: Head, at: str) -> bytes:
    """A line for the anchor, without newline."""
    signed = FORMAT + f'"anchor":{head.seq},"head":"{head.mac}",'.encode() + _json({"at": at})
    return signed + CLOSE % sign(key, signed).encode()


def last_head(key: bytes, line: bytes) -> Head:
    """The head that a chain ends in, from its last line (without newline) alone.  Raises Broken."""
    signed = line[:-_TAIL]
    mac = sign(key, signed)
    if line != signed + CLOSE % mac.encode():
        raise Broken("the last entry was changed: its MAC does not fit")
    seq = json.loads(line).get("seq")
    if not isinstance(seq, int) or not signed.startswith(FORMAT + b'"seq":'):
        raise Broken("the last line is no entry")
    return Head(seq, mac)


def _json(value: Mapping[str, object]) -> bytes:
    return _ENCODER.encode(value).encode("ascii")[1:-1]
