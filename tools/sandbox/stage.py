"""Mount namespace of one run, in which each folder of the host is seen through an overlay.  Standard library only.

A bind mount shows a folder's pipes, sockets and locks as well as its files, and what is mounted below it; read-only keeps
nobody from using them.  An overlay without an upper layer (kernel Documentation/filesystems/overlayfs.rst) has inodes of
its own: the files are there, a pipe or a lock on it is the run's own and ends with it, a socket is connected to nobody.
The kernel refuses one over a folder below which something else is mounted.  Unprivileged users may make one since Linux 5.11.
"""

import ctypes
import os

FOLDER = "/tmp"  # noqa: S108 (covered by a file system of our own; bubblewrap relies on it as well)
"""Folder of the overlays, for bubblewrap to bind."""

_NEW_MOUNTS, _NEW_USER = 0x00020000, 0x10000000
_READ_ONLY, _NO_SUID, _NO_DEVICES, _RECURSIVE, _PRIVATE = 0x1, 0x2, 0x4, 0x4000, 0x40000
_DUMPABLE = 4

_FIND = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC

_EMPTY = f"{FOLDER}/empty"
"""The second layer that an overlay without an upper one must have."""

_PLAIN = "redirect_dir=nofollow,metacopy=off,index=off,xino=off"
"""Options that ignore marks in a folder's extended attributes: its owner wrote them."""


class NotShown(Exception):
    """A folder could not be shown through an overlay, with the reason."""


def enter(user: int, group: int) -> None:
    """Give the calling process user and mount namespaces of its own, in which it has the same numbers.  Raises OSError."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_DUMPABLE, 1, 0, 0, 0)  # who was root before does not own its own /proc files otherwise
    _done(libc.unshare(_NEW_USER | _NEW_MOUNTS), "a user namespace")
    # Linux takes a gid_map of an unprivileged user only after setgroups was denied (user_namespaces(7)).
    for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        with open(f"/proc/self/{name}", "w") as file:  # noqa: PTH123 (see confine)
            file.write(text)
    # Private first: a shared mount would show the overlays on the host.
    _mount(libc, "none", "/", None, _RECURSIVE | _PRIVATE, "")
    _mount(libc, "tmpfs", FOLDER, "tmpfs", _NO_SUID | _NO_DEVICES, "size=64k,mode=0700")
    os.mkdir(_EMPTY)  # noqa: PTH102 (see confine)


def show(folders: dict[str, os.stat_result | None]) -> dict[str, str]:
    """Make an overlay of each folder, and say where.  Raises NotShown, also for one that is not what was found before."""
    libc = ctypes.CDLL(None, use_errno=True)
    shown: dict[str, str] = {}
    for number, (path, before) in enumerate(folders.items()):
        shown[path] = f"{FOLDER}/{number}"
        os.mkdir(shown[path])  # noqa: PTH102 (see confine)
        try:
            layer = os.open(path, _FIND)  # in this namespace: the kernel takes no layer of another
            if before is not None and not os.path.samestat(before, os.fstat(layer)):
                raise NotShown(f"{path} was exchanged while the sandbox was set up")
            options = f"lowerdir=/proc/self/fd/{layer}:{_EMPTY},{_PLAIN}"
            _mount(libc, "overlay", shown[path], "overlay", _READ_ONLY | _NO_SUID | _NO_DEVICES, options)
        except OSError as error:
            raise NotShown(
                f"{path} cannot be shown through an overlay: {error.strerror} "
                "(something is mounted below it, or this kernel or file system cannot)"
            ) from error
        os.close(layer)
    return shown


def _mount(libc: ctypes.CDLL, source: str, target: str, kind: str | None, flags: int, options: str) -> None:
    words = (source.encode(), target.encode(), kind and kind.encode())
    _done(libc.mount(*words, ctypes.c_ulong(flags), options.encode()), target)


def _done(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
