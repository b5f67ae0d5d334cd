"""Names the process that holds something, so that no other process is ever taken for it.

A process number means something within one PID namespace of one boot of one host only, so a holder is written
``pid:start@host/boot/namespace/clock``: the start time (clock ticks since boot) is field 22 of ``/proc/PID/stat``, see
proc(5); the boot is the kernel's ``boot_id``; the namespace is the inode behind ``/proc/self/ns/pid``, see
pid_namespaces(7), and the clock the one behind ``/proc/self/ns/time``, which shifts start times.  A name without a place is one of versions that knew only this one.

What cannot be seen from here is `unknown`: whoever asks must time its signs of life instead.
"""

import hashlib
import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

Fate = Literal["alive", "dead", "unknown"]

_PROC = Path("/proc")
_MACHINE = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))
_NAME = re.compile(
    r"(?P<pid>\d{1,10}):(?P<start>\d{1,20})(?:@(?P<host>\w*)/(?P<boot>\w*)/(?P<pids>\w*)/(?P<clock>\w*))?"
)
_GONE = "ZX"
"""States of a process that has ended: a zombie that nobody waited for, and one that is being removed."""


@dataclass(frozen=True)
class Place:
    """The machine, boot and namespaces in which a process number counts.

    What could not be read is empty, and equals nothing.
    """

    host: str = ""
    boot: str = ""
    pids: str = ""
    """Inode of the PID namespace."""
    clock: str = ""
    """Inode of the time namespace: processes of one boot and one such clock share their monotonic clock."""


@dataclass(frozen=True)
class Holder:
    """A holder's name, taken apart."""

    pid: int
    start: int
    place: Place | None


def here(proc: Path = _PROC, machine: tuple[Path, ...] = _MACHINE) -> Place:
    """The place of this process."""
    return Place(
        host=_host(machine),
        boot=_read(proc / "sys/kernel/random/boot_id").replace("-", "")[:16],
        pids=_namespace(proc, "pid"),
        clock=_namespace(proc, "time"),
    )


def holder(pid: int, proc: Path = _PROC, place: Place | None = None) -> str:
    """The name of a running process of this place.  Raises ValueError for one that does not run."""
    place = place or here(proc)
    return f"{pid}:{_started(pid, proc)}@{place.host}/{place.boot}/{place.pids}/{place.clock}"


def parsed(name: str) -> Holder | None:
    """A holder's name, taken apart; None for what is no such name."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    place = None if found["host"] is None else Place(found["host"], found["boot"], found["pids"], found["clock"])
    return Holder(int(found["pid"]), int(found["start"]), place)


def fate(name: str, place: Place, proc: Path = _PROC) -> Fate:
    """State of the process of that name, as far as it is known here.  A stopped one lives, a zombie does not."""
    known = parsed(name)
    if known is None:
        return "unknown"
    if known.place is None:
        return _local(known, proc)
    if not _same(known.place.boot, place.boot):
        # No process outlives the boot that it ran in, but another host's boots tell nothing.
        restarted = known.place.boot and place.boot and _same(known.place.host, place.host)
        return "dead" if restarted else "unknown"
    if _same(known.place.pids, place.pids):
        # Another time namespace shifts start times, so only the number can be compared there.
        return _local(known if known.place.clock == place.clock else replace(known, start=0), proc)
    # Seen from a namespace around it.  That it is not seen says nothing: it may run in one beside ours.
    return "alive" if _visible(known, known.place.pids, proc) else "unknown"


def told(name: str, place: Place) -> str:
    """A holder in words, for a person who wants to find it."""
    known = parsed(name)
    if known is None:
        return f"process {name}"
    if known.place is None or (_same(known.place.boot, place.boot) and _same(known.place.pids, place.pids)):
        return f"process {known.pid}"
    if _same(known.place.boot, place.boot):
        return f"process {known.pid} in another PID namespace (a container) of this machine"
    if _same(known.place.host, place.host):
        return f"process {known.pid} of this machine before it was restarted"
    return f"process {known.pid} on another machine"


def _same(one: str, other: str) -> bool:
    return one == other != ""


def _host(machine: tuple[Path, ...]) -> str:
    """Id of this host; with its name, because images are copied together with their id."""
    identity = next((text for path in machine if (text := _read(path))), "")
    return hashlib.sha256(f"{identity}\n{os.uname().nodename}".encode()).hexdigest()[:16] if identity else ""


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""


def _namespace(proc: Path, kind: str) -> str:
    try:
        return (proc / "self" / "ns" / kind).readlink().name.partition("[")[2].rstrip("]")
    except OSError:
        return ""


def _started(pid: int, proc: Path) -> int:
    """Start time of a process; 0 where that cannot be seen.  Raises ValueError for a process that does not run."""
    if not _shows_us(proc):
        return (_stat("self", proc) or (0, ""))[0] if pid == os.getpid() else 0
    found = _stat(str(pid), proc)
    if found is None:
        raise ValueError(f"no process {pid}")
    return found[0]


def _local(known: Holder, proc: Path) -> Fate:
    """The fate of a process of our own namespace."""
    if known.start == 0 or not _shows_us(proc):
        return "unknown" if _answers(known.pid) else "dead"
    found = _stat(str(known.pid), proc)
    if found is None:  # a /proc may hide what is another user's
        return "unknown" if _answers(known.pid) else "dead"
    return "alive" if found[0] == known.start and found[1] not in _GONE else "dead"


def _shows_us(proc: Path) -> bool:
    """True when this /proc counts as we do: it may be missing, or be that of the namespace around ours."""
    try:
        return (proc / "self").readlink().name == str(os.getpid())
    except OSError:
        return False


def _visible(known: Holder, pids: str, proc: Path) -> bool:
    """True when the process is seen in this /proc under another number."""
    for folder in proc.iterdir() if proc.is_dir() else ():
        if folder.name.isdecimal() and _is(known, pids, folder, proc):
            return True
    return False


def _is(known: Holder, pids: str, folder: Path, proc: Path) -> bool:
    try:
        if (folder / "ns" / "pid").readlink().name != f"pid:[{pids}]":
            return False
        status = (folder / "status").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    numbers = re.search(r"^NSpid:\s+(.*)$", status, re.MULTILINE)
    found = _stat(folder.name, proc)
    if numbers is None or found is None or found[1] in _GONE:
        return False
    return int(numbers[1].split()[-1]) == known.pid and known.start in (0, found[0])


def _stat(pid: str, proc: Path) -> tuple[int, str] | None:
    """(start time, state) of a process; None when there is none of that number."""
    try:
        text = (proc / pid / "stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = text[text.rindex(")") + 2 :].split()  # the command's name may hold spaces and parentheses
    return int(fields[19]), fields[0]


def _answers(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
