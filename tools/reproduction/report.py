"""Signed result lines on the original standard output, the only channel that a result comes through.

The process that holds the key runs nothing of the service's, cannot be inspected by others of its user, wipes the key
where others could read it, and starts nobody before it has; a signature shows nothing of it.
"""

from __future__ import annotations

import ctypes
import hashlib
import hmac
import json
import os
import sys
from typing import Any

_PR_SET_DUMPABLE = 4


class Reporter:
    """Sends messages, each with a signature over its number and its text."""

    def __init__(self, key: bytes, descriptor: int = 1) -> None:
        self._key, self._descriptor, self._number = key, descriptor, 0

    def send(self, message: dict[str, Any]) -> None:
        """Write one message as a line."""
        text = json.dumps(message).encode()
        write(self._descriptor, signature(self._key, self._number, text).encode() + b" " + text)
        self._number += 1


def begin() -> tuple[Any, Reporter]:
    """The job (its size in twelve digits and its JSON) and a reporter with the key behind it.

    The sandbox's first process holds this file, too, and lets its user read it: it is emptied at once.
    """
    hide()
    size = int(os.read(0, 12))
    text = b""
    while len(text) < size:
        text += os.read(0, size - len(text))
    key = os.read(0, 64)
    os.ftruncate(0, 0)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    return json.loads(text), Reporter(key)


def signature(key: bytes, number: int, text: bytes) -> str:
    """Signature of a message over its number and text: it proves who sent it, and in which order."""
    return hmac.new(key, b"%d %s" % (number, text), hashlib.sha256).hexdigest()


def write(descriptor: int, text: bytes) -> None:
    """Write a whole line."""
    text += b"\n"
    while text:
        text = text[os.write(descriptor, text) :]


def hide() -> None:
    """Keep processes of the same user out of this one's memory and descriptors, or end."""
    if ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) != 0:
        sys.exit("the reporting process cannot be hidden from the service's")
