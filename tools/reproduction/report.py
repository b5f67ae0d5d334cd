"""The one channel of results: lines on the original standard output that are signed with a key.

Whatever runs the service's code never learns the key: it is read after the fork and wiped where others could read it,
the reporting process cannot be inspected by others of its user, and a signature shows nothing of it.
"""

from __future__ import annotations

import ctypes
import hashlib
import hmac
import json
import os
import sys
from typing import Any, NamedTuple

_PR_SET_DUMPABLE = 4


class Results(NamedTuple):
    """Where messages go, and the word that each must begin with: writing to every descriptor forges nothing."""

    descriptor: int
    word: bytes


def read_job() -> Any:
    """The job: its size in twelve digits and its JSON.  The key behind it stays unread."""
    size = int(os.read(0, 12))
    text = b""
    while len(text) < size:
        text += os.read(0, size - len(text))
    return json.loads(text)


def split() -> Results:
    """Fork.  The child, which runs the service's code, gets something to send messages to.

    The parent forwards every message with a signature over its number and its text, and never returns.
    """
    reading, writing = os.pipe()
    waiting, ready = os.pipe()
    word = os.urandom(16).hex().encode()
    if os.fork() == 0:
        os.close(reading)
        os.close(ready)
        if os.read(waiting, 1) != b"x":
            os._exit(1)
        os.close(waiting)
        hide()
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.dup2(2, 1)
        return Results(writing, word)
    os.close(writing)
    os.close(waiting)
    hide()
    key = os.read(0, 64)
    os.ftruncate(0, 0)  # the sandbox's first process holds this file, too, and lets its user read it
    os.close(0)
    os.write(ready, b"x")
    os.close(ready)
    number = 0
    with os.fdopen(reading, "rb") as messages:
        for message in messages:
            said, _, text = message.partition(b" ")
            if hmac.compare_digest(said, word):
                os.write(1, signature(key, number, text.rstrip(b"\n")).encode() + b" " + text)
                number += 1
    _, status = os.wait()
    sys.exit(0 if status == 0 else 1)


def signature(key: bytes, number: int, text: bytes) -> str:
    """What proves that a message is the reporter's, and which one in order."""
    return hmac.new(key, b"%d %s" % (number, text), hashlib.sha256).hexdigest()


def send(results: Results, message: dict[str, Any]) -> None:
    """Write one message as a line that begins with the word of the results."""
    write(results.descriptor, results.word + b" " + json.dumps(message).encode())


def write(descriptor: int, text: bytes) -> None:
    """Write a whole line."""
    text += b"\n"
    while text:
        text = text[os.write(descriptor, text) :]


def hide() -> None:
    """Keep processes of the same user out of this one's memory and descriptors, or end."""
    if ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) != 0:
        sys.exit("the reporting process cannot be hidden from the service's")
