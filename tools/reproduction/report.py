"""The one channel of results: lines on the original standard output that carry a nonce.

Whatever runs the service's code never learns the nonce: it is read after the fork, and the reporting process cannot be
inspected by others of its user.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

_PR_SET_DUMPABLE = 4


def read_job() -> Any:
    """The job: its size in twelve digits and its JSON.  The nonce behind it stays unread."""
    size = int(os.read(0, 12))
    text = b""
    while len(text) < size:
        text += os.read(0, size - len(text))
    return json.loads(text)


def split() -> int:
    """Fork.  The child, which runs the service's code, gets a descriptor to write messages to.

    The parent forwards every message with the nonce and never returns.
    """
    reading, writing = os.pipe()
    if os.fork() == 0:
        os.close(reading)
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.dup2(2, 1)
        return writing
    os.close(writing)
    nonce = os.read(0, 64).decode()
    os.close(0)
    _hide()
    with os.fdopen(reading, "rb") as messages:
        for message in messages:
            os.write(1, nonce.encode() + b" " + message)
    _, status = os.wait()
    sys.exit(0 if status == 0 else 1)


def send(descriptor: int, message: dict[str, Any]) -> None:
    """Write one message as a line."""
    text = json.dumps(message).encode() + b"\n"
    while text:
        text = text[os.write(descriptor, text) :]


def _hide() -> None:
    """Keep processes of the same user out of this one's memory and descriptors."""
    try:
        import ctypes  # noqa: PLC0415 (an interpreter may be built without it)
    except ImportError:
        return
    ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
