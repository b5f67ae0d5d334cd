"""The specification that the adapter sends to its keeper, and the report that comes back.  Standard library only."""

import json
from dataclasses import dataclass, field

OPEN_FILES = 256
"""Open files of one process in the sandbox."""

SIGNALS = 1024
"""Signals that may wait for the processes in the sandbox, and timers that they may have."""

FILES = 32_768
"""Files that the writable folders may hold together: an empty one takes no disk, but about a kilobyte of the kernel's memory."""

OVERHEAD = 2
"""Processes of bubblewrap itself (its monitor and the first process of the namespace)."""

Folder = tuple[int, int]
"""A folder by its device and inode, which no way of writing its path hides."""


@dataclass(frozen=True)
class Spec:
    """Specification of one run.  `archive` and `stdin` are inherited descriptors; so is `runner`."""

    argv: tuple[str, ...]
    mounts: tuple[str, ...]
    environment: dict[str, str]
    archive: int
    stdin: int
    seconds: float
    memory: int
    processes: int
    disk: int
    output: int
    program: str
    """Absolute path of bubblewrap."""
    runner: int = -1
    """Inherited descriptor of a program of ours; none below zero."""
    place: str = "/tree"
    """The working directory, where the archive is unpacked."""
    root: str = ""
    """Root file system of an image, unpacked; empty: the system's own folders are shown."""
    groups: bool = True
    """True when control groups may be used; without them the limits are the user's rlimits and a watch."""
    owners: tuple[int, ...] = (0,)
    """Users to whom a mount, and every folder above it, may belong."""
    private: tuple[Folder, ...] = ()
    """Folders that no mount is, and that none lies in."""
    above: tuple[Folder, ...] = ()
    """Folders that hold private ones: no mount is one."""
    homes: tuple[Folder, ...] = ()
    """Folders in which only an interpreter's prefix is mounted."""

    @property
    def rooms(self) -> dict[str, int]:
        """Bytes of each writable folder; together they are the disk limit."""
        page = 4096
        part = self.disk // 8 // page * page
        # The working directory comes last: it may lie below /tmp.
        return {"/tmp": part, "/dev/shm": part, self.place: (self.disk - 2 * part) // page * page}  # noqa: S108 (in the sandbox)


def dumped(spec: Spec) -> bytes:
    """A spec as text for the keeper."""
    return json.dumps(vars(spec)).encode()


def loaded(text: bytes) -> Spec:
    """The spec that was dumped."""
    fields = json.loads(text)
    for name in ("argv", "mounts", "owners"):
        fields[name] = tuple(fields[name])
    for name in ("private", "above", "homes"):
        fields[name] = tuple(map(tuple, fields[name]))
    return Spec(**fields)


@dataclass
class Seen:
    """Result of a run, as the keeper saw it."""

    exit_code: int | None = None
    stopped_by: str | None = None
    refused: str = ""
    """Reason that nothing was run; empty when it was."""
    lasting: bool = False
    """True when asking again would be refused again."""
    seconds: float = 0.0
    enforced: str = ""
    """The way memory and processes were limited."""
    kept: dict[str, bytes] = field(default_factory=lambda: {"stdout": b"", "stderr": b""})
