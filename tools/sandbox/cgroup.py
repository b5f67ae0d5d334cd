"""Control groups, version 1 and 2: makes one group for each job, checks its limits, kills and removes it.

Standard library only: the keeper imports this.
Sources: kernel Documentation/admin-guide/cgroup-v1/{memory,pids}.rst and cgroup-v2.rst.
"""

import os
import signal
import time
from collections.abc import Mapping
from pathlib import Path

PREFIX = "suture-"
"""Groups are named ``suture-PID-STARTTIME`` after their keeper, so that a later start can sweep dead ones."""


class Refused(Exception):
    """A group could not be made or a value did not stick."""


class Group:
    """One job's group: one folder per controller with version 1, a single one with version 2."""

    def __init__(self, version: int, folders: Mapping[str, Path]) -> None:
        self.version, self.folders = version, folders

    def limit(self, *, memory: int, processes: int) -> None:
        """Write the limits and read them back.  Raises Refused when one does not stick."""
        if self.version == 2:
            _write(self.folders["memory"] / "memory.max", memory)
            # With swap a process could take more than its limit, out of the machine's.
            _optional(self.folders["memory"] / "memory.swap.max", 0)
            _optional(self.folders["memory"] / "memory.oom.group", 1)
        else:
            _write(self.folders["memory"] / "memory.limit_in_bytes", memory)
            _optional(self.folders["memory"] / "memory.memsw.limit_in_bytes", memory)
        _write(self.folders["pids"] / "pids.max", processes)

    def join(self) -> None:
        """Move the calling process in."""
        for folder in set(self.folders.values()):
            (folder / "cgroup.procs").write_text("0")

    def members(self) -> frozenset[int]:
        """Processes that are in every folder of the group."""
        found = [_members(folder) for folder in set(self.folders.values())]
        # A process in one of two folders only escapes the other controller's limit.
        return frozenset.intersection(*found)

    def killed_for_memory(self) -> bool:
        """True when the kernel killed a member because the group's memory was used up."""
        name = "memory.events" if self.version == 2 else "memory.oom_control"
        try:
            text = (self.folders["memory"] / name).read_text()
        except OSError:
            return False
        counts = dict(line.split() for line in text.splitlines())
        return counts.get("oom_kill", "0") != "0"

    def end(self) -> bool:
        """Kill every member until none is left, then remove the folders.  False when something stayed."""
        ended = [_end(folder) for folder in sorted(set(self.folders.values()))]
        return all(ended)


def make(keeper: int, born: int, mounts: str, own: str) -> Group:
    """Make a group below our own.  `mounts` and `own` are /proc/self/mountinfo and /proc/self/cgroup.

    Raises Refused, with the reason, when memory and pids cannot both be controlled here.
    """
    name = f"{PREFIX}{keeper}-{born}"
    tried: list[str] = []
    for version, parents in _candidates(mounts, own):
        # Before making one more: groups of killed keepers would add up.
        for folder in parents.values():
            _sweep(folder)
        folders = {controller: folder / name for controller, folder in parents.items()}
        try:
            for folder in set(folders.values()):
                folder.mkdir(exist_ok=True)
            if version == 2 and not (folders["memory"] / "memory.max").exists():
                raise Refused(f"{parents['memory']} does not delegate memory")
            if not (folders["pids"] / "pids.max").exists():
                raise Refused(f"{parents['pids']} does not delegate pids")
        except (OSError, Refused) as error:
            tried.append(str(error))
            for folder in set(folders.values()):
                _remove(folder)
            continue
        return Group(version, folders)
    raise Refused("; ".join(tried) or "no memory and pids controllers are mounted")


def _candidates(mounts: str, own: str) -> list[tuple[int, dict[str, Path]]]:
    """Parents to try, best first: version 1 when it has both controllers, else version 2 from our group upwards."""
    paths = {part: line.split(":", 2)[2] for line in own.splitlines() for part in line.split(":", 2)[1].split(",")}
    found: list[tuple[int, dict[str, Path]]] = []
    old: dict[str, Path] = {}
    for line in mounts.splitlines():
        fields = line.split()
        kind = fields[fields.index("-") + 1]
        root, point = fields[3], Path(fields[4])
        if kind == "cgroup":
            for controller in {"memory", "pids"} & set(fields[-1].split(",")):
                old[controller] = _below(point, root, paths.get(controller, "/"))
        elif kind == "cgroup2":
            group = _below(point, root, paths.get("", "/"))
            # Our own group often may hold processes or subgroups only (the "no internal processes" rule),
            # so parents are tried too.
            levels = [group, *group.parents]
            reachable = [level for level in levels if level == point or point in level.parents]
            found += [(2, {"memory": level, "pids": level}) for level in reachable]
    if set(old) == {"memory", "pids"}:
        found.insert(0, (1, old))
    return found


def _below(point: Path, root: str, path: str) -> Path:
    inside = path if root == "/" or not path.startswith(root) else path[len(root) :]
    return point / inside.lstrip("/")


def _sweep(parent: Path) -> None:
    """End groups whose keeper is gone: a killed keeper cannot remove its own."""
    for folder in parent.glob(f"{PREFIX}*"):
        keeper, _, born = folder.name.removeprefix(PREFIX).partition("-")
        if keeper.isdigit() and started(int(keeper)) != born:
            _end(folder)


def started(process: int) -> str:
    """The start time of a process in clock ticks since boot, or an empty string when it is gone.

    A zombie is gone: where nobody reaps orphans it stays for ever.
    """
    try:
        text = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return ""
    # A command's name may hold spaces and brackets, so the fields are counted from its last bracket.
    fields = text.rpartition(")")[2].split()
    return "" if fields[0] in ("Z", "X") else fields[19]


def _members(folder: Path) -> frozenset[int]:
    return frozenset(int(line) for line in (folder / "cgroup.procs").read_text().split())


def _end(folder: Path) -> bool:
    # A member may fork between the look and the kill, so look again until none is left.
    for _ in range(200):
        try:
            members = _members(folder)
        except OSError:
            return not folder.exists()
        if not members and _remove(folder):
            return True
        for process in members:
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                continue
        time.sleep(0.005)
    return False


def _remove(folder: Path) -> bool:
    try:
        folder.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def _write(file: Path, value: int) -> None:
    try:
        file.write_text(str(value))
        # The kernel may round a value or keep another; what counts is what it kept.
        kept = file.read_text().strip()
    except OSError as error:
        raise Refused(f"{file} cannot be written: {error.strerror}") from error
    if not kept.isdigit() or not 0 < int(kept) <= value:
        raise Refused(f"{file} holds {kept} instead of {value}")


def _optional(file: Path, value: int) -> None:
    """Write a value whose file exists only with some kernels; the main limits do not depend on it."""
    try:
        file.write_text(str(value))
    except OSError:
        return
