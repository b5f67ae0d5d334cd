"""Remains of a world: processes that carry its folder in their command or environment, and ports that still answer."""

import os
import socket
from collections.abc import Iterable, Iterator
from pathlib import Path


def processes(root: Path) -> tuple[str, ...]:
    """Processes that carry the folder in their command or environment."""
    return tuple(f"process {pid}: {words}" for pid, words, _ in carrying(str(root)))


def carrying(mark: str) -> Iterator[tuple[int, str, str]]:
    """(process id, command, command and environment) of the other processes that carry this text."""
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal() or int(entry.name) == os.getpid():
            continue
        try:
            command, environment = (entry / "cmdline").read_bytes(), (entry / "environ").read_bytes()
        except OSError:  # it ended meanwhile, or is not ours to see
            continue
        both = (command + b"\0" + environment).replace(b"\0", b" ").decode("utf-8", "replace")
        if mark in both:
            yield int(entry.name), command.replace(b"\0", b" ").decode("utf-8", "replace")[:120], both


def ports(known: Iterable[int]) -> tuple[str, ...]:
    """Those of these ports on loopback that somebody still listens on."""
    found = []
    for port in sorted(set(known)):
        with socket.socket() as probe:
            probe.settimeout(1.0)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                found.append(f"port {port} still answers")
    return tuple(found)
