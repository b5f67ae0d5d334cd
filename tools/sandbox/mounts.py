"""Checks which folders of the host a run may see.  Standard library only: the keeper asks with its rights still whole.

The rules list what is allowed: a mount is an interpreter's prefix or a folder of Python modules, on a file
system that is a disk or memory of this machine; its path is written plainly and has no link on the way; it and all above
it belong to trusted users, and nobody else can change them; everybody may read it; and it neither is, holds nor lies in
anything private.  It is found one name at a time and stays open, so that what was checked is what
:mod:`tools.sandbox.stage` shows.
"""

import grp
import os
import pwd
import stat
from collections.abc import Iterable

from tools.sandbox.spec import Spec

SYSTEM = "/usr"
"""A system interpreter's prefix: it is in every sandbox, without its local part."""

_PROGRAMS, _MODULES = ("python", "pypy"), (".py", ".dist-info")

_KINDS = frozenset(
    {"bcachefs", "btrfs", "erofs", "ext2", "ext3", "ext4", "f2fs", "overlay", "ramfs", "squashfs", "tmpfs", "xfs", "zfs"}
)  # fmt: skip
"""File systems that ask nobody else: with FUSE or NFS a name that is looked up is a message to somebody's server."""

_FIND = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class NotAllowed(Exception):
    """A folder may not be mounted, with the reason."""


def opened_root(path: str, spec: Spec) -> int:
    """A descriptor (``O_PATH``) of an unpacked image, of which the rules for the way to it hold.  Raises NotAllowed."""
    return _opened(path, spec, whole=True)


def opened(path: str, spec: Spec) -> int:
    """A descriptor (``O_PATH``) of a folder that may be mounted.  Raises NotAllowed."""
    return _opened(path, spec, whole=False)


def _opened(path: str, spec: Spec, *, whole: bool) -> int:
    names = path.split("/")
    if names[0] or len(names) < 2 or {"", ".", ".."} & set(names[1:]) or not path.isprintable():
        raise _too_much(path, "the path is not absolute and normalised")
    kinds, at_home = _kinds(), False
    here = os.open("/", _FIND)
    try:
        for place in range(1, len(names)):
            way = "/".join(names[: place + 1])
            here = _next(here, path, way)
            found = os.fstat(here)
            _check_trusted(found, path, way, spec)
            _check_kind(kinds, here, path, way)
            at_home = at_home or (found.st_dev, found.st_ino) in spec.homes
        if not whole:
            _check_shown(here, path, at_home=at_home)
    except NotAllowed:
        os.close(here)
        raise
    return here


def closed(descriptor: int, path: str) -> str:
    """The first thing below a folder that not everybody may read; empty when there is none.  Raises OSError.

    The sandbox of an ordinary user has that user's own number, so nothing else keeps it from what is ours.
    """
    root = f"/proc/self/fd/{descriptor}"
    waiting = [root]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                mode = entry.stat(follow_symlinks=False).st_mode
                if stat.S_ISLNK(mode):
                    continue
                if not _open_to_all(mode):
                    return path + entry.path.removeprefix(root)
                if stat.S_ISDIR(mode):
                    waiting.append(entry.path)
    return ""


def only_of(users: Iterable[int], group: int) -> bool:
    """True when nobody else is in a group.

    Most systems give each user a group of his own, which may write what he may.
    """
    try:
        members = {pwd.getpwnam(name).pw_uid for name in grp.getgrgid(group).gr_mem}
    except KeyError:
        return False
    return members | {user.pw_uid for user in pwd.getpwall() if user.pw_gid == group} <= set(users)


def _next(here: int, path: str, way: str) -> int:
    """The folder that is called so in this one, which is closed; NotAllowed when it is none, or a link."""
    try:
        found = os.open(way.rpartition("/")[2], _FIND, dir_fd=here)
    except OSError as error:
        if os.path.islink(way):  # noqa: PTH114 (see confine)
            raise _too_much(path, f"{way} is a link, perhaps to somewhere else") from error
        raise NotAllowed(f"{path} is to be mounted into the sandbox and {way} is no folder here") from error
    os.close(here)
    return found


def _check_trusted(found: os.stat_result, path: str, way: str, spec: Spec) -> None:
    """Check the owner and mode of a folder on the way, or of the mount itself.  Raises NotAllowed."""
    identity = found.st_dev, found.st_ino
    if identity in spec.private:
        raise _too_much(path, f"{way} is private")
    if way == path and identity in spec.above:
        raise _too_much(path, "it is, or holds, a home or something private")
    if found.st_uid not in spec.owners:
        raise _too_much(path, f"{way} belongs to user {found.st_uid}, who is neither root nor trusted here")
    # In a sticky folder nobody can move away what belongs to somebody else.
    sticky = way != path and found.st_mode & stat.S_ISVTX
    if not sticky and (
        found.st_mode & stat.S_IWOTH or (found.st_mode & stat.S_IWGRP and not only_of(spec.owners, found.st_gid))
    ):
        raise _too_much(path, f"others can change {way}")
    if not found.st_mode & stat.S_IXOTH:
        raise _unreadable(path, way)


def _check_kind(kinds: dict[str, str], here: int, path: str, way: str) -> None:
    """Check the kind of file system that a folder is on (proc_pid_fdinfo(5), proc_pid_mountinfo(5))."""
    with open(f"/proc/self/fdinfo/{here}") as file:  # noqa: PTH123 (see confine)
        mount = next(line.split()[1] for line in file if line.startswith("mnt_id:"))
    if (kind := kinds.get(mount, "unknown")) not in _KINDS:
        raise _too_much(path, f"{way} is on a file system of kind {kind}, which is no disk of this machine")


def _kinds() -> dict[str, str]:
    with open("/proc/self/mountinfo", "rb") as file:  # noqa: PTH123 (see confine)
        lines = [line.split() for line in file]
    return {line[0].decode(): line[line.index(b"-") + 1].decode() for line in lines}


def _check_shown(here: int, path: str, *, at_home: bool) -> None:
    """Check the folder to be mounted.  In a home there are modules among everything else."""
    if not _open_to_all(os.fstat(here).st_mode):
        raise _unreadable(path, path)
    if any(name.startswith(_PROGRAMS) for name in _names(here, "bin")):
        return
    if at_home or not any(name.endswith(_MODULES) for name in _names(here, ".")):
        raise _too_much(path, "it holds neither an interpreter, in its bin, nor, outside of homes, Python modules")


def _names(here: int, folder: str) -> list[str]:
    try:
        found = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=here)
    except OSError:
        return []
    try:
        return os.listdir(found)  # noqa: PTH208 (a descriptor)
    finally:
        os.close(found)


def _open_to_all(mode: int) -> bool:
    needed = stat.S_IROTH | (stat.S_IXOTH if stat.S_ISDIR(mode) else 0)
    return mode & needed == needed


def _too_much(path: str, why: str) -> NotAllowed:
    return NotAllowed(
        f"{path} shows too much to be mounted into the sandbox ({why}); name the interpreter's own folders"
    )


def _unreadable(path: str, way: str) -> NotAllowed:
    return NotAllowed(
        f"{path} is not readable by the sandbox's unprivileged user ({way} is closed); put it where others can read it"
    )
