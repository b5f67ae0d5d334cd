"""Packs a source tree and extra files as a tar archive in memory, and a Python program as a zip archive.

The archive travels into the sandbox as an inherited descriptor, so nothing is ever copied to a disk and
nothing is left behind when somebody is killed.
"""

import io
import stat
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from incident.errors import Refused, Unavailable

_SKIPPED = frozenset({".git", "__pycache__", ".venv", "node_modules"})


def pack(tree: Path, files: Mapping[str, str], room: int) -> bytes:
    """Pack the regular files and links below `tree`, then `files` over them, into at most `room` bytes.

    Version control, caches and environments stay out.  Raises Refused when it does not fit or when a path of
    `files` leaves the work folder, and Unavailable when the tree is no folder: somebody may have swept it.
    """
    if not tree.is_dir():
        raise Unavailable(f"{tree} is to be the sandbox's work folder and is no folder here")
    written = {_inside(path): text.encode() for path, text in files.items()}
    size = 0
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for path in _walk(tree):
            name = path.relative_to(tree).as_posix()
            if name in written:
                continue
            if path.is_symlink():
                _add(archive, name, b"", link=str(path.readlink()))
                continue
            _fits(size + path.stat().st_size, room)  # before it is read: it may be larger than our memory
            content = path.read_bytes()
            size += _blocks(content)
            _fits(size, room)
            _add(archive, name, content, executable=bool(path.stat().st_mode & stat.S_IXUSR))
        for name, content in written.items():
            size += _blocks(content)
            _fits(size, room)
            _add(archive, name, content)
    return held.getvalue()


def program(files: Mapping[str, str]) -> bytes:
    """A Python program as the zip archive that an interpreter starts.  Nothing is compressed: it needs no library."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as packed:
        for path, text in sorted(files.items()):
            packed.writestr(zipfile.ZipInfo(path), text)  # no time of day: the same files make the same bytes
    return held.getvalue()


def _walk(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name in _SKIPPED:
            continue
        if path.is_dir() and not path.is_symlink():
            yield from _walk(path)
        elif path.is_file() or path.is_symlink():
            yield path


def _add(archive: tarfile.TarFile, name: str, content: bytes, *, link: str = "", executable: bool = False) -> None:
    member = tarfile.TarInfo(name)
    member.mode = 0o755 if executable else 0o644
    member.mtime = 1_600_000_000  # fixed: the same tree makes the same bytes
    if link:
        member.type, member.linkname = tarfile.SYMTYPE, link
        archive.addfile(member)
        return
    member.size = len(content)
    archive.addfile(member, io.BytesIO(content))


def _blocks(content: bytes) -> int:
    return -(-max(1, len(content)) // 4096) * 4096


def _fits(size: int, room: int) -> None:
    if size > room:
        raise Refused(f"the tree needs more than the {room} bytes that the sandbox's disk limit leaves")


def _inside(path: str) -> str:
    parts = PurePosixPath(path)
    if parts.is_absolute() or ".." in parts.parts or not parts.parts:
        raise Refused(f"{path!r} is no path below the sandbox's work folder")
    return parts.as_posix()
