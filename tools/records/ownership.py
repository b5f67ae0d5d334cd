"""Finds out who else could read a folder, write into it, or put another one in its place."""

import functools
import grp
import os
import pwd
import stat
from collections.abc import Iterator
from pathlib import Path

_TEMPORARY = ("/tmp", "/var/tmp", "/dev/shm")  # noqa: S108 (named to be refused)
SHARED = frozenset(
    map(
        Path,
        (*_TEMPORARY, "/", "/run", "/var", "/home", "/root", "/usr", "/etc", "/opt", "/srv", "/mnt", "/media"),
    )
)
"""Folders of the system, whatever their mode is just now."""


def shared(folder: Path) -> bool:
    """True when others put their things into a folder, or may."""
    mode = folder.stat().st_mode
    return bool(mode & (stat.S_IWOTH | stat.S_ISVTX)) or Path(os.path.realpath(folder)) in SHARED


def intruder(folder: Path) -> str:
    """Somebody who could put another folder in the place of this one, in words; empty when nobody can.

    Whoever may write into one of the folders above it may rename what lies there, unless the sticky bit is set; so may
    their owners.
    """
    for above in _above(folder):
        found = above.lstat()
        if found.st_uid not in (0, os.geteuid()) and not _unmapped(found.st_uid):
            return f"{_name(found.st_uid)}, who owns {above}"
        if stat.S_ISLNK(found.st_mode) or found.st_mode & stat.S_ISVTX:
            continue
        if found.st_mode & stat.S_IWOTH:
            return f"everybody, who may write into {above}"
        if found.st_mode & stat.S_IWGRP and not _own_group(found.st_gid):
            return f"the group {_group(found.st_gid)}, which may write into {above}"
    return ""


def user() -> str:
    """Our name, for the name of a folder."""
    return _name(os.geteuid())


def _above(folder: Path) -> Iterator[Path]:
    """Every folder and link on the way, from the root down."""
    yield from reversed(folder.parents)
    real = Path(os.path.realpath(folder.parent))
    if real != folder.parent:
        yield from (*reversed(real.parents), real)


def _own_group(gid: int) -> bool:
    """True for a group of one: many systems give each user a group of the same name, and let it write."""
    try:
        found = grp.getgrgid(gid)
        own = pwd.getpwuid(os.geteuid())
    except KeyError:
        return False
    return gid == 0 or (gid == own.pw_gid and found.gr_name == own.pw_name and set(found.gr_mem) <= {own.pw_name})


@functools.cache
def _unmapped(uid: int) -> bool:
    """True when the number stands for somebody outside of our user namespace, to whom the whole machine may belong."""
    try:
        overflow = int(Path("/proc/sys/kernel/overflowuid").read_text(encoding="ascii"))
        ranges = [line.split() for line in Path("/proc/self/uid_map").read_text(encoding="ascii").splitlines()]
    except (OSError, ValueError):
        return False
    mapped = any(int(first) <= uid < int(first) + int(count) for first, _, count in ranges)
    return uid == overflow and not mapped


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def _group(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return f"{gid}"
