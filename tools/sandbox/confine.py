"""The bubblewrap command line of one run: what the sandboxed process can see.  Standard library only."""

import os

from tools.sandbox.spec import Spec

FILES = {
    "/etc/passwd": "root:x:0:0:root:/:/bin/false\nservice:x:{uid}:{gid}:service:/tmp:/bin/false\n",
    "/etc/group": "root:x:0:\nservice:x:{gid}:\n",
    "/etc/hosts": "127.0.0.1 localhost\n",
    "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
}
"""Files that the sandbox gets instead of the host's."""

_FROM_HOST = ("/etc/ld.so.cache", "/etc/alternatives", "/etc/mime.types", "/etc/localtime")

ARCHIVE = 9
"""Descriptor of the archive in the sandbox: one digit, because that is all that a POSIX shell can redirect."""

RUNNER = 8
"""Descriptor of a program of ours in the sandbox.  It has no path there that a mount or a file could take."""

_UNPACK = f'tar -xf - --no-same-owner <&{ARCHIVE} || exit 125; exec {ARCHIVE}<&-; exec "$@"'

_DEFAULTS = {"PATH": "/usr/bin:/bin", "HOME": "/tmp", "TMPDIR": "/tmp", "LANG": "C.UTF-8"}  # noqa: S108 (in the sandbox)


def settings(spec: Spec) -> bytes:
    """The variables, as bubblewrap reads them from a descriptor: its command line is open to every user of the host.

    Raises ValueError for one that would be read as something else.
    """
    words = [word for name, value in {**_DEFAULTS, **spec.environment}.items() for word in ("--setenv", name, value)]
    if any("\0" in word for word in words):
        raise ValueError("a variable of the environment holds a null character")
    return "".join(f"{word}\0" for word in words).encode("utf-8", "surrogateescape")


def argv(
    spec: Spec, *, data: dict[str, int], settings_fd: int, filter_fd: int, info_fd: int, block_fd: int
) -> list[str]:
    """The whole command line.  `data` maps paths of FILES to descriptors with their content."""
    line = [spec.program, "--unshare-all", "--unshare-user", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    line += ["--hostname", "localhost", "--clearenv", "--seccomp", str(filter_fd)]
    line += ["--info-fd", str(info_fd), "--block-fd", str(block_fd)]
    line += [*_system(), "--proc", "/proc", "--dev", "/dev"]
    for path, descriptor in data.items():
        line += ["--ro-bind-data", str(descriptor), path]
    for path, size in spec.rooms.items():
        line += ["--size", str(size), "--tmpfs", path]
    for path in spec.mounts:
        if path.rstrip("/") != "/usr":  # a system interpreter's prefix is there already, without its local part
            line += ["--ro-bind", path, path]
    for path in ("/usr/local", "/dev", "/"):
        line += ["--remount-ro", path] if os.path.isdir(path) else []  # noqa: PTH112 (as below)
    line += ["--chdir", spec.place, "--args", str(settings_fd)]
    return [*line, "--", "/bin/sh", "-c", _UNPACK, "sh", *spec.argv]


def _system() -> list[str]:
    """The system's programs and libraries, without what was installed locally."""
    line = ["--ro-bind", "/usr", "/usr"]
    if os.path.isdir("/usr/local"):  # noqa: PTH112 (pathlib would cost the keeper a third of its start)
        line += ["--tmpfs", "/usr/local"]
    for path in ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"):
        if os.path.islink(path):  # noqa: PTH114 (as above)
            line += ["--symlink", os.readlink(path), path]  # noqa: PTH115 (as above)
        else:
            line += ["--ro-bind-try", path, path]
    for path in _FROM_HOST:
        line += ["--ro-bind-try", path, path]
    return line
