"""A repository's git folder as files: opened once, read and written by name, never through a link.

Whoever owns a repository can put anything into it, also while we look.  So each folder is opened by the
descriptor of the one above it and each file by its folder's, a link is refused where it is met, and what
is no regular file is not read.  No git program runs on it: what the repository says of itself
(configuration, hooks, attributes, filters, alternates, worktrees, remotes) is never obeyed.
"""

import contextlib
import errno
import itertools
import os
import secrets
import stat
from collections.abc import Collection, Iterator
from pathlib import Path

from incident.errors import Refused, Unavailable
from tools import text
from tools.records import files

_NOTE = 4096
"""Bytes of a file that says one thing."""

_HOPS = 40
"""Links on the way to a repository, as many as the kernel follows."""

_PASSED = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC  # a folder on the way need not be readable
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC  # without waiting for a pipe's other end
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class GitFolder:
    """An open git folder.  Names are relative to it, with slashes, and come from us or were checked."""

    def __init__(self, descriptor: int) -> None:
        self._root = descriptor
        self._owner = os.fstat(descriptor)

    @contextlib.contextmanager
    def file(self, name: str) -> Iterator[int | None]:
        """A descriptor of a regular file; None when nothing has the name, or a folder has.  Raises Refused, Unavailable."""
        with translated(name), contextlib.ExitStack() as stack:
            descriptor = self._opened(name, _FILE, stack)
            if descriptor is not None:
                # Of what was opened, not of the name: its owner may put something else there in between.
                kind = os.fstat(descriptor).st_mode
                if stat.S_ISDIR(kind):
                    descriptor = None
                elif not stat.S_ISREG(kind):
                    raise Refused(f"{name} in the git folder is no regular file")
            yield descriptor

    def read(self, name: str, most: int) -> bytes | None:
        """The content of a regular file; None when there is none.  Raises Refused when it is larger than `most`."""
        with self.file(name) as descriptor:
            if descriptor is None:
                return None
            # Counted while it is read, because the file may grow after its size was looked up.
            parts, left = [], most + 1
            while left and (part := os.read(descriptor, left)):
                parts.append(part)
                left -= len(part)
        if not left:
            raise Refused(f"{name} in the git folder has more than {most} bytes")
        return b"".join(parts)

    def names(self, name: str, most: int) -> tuple[str, ...]:
        """Names in a folder, unsorted; none when it is missing.  Raises Refused for more than `most`."""
        with translated(name), contextlib.ExitStack() as stack:
            descriptor = self._opened(name, _FOLDER, stack)
            if descriptor is None:
                return ()
            found = stack.enter_context(os.scandir(descriptor))
            listed = tuple(entry.name for entry in itertools.islice(found, most + 1))
        if len(listed) > most:
            raise Refused(f"{name} in the git folder holds more than {most} files")
        return listed

    def has(self, name: str) -> bool:
        """True when anything has this name, a link included."""
        with translated(name), contextlib.ExitStack() as stack:
            try:
                above, last = self._above(name, stack)
                os.stat(last, dir_fd=above, follow_symlinks=False)
            except FileNotFoundError:
                return False
        return True

    def put(self, name: str, content: bytes, mode: int) -> None:
        """Put a whole file in place, synced; one of that name is replaced, never written to."""
        with translated(name), contextlib.ExitStack() as stack:
            above, last = self._above(name, stack, make=True)
            temporary = f"tmp_suture_{secrets.token_hex(8)}"
            descriptor = os.open(temporary, _NEW, mode, dir_fd=above)
            stack.callback(os.close, descriptor)
            try:
                # Before the rename: from then on the repository's owner must be able to use the file.
                self._give(descriptor)
                _fill(descriptor, content)
                os.rename(temporary, last, src_dir_fd=above, dst_dir_fd=above)
            except OSError:
                os.unlink(temporary, dir_fd=above)
                raise
            # A rename is on disk only when its folder is synced (fsync(2)).
            os.fsync(above)

    @contextlib.contextmanager
    def locked(self, name: str) -> Iterator["Lock | None"]:
        """Hold ``NAME.lock``, which git's own programs heed; None when somebody else does.

        What is put into the lock takes the name's place.  Raises Refused, Unavailable.
        """
        with translated(name), contextlib.ExitStack() as stack:
            above, last = self._above(name, stack, make=True)
            try:
                descriptor = os.open(f"{last}.lock", _NEW, 0o644, dir_fd=above)
            except FileExistsError:
                yield None
                return
            lock = Lock(descriptor, above, last)
            stack.callback(lock.close)
            self._give(descriptor)
            yield lock

    def _opened(self, name: str, flags: int, stack: contextlib.ExitStack) -> int | None:
        try:
            above, last = self._above(name, stack)
            descriptor = os.open(last, flags, dir_fd=above)
        except FileNotFoundError:
            return None
        stack.callback(os.close, descriptor)
        return descriptor

    def _above(self, name: str, stack: contextlib.ExitStack, *, make: bool = False) -> tuple[int, str]:
        """(a descriptor of the folder that holds the name, its last part).  Raises OSError."""
        *above, last = name.split("/")
        descriptor = self._root
        for part in above:
            made = make and _made(part, descriptor)
            inner = os.open(part, _FOLDER, dir_fd=descriptor)
            stack.callback(os.close, inner)
            if made:
                self._give(inner)
                os.fsync(descriptor)
            descriptor = inner
        return descriptor, last

    def _give(self, descriptor: int) -> None:
        """Hand a file made by root to the repository's owner, who could not work on otherwise."""
        if os.geteuid() == 0:
            os.fchown(descriptor, self._owner.st_uid, self._owner.st_gid)


class Lock:
    """A held ``NAME.lock``."""

    def __init__(self, descriptor: int, above: int, name: str) -> None:
        self._descriptor, self._above, self._name = descriptor, above, name
        self._held = True

    def put(self, content: bytes) -> None:
        """Replace the named file by this content, synced.  Raises OSError."""
        _fill(self._descriptor, content)
        os.rename(f"{self._name}.lock", self._name, src_dir_fd=self._above, dst_dir_fd=self._above)
        # Before the sync, which may fail: the lock's name is free by now, and `close` would remove the next holder's.
        self._held = False
        os.fsync(self._above)

    def close(self) -> None:
        """Remove the lock file."""
        os.close(self._descriptor)
        if self._held:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(f"{self._name}.lock", dir_fd=self._above)


@contextlib.contextmanager
def opened(path: Path, owners: Collection[int] = ()) -> Iterator[GitFolder]:
    """The git folder of a work tree, or a bare repository itself.

    It and its repository's folder must belong to us, to root or to one of `owners`.  Raises Refused for one that
    belongs to somebody else or keeps a part of itself elsewhere, Unavailable when there is none.
    """
    with contextlib.ExitStack() as stack:
        with translated(str(path)):
            top = _walk(path.absolute(), stack)
        _owned(top, f"the repository {path}", owners)
        with translated(f"{path}/.git"):
            try:
                inner = _push(os.open(".git", _FOLDER, dir_fd=top), stack)
            except FileNotFoundError:
                inner = _push(os.open(".", _FOLDER, dir_fd=top), stack)
            except NotADirectoryError as error:
                raise Refused(f"{path}/.git is a link or a file: name the folder of the main repository") from error
        _owned(inner, f"the git folder of {path}", owners)
        folder = GitFolder(inner)
        _complete(folder, path)
        yield folder


def _complete(folder: GitFolder, path: Path) -> None:
    """Raise Refused for a repository that keeps a part of itself elsewhere, Unavailable for a folder that is none."""
    if not folder.has("HEAD") or not folder.has("objects"):
        raise Unavailable(f"{path} is no git repository")
    if folder.has("commondir"):
        raise Refused(f"{path} is a linked worktree: name the folder of the main repository")
    if (folder.read("objects/info/alternates", _NOTE) or b"").strip():
        raise Refused(
            f"{path} borrows objects of another repository: "
            "run `git repack -a -d` there, and remove .git/objects/info/alternates"
        )
    if folder.has("reftable"):
        raise Refused(f"{path} keeps its branches in a reftable: run `git refs migrate --ref-format=files` there")


def _walk(path: Path, stack: contextlib.ExitStack) -> int:
    """A descriptor of the folder.  On the way to it only our own links and root's are followed.  Raises Refused, OSError."""
    left, hops = list(path.parts[1:]), 0
    descriptor = _push(os.open("/", _PASSED), stack)
    while left:
        part = left.pop(0)
        try:
            descriptor = _push(os.open(part, _PASSED, dir_fd=descriptor), stack)
        # O_PATH with O_NOFOLLOW would open a link itself; O_DIRECTORY makes it an error (open(2)).
        except NotADirectoryError:
            found = os.stat(part, dir_fd=descriptor, follow_symlinks=False)
            hops += 1
            if not stat.S_ISLNK(found.st_mode) or hops > _HOPS:
                raise
            if not left or found.st_uid not in (0, os.geteuid()):
                raise Refused(f"{part} on the way to {path} is a link: name the folder itself") from None
            target = Path(os.readlink(part, dir_fd=descriptor))
            left = [*target.parts[target.is_absolute() :], *left]
            if target.is_absolute():
                descriptor = _push(os.open("/", _PASSED), stack)
    return descriptor


def _push(descriptor: int, stack: contextlib.ExitStack) -> int:
    stack.callback(os.close, descriptor)
    return descriptor


def _owned(descriptor: int, name: str, owners: Collection[int]) -> None:
    owner = os.fstat(descriptor).st_uid
    if owner not in {0, os.geteuid(), *owners}:
        raise Refused(f"{name} belongs to another user (uid {owner}): run as that user")


def _made(part: str, above: int) -> bool:
    try:
        os.mkdir(part, dir_fd=above)
    except FileExistsError:
        return False
    return True


def _fill(descriptor: int, content: bytes) -> None:
    files.write_all(descriptor, content)
    os.fsync(descriptor)


@contextlib.contextmanager
def translated(name: str) -> Iterator[None]:
    """Raise Refused for a link in the way of `name`, Unavailable for every other error of the file system."""
    try:
        yield
    except OSError as error:
        shown = text.normalise(name, 120)
        if error.errno in (errno.ELOOP, errno.ENOTDIR):
            raise Refused(f"{shown} is a link, or lies behind one or below a file: no link is followed") from error
        raise Unavailable(f"{shown} cannot be used: {error.strerror}") from error
