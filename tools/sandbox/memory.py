"""Measures the memory of a whole sandbox where no control group counts it.  Standard library only.

The processes of the sandbox's namespace are read from outside.  What a process holds without having it in its own pages
is either impossible there (:mod:`tools.sandbox.seccomp`), of bounded size (docs/sandbox.md), or counted here: page
tables, swapped pages, and data that waits in sockets.
"""

import os

SOCKET = 512 * 1024
"""Bytes of kernel memory that one socket counts for, at least: both of its buffers at the usual size, and some more."""

_COUNTED = ("VmRSS:", "VmSwap:", "VmPTE:")


def held(child: int) -> int:
    """Bytes that all processes of a sandbox hold; `child` is the first one of its namespace.

    Its own list of processes is read: one that another thread than the main one has started is on no list of children.
    """
    folder = f"/proc/{child}/root/proc"
    try:
        names = os.listdir(folder)  # noqa: PTH208 (see confine)
    except OSError:
        return 0
    return sum(_held(f"{folder}/{name}/status") for name in names if name.isdigit())


def _held(status: str) -> int:
    try:
        with open(status) as file:  # noqa: PTH123 (see confine)
            lines = [line.split() for line in file if line.startswith(_COUNTED)]
    except OSError:
        return 0
    return sum(int(words[1]) for words in lines) * 1024


def waiting(child: int) -> int:
    """Bytes in the sockets of a sandbox's network namespace: what TCP says it holds, and room for each other one."""
    folder = f"/proc/{child}/net"
    sockets = sum(int(words[2]) for words in _lines(f"{folder}/sockstat") if words[0] == "sockets:")
    queues = [words[4].split(":") for name in ("tcp", "tcp6") for words in _lines(f"{folder}/{name}")[1:]]
    return sockets * _socket() + sum(int(size, 16) for queue in queues for size in queue)


def _socket() -> int:
    """Bytes that one socket may hold: a machine may give more to each from the start."""
    sizes = [words[0] for name in ("wmem_default", "rmem_default") for words in _lines(f"/proc/sys/net/core/{name}")]
    return max(SOCKET, *(2 * int(size) for size in sizes))


def _lines(path: str) -> list[list[str]]:
    try:
        with open(path) as file:  # noqa: PTH123 (see confine)
            return [line.split() for line in file]
    except OSError:
        return []
