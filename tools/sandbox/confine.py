"""Builds the bubblewrap command line of one run, which decides what the process can see.  Standard library only."""

import os
from collections.abc import Mapping, Sequence

from tools.sandbox import mounts
from tools.sandbox.spec import Spec

FILES = {
    "/etc/passwd": "root:x:0:0:root:/:/bin/false\nservice:x:{uid}:{gid}:service:/tmp:/bin/false\n",
    "/etc/group": "root:x:0:\nservice:x:{gid}:\n",
    "/etc/hosts": "127.0.0.1 localhost\n",
    "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
}
"""Files that the sandbox gets instead of the host's."""

COPIED = ("/etc/ld.so.cache", "/etc/mime.types", "/etc/localtime")
"""Files of the host that it gets as copies, where they exist: the host's own could be locked, which others can see."""

CLOSED = ("/dev/zero", "/proc/keys")
"""Files that nobody can open, where they exist: memory shared through the one is in nobody's sum, the other names our keys."""

TERMINALS = "/dev/pts"
"""An empty folder: the kernel counts terminals for the whole machine."""

ARCHIVE = 9
"""Descriptor of the archive in the sandbox: one digit, because that is all that a POSIX shell can redirect."""

RUNNER = 8
"""Descriptor of a program of ours in the sandbox.  It has no path there that a mount or a file could take."""

DEVICES = frozenset({"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty", "/dev/pts"})
"""Paths that bubblewrap mounts by itself below ``/dev``."""

HOST = "/.suture"
"""Path of the host's system in the root of an image, for our own programs: an image need not have a shell."""

_OWN = frozenset({"proc", "dev", "sys", "run", "tmp", "tree", ".suture"})
"""Names at the top of an image that are never shown: the sandbox has its own, or nothing there."""

_UNPACK = f'tar -xf - --no-same-owner <&{ARCHIVE} || exit 125; exec {ARCHIVE}<&-; exec "$@"'

_UNPACK_HOST = (
    f'loader=$1 libraries=$2; shift 2; "$loader" --library-path "$libraries" {HOST}/bin/tar -xf - --no-same-owner <&{ARCHIVE} '
    f'|| exit 125; exec {ARCHIVE}<&-; exec "$@"'
)

_DEFAULTS = {"PATH": "/usr/bin:/bin", "HOME": "/tmp", "TMPDIR": "/tmp", "LANG": "C.UTF-8"}  # noqa: S108 (in the sandbox)

_LINKS = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")


def settings(spec: Spec) -> bytes:
    """The variables, as bubblewrap reads them from a descriptor: its command line is open to every user of the host.

    Raises ValueError for one that would be read as something else.
    """
    words = [word for name, value in {**_DEFAULTS, **spec.environment}.items() for word in ("--setenv", name, value)]
    if any("\0" in word for word in words):
        raise ValueError("a variable of the environment holds a null character")
    return "".join(f"{word}\0" for word in words).encode("utf-8", "surrogateescape")


def folders(spec: Spec) -> tuple[str, ...]:
    """Folders of the host that the sandbox sees: the system's programs and libraries, and the mounts or the image."""
    if spec.root:
        return (mounts.SYSTEM, spec.root)
    # os.path, because pathlib would cost the keeper a third of its start
    system = [path for path in _LINKS if os.path.isdir(path) and not os.path.islink(path)]  # noqa: PTH112, PTH114
    system += [path for path in ("/etc/alternatives",) if os.path.isdir(path)]  # noqa: PTH112
    return (mounts.SYSTEM, *system, *(path for path in spec.mounts if path != mounts.SYSTEM))


def overlays(spec: Spec) -> tuple[str, ...]:
    """Paths in the sandbox at which folders of the host are seen; the working directory may hide one of an image."""
    if not spec.root:
        return folders(spec)
    return (HOST, *(path for name in _top(spec, links=False) if (path := f"/{name}") != spec.place))


def hosted(command: Sequence[str]) -> list[str]:
    """A program of the host's ``/usr`` as it is started in the root of an image: by its own loader and libraries."""
    loader, libraries = _loader()
    return [loader, "--library-path", libraries, command[0].replace(mounts.SYSTEM, HOST, 1), *command[1:]]


def _loader() -> tuple[str, str]:
    """(the host's dynamic loader, its libraries), as paths in the root of an image.  Raises ValueError."""
    for name in ("/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1"):
        real = os.path.realpath(name)
        if os.path.isfile(real) and real.startswith(f"{mounts.SYSTEM}/"):  # noqa: PTH113 (as above)
            inside = real.replace(mounts.SYSTEM, HOST, 1)
            return inside, f"{os.path.dirname(inside)}:{HOST}/lib64:{HOST}/lib"  # noqa: PTH120 (as above)
    raise ValueError("an image cannot be run here: the system's loader of glibc is not found")


def _top(spec: Spec, *, links: bool) -> list[str]:
    """Names of the links, or of the folders, at the top of an image."""
    names = sorted(set(os.listdir(spec.root)) - _OWN)  # noqa: PTH208 (as above)
    paths = {name: f"{spec.root}/{name}" for name in names}
    return [
        name
        for name, path in paths.items()
        if os.path.islink(path) == links and (links or os.path.isdir(path))  # noqa: PTH112, PTH114 (as above)
    ]


def program(spec: Spec, shown: Mapping[str, str]) -> str:
    """Bubblewrap where it is shown, if it is the system's: the sandbox's first process shows its own program as it is."""
    inside = spec.program.startswith(f"{mounts.SYSTEM}/")
    return shown[mounts.SYSTEM] + spec.program.removeprefix(mounts.SYSTEM) if inside else spec.program


def argv(
    spec: Spec,
    *,
    shown: Mapping[str, str],
    data: Mapping[str, int],
    settings_fd: int,
    filter_fd: int,
    info_fd: int,
    block_fd: int,
) -> list[str]:
    """The whole bubblewrap command line.

    `shown` maps folders to where :mod:`tools.sandbox.stage` shows them, `data` paths of files to descriptors with their content.
    """
    line = [spec.program, "--unshare-all", "--unshare-user", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    line += ["--hostname", "localhost", "--clearenv", "--seccomp", str(filter_fd)]
    line += ["--info-fd", str(info_fd), "--block-fd", str(block_fd)]
    line += _image(spec, shown) if spec.root else _system(shown)
    line += ["--proc", "/proc", "--dev", "/dev", "--size", "4096", "--tmpfs", TERMINALS]
    for path, descriptor in data.items():
        # A file is put over one that the image has; its folders cannot be written.
        if spec.root and path.startswith("/etc/") and not os.path.isfile(spec.root + path):  # noqa: PTH113 (as above)
            continue
        line += ["--perms", "0000" if path in CLOSED else "0444", "--ro-bind-data", str(descriptor), path]
    for path, size in spec.rooms.items():
        line += ["--size", str(size), "--tmpfs", path]
    for path, place in shown.items():
        if path != mounts.SYSTEM and not spec.root:
            line += ["--ro-bind", place, path]
    for path in (*(() if spec.root else ("/usr/local",)), TERMINALS, "/dev", "/"):
        line += ["--remount-ro", path] if os.path.isdir(path) else []  # noqa: PTH112 (as above)
    line += ["--chdir", spec.place, "--args", str(settings_fd), "--"]
    if spec.root:
        shell = hosted((os.path.realpath("/bin/sh"), "-c", _UNPACK_HOST, "sh"))
        return [*line, *shell, *_loader(), *spec.argv]
    return [*line, "/bin/sh", "-c", _UNPACK, "sh", *spec.argv]


def _system(shown: Mapping[str, str]) -> list[str]:
    line = ["--ro-bind", shown[mounts.SYSTEM], mounts.SYSTEM]
    if os.path.isdir("/usr/local"):  # noqa: PTH112 (as above)
        line += ["--tmpfs", "/usr/local"]
    for path in _LINKS:
        if os.path.islink(path):  # noqa: PTH114 (as above)
            line += ["--symlink", os.readlink(path), path]  # noqa: PTH115 (as above)
    return line


def _image(spec: Spec, shown: Mapping[str, str]) -> list[str]:
    """The folders and links at the top of an image, and the host's system for our own programs."""
    line = ["--ro-bind", shown[mounts.SYSTEM], HOST]
    for name in _top(spec, links=False):
        line += ["--ro-bind", f"{shown[spec.root]}/{name}", f"/{name}"]
    for name in _top(spec, links=True):
        line += ["--symlink", os.readlink(f"{spec.root}/{name}"), f"/{name}"]  # noqa: PTH115 (as above)
    return line


def points(spec: Spec) -> frozenset[str]:
    """All mount points that the sandbox of this run may have."""
    none = {"settings_fd": 0, "filter_fd": 0, "info_fd": 0, "block_fd": 0}
    line = argv(spec, shown=dict.fromkeys(folders(spec), ""), data=dict.fromkeys((*FILES, *COPIED, *CLOSED), 0), **none)
    line = line[: line.index("--")]
    after = {"--ro-bind": 2, "--ro-bind-data": 2, "--tmpfs": 1, "--proc": 1, "--dev": 1}
    return frozenset(line[place + after[word]] for place, word in enumerate(line) if word in after) | DEVICES | {"/"}
