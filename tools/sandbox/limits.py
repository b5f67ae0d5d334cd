"""Sets a process's own limits, and checks from outside that a blocked sandbox has all of them.

Standard library only.  `verify` looks at the processes themselves, in /proc, and never at what was asked for:
a bubblewrap that ignores an option, or a kernel that does, is found here.
"""

import os
import resource
from collections.abc import Iterable, Iterator

from tools.sandbox import cgroup, confine
from tools.sandbox.spec import OPEN_FILES, OVERHEAD, SIGNALS, Spec

_NAMESPACES = ("net", "pid", "mnt", "ipc", "uts", "user")


class NotApplied(Exception):
    """A limit is not in force; the message says which."""


def own(spec: Spec, *, grouped: bool) -> None:
    """Set the limits that the calling process and its children inherit.

    Without control groups that includes writable memory (per process: the keeper's watch adds them up).
    """
    fixed = {
        resource.RLIMIT_NOFILE: OPEN_FILES,
        resource.RLIMIT_FSIZE: spec.disk,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_SIGPENDING: SIGNALS,
    }
    if not grouped:
        fixed[resource.RLIMIT_DATA] = spec.memory
    for kind, value in fixed.items():
        resource.setrlimit(kind, (value, value))


def own_processes(spec: Spec) -> None:
    """Limit the processes of the user namespace that the calling process has made: it counts its own (Linux 5.14).

    The user's processes outside do not count.
    """
    resource.setrlimit(resource.RLIMIT_NPROC, (spec.processes + OVERHEAD, spec.processes + OVERHEAD))


def verify(spec: Spec, process: int, child: int, user: tuple[int, int], group: cgroup.Group | None) -> None:
    """Check everything about the blocked sandbox.  Raises NotApplied, naming the first thing that is missing."""
    members = tree(process)
    if child not in members:
        raise NotApplied("the first process of the sandbox is not below bubblewrap")
    for member in members:
        _check_identity(member, user, root=os.geteuid() == 0)
    _check_privileges(child)
    for name in _NAMESPACES:
        if os.readlink(f"/proc/{child}/ns/{name}") == os.readlink(f"/proc/self/ns/{name}"):  # noqa: PTH115 (a namespace's name, no path)
            raise NotApplied(f"the {name} namespace is the host's")
    for path, size in spec.rooms.items():
        _check_room(child, path, size)
    if not os.statvfs(f"/proc/{child}/root/").f_flag & os.ST_RDONLY:
        raise NotApplied("the root folder is writable")
    _check_mounts(child, confine.points(spec), confine.overlays(spec))
    _at_most(child, "Max open files", OPEN_FILES)
    _at_most(child, "Max file size", spec.disk)
    if group is None:
        _at_most(child, "Max processes", spec.processes + OVERHEAD)
        _at_most(child, "Max data size", spec.memory)
    elif not set(members) <= group.members():
        raise NotApplied("a process is outside the control group that limits memory and processes")


def _check_identity(process: int, user: tuple[int, int], *, root: bool) -> None:
    status = _status(process)
    if user[0] == 0 or set(status["Uid"].split()) != {str(user[0])} or set(status["Gid"].split()) != {str(user[1])}:
        raise NotApplied(f"process {process} does not run as the unprivileged user {user[0]}")
    if root and status["Groups"].split():
        raise NotApplied("supplementary groups were kept")


def _check_privileges(child: int) -> None:
    status = _status(child)
    if status["NoNewPrivs"].strip() != "1":
        raise NotApplied("new privileges are not ruled out")
    if any(int(status[name], 16) for name in ("CapEff", "CapPrm", "CapInh", "CapAmb", "CapBnd")):
        raise NotApplied("capabilities were kept")


def _check_room(child: int, path: str, size: int) -> None:
    outside, inside = os.statvfs(f"/proc/{child}/root/"), os.statvfs(f"/proc/{child}/root{path}")
    if inside.f_fsid == outside.f_fsid and path != "/":
        raise NotApplied(f"{path} has no file system of its own")
    if not 0 < inside.f_blocks * inside.f_frsize <= size:
        raise NotApplied(f"{path} may grow beyond {size} bytes")


def _check_mounts(child: int, expected: frozenset[str], folders: Iterable[str]) -> None:
    """Nothing else is mounted, and every folder of the host is an overlay that cannot be written."""
    found = mounted(child)
    if others := found.keys() - expected:
        raise NotApplied(f"{min(others)} is mounted, and was not asked for")
    for path in folders:
        kind, options = found.get(path, ("nothing", frozenset()))
        if kind != "overlay" or not {"ro", "nosuid", "nodev"} <= options:
            raise NotApplied(f"{path} is not shown through an overlay, read-only and without devices")


def mounted(process: int) -> dict[str, tuple[str, frozenset[str]]]:
    """Mounts of a process: kind and options by path, the uppermost of each (proc_pid_mountinfo(5))."""
    found: dict[str, tuple[str, frozenset[str]]] = {}
    with open(f"/proc/{process}/mountinfo", "rb") as file:  # noqa: PTH123 (see confine)
        for line in file:
            fields = line.split()
            path = fields[4].decode("unicode_escape").encode("latin-1").decode("utf-8", "surrogateescape")
            kind = fields[fields.index(b"-") + 1].decode()
            found[path] = kind, frozenset(fields[5].decode().split(","))
    return found


def _at_most(process: int, name: str, value: int) -> None:
    """Read /proc/PID/limits: prlimit(2) on another user's process needs a capability that containers drop."""
    with open(f"/proc/{process}/limits") as file:  # noqa: PTH123 (see confine)
        line = next(line for line in file if line.startswith(name))
    held = line.removeprefix(name).split()[:2]
    if not all(number.isdigit() and int(number) <= value for number in held):
        raise NotApplied(f"{name.lower().removeprefix('max ')}: {held[0]} instead of {value}")


def tree(process: int) -> tuple[int, ...]:
    """A process and everything below it, as of now."""
    return tuple(_descend(process))


def _descend(process: int) -> Iterator[int]:
    yield process
    try:
        with open(f"/proc/{process}/task/{process}/children") as file:  # noqa: PTH123 (see confine)
            children = file.read().split()
    except OSError:
        return
    for child in children:
        yield from _descend(int(child))


def asleep(process: int) -> bool:
    """True when a process and everything below it wait for something else than the processor."""
    return all(_status(member)["State"].split()[0] == "S" for member in tree(process))


def files(child: int, rooms: Iterable[str]) -> int:
    """Files in the writable folders of a sandbox, as their file systems count them; 0 when it has gone."""
    try:
        rooms_of = [os.statvfs(f"/proc/{child}/root{path}") for path in rooms]
    except OSError:
        return 0
    return sum(room.f_files - room.f_ffree for room in rooms_of)


def _status(process: int) -> dict[str, str]:
    with open(f"/proc/{process}/status") as file:  # noqa: PTH123 (see confine)
        return dict(line.split(":", 1) for line in file.read().splitlines() if ":" in line)
