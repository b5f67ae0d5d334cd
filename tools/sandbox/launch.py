"""Starts bubblewrap, blocked, as an unprivileged user under the limits of one run.  Standard library only."""

import errno
import fcntl
import os
from dataclasses import dataclass

from tools.sandbox import cgroup, confine, limits, mounts, seccomp, stage
from tools.sandbox.spec import Spec

_USERS = range(64100, 64900)
"""User ids to drop to: above those of ordinary and system accounts, below those of systemd's dynamic users."""


_PASSING = frozenset({errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.ENOSPC})
"""Errors of a system that has no room just now."""


class Refusal(Exception):
    """Nothing was run, with the reason; asking again brings the same."""


class NotNow(Exception):
    """Nothing was run, with the reason; a later try may work."""


@dataclass(frozen=True)
class Run:
    """A bubblewrap that was started: its process, the pipe of its announcement, the pipe that releases it, its outputs."""

    process: int
    info: int
    release: int
    outputs: dict[int, str]


def user_to_be() -> tuple[int, int]:
    """User and group of the sandbox: our own, or an unprivileged one that runs nothing else when we are root."""
    if os.geteuid() != 0:
        return os.getuid(), os.getgid()
    # Runs at the same time get different users, so that the limit of processes of one does not count for another.
    number = _USERS[os.getpid() % len(_USERS)]
    return number, number


def find(spec: Spec) -> dict[str, int]:
    """The mounts, each checked and held open, while all rights are still there.  Raises Refusal."""
    try:
        found = {path: mounts.opened(path, spec) for path in spec.mounts if path != mounts.SYSTEM}
        return {**found, spec.root: mounts.opened_root(spec.root, spec)} if spec.root else found
    except mounts.NotAllowed as error:
        raise Refusal(str(error)) from error


def check_open(found: dict[str, int]) -> None:
    """Refuse mounts in which something is only ours to read.  Raises Refusal, OSError."""
    for path, descriptor in found.items():
        if closed := mounts.closed(descriptor, path):
            raise Refusal(
                f"{closed} is not readable by others, and the sandbox shows only what everybody may read: "
                f"chmod o+rX it, or keep it out of {path}"
            )


def start(spec: Spec, found: dict[str, int], user: tuple[int, int], group: cgroup.Group | None) -> Run:
    """Fork, confine and execute bubblewrap, blocked.  The child reports trouble before its exec through a pipe."""
    info, info_in = os.pipe()
    block, release = os.pipe()
    trouble, trouble_in = os.pipe()
    out, out_in = os.pipe()
    err, err_in = os.pipe()
    # Fork and not subprocess: privileges, groups and namespaces are changed in the child, step by step.
    process = os.fork()
    if process == 0:
        try:
            shown = _confine(spec, found, user, group)
            _become(spec, shown, user, {0: spec.stdin, 1: out_in, 2: err_in}, (info_in, block))
        except (OSError, ValueError, KeyError, Refusal, stage.NotShown) as error:
            # A "?" tells the keeper that a later try may work, a "!" that it will not.
            passing = isinstance(error, OSError) and error.errno in _PASSING
            os.write(trouble_in, (b"?" if passing else b"!") + str(error).encode()[:900])
        finally:
            # Whatever happened, the child must never return into the keeper's code.
            os._exit(126)
    for descriptor in (info_in, block, trouble_in, out_in, err_in):
        os.close(descriptor)
    # The pipe ends without a byte when exec closes it: then all went well so far.
    said = os.read(trouble, 1000)
    os.close(trouble)
    run = Run(process, info, release, {out: "stdout", err: "stderr"})
    if said:
        os.waitpid(process, 0)
        raise (NotNow if said.startswith(b"?") else Refusal)(said[1:].decode("utf-8", "replace"))
    return run


def complaint(text: str) -> Refusal | NotNow:
    """The refusal or delay that bubblewrap's own message means, when it ended before its work began."""
    words = text.strip().splitlines()
    if not words or any(os.strerror(number) in words[0] for number in _PASSING):
        return NotNow(words[0] if words else "bubblewrap did not start")
    return Refusal(words[0])


def _confine(spec: Spec, found: dict[str, int], user: tuple[int, int], group: cgroup.Group | None) -> dict[str, str]:
    """In the child: join the group, set limits, drop privileges, and lay out the folders of the host."""
    if group is not None:
        group.join()
    limits.own(spec, grouped=group is not None)
    if os.geteuid() == 0:
        # In this order: who gave up his user may no longer change his groups.
        os.setgroups([])
        os.setresgid(user[1], user[1], user[1])
        os.setresuid(user[0], user[0], user[0])
    # After the drop, since root may execute files that the sandbox's user may not.
    _check_executable(spec, user[0])
    stage.enter(*user)
    if group is None:
        limits.own_processes(spec)
    before = {path: os.fstat(descriptor) for path, descriptor in found.items()}
    return stage.show({path: before.get(path) for path in confine.folders(spec)})


def _become(
    spec: Spec, shown: dict[str, str], user: tuple[int, int], standard: dict[int, int], pipes: tuple[int, int]
) -> None:
    """In the child: become bubblewrap."""
    data = {path: _memory(content) for path, content in _files(user).items()}
    settings_fd, filter_fd = _memory(confine.settings(spec)), _memory(seccomp.program(os.uname().machine))
    info_fd, block_fd = (_high(pipe) for pipe in pipes)
    given = {**standard, confine.ARCHIVE: spec.archive}
    if spec.runner >= 0:
        given[confine.RUNNER] = spec.runner
    # First all out of the way, then each to its number: a source may stand on another's target.
    sources = {target: _high(source) for target, source in given.items()}
    for target, source in sources.items():
        os.dup2(source, target)
        os.close(source)
    for descriptor in (*data.values(), settings_fd, filter_fd, info_fd, block_fd):
        os.set_inheritable(descriptor, True)  # noqa: FBT003 (positional only)
    # Their copies stand at the agreed numbers; an original left open would leak into the sandbox.
    for descriptor in set(given.values()) - set(given):
        os.close(descriptor)
    descriptors = {"settings_fd": settings_fd, "filter_fd": filter_fd, "info_fd": info_fd, "block_fd": block_fd}
    os.execve(confine.program(spec, shown), confine.argv(spec, shown=shown, data=data, **descriptors), {})  # noqa: S606 (what this is for)


def _files(user: tuple[int, int]) -> dict[str, bytes]:
    """Files of the sandbox's ``/etc``, and those that nobody can open."""
    made = {path: text.format(uid=user[0], gid=user[1]).encode() for path, text in confine.FILES.items()}
    closed = {path: b"" for path in confine.CLOSED if os.path.exists(path)}  # noqa: PTH110 (see confine)
    return {**made, **closed, **{path: _content(path) for path in confine.COPIED if os.path.isfile(path)}}  # noqa: PTH113 (see confine)


def _content(path: str) -> bytes:
    with open(path, "rb") as file:  # noqa: PTH123 (see confine)
        return file.read()


def _check_executable(spec: Spec, user: int) -> None:
    program = spec.argv[0]
    if any(program.startswith(f"{path}/") for path in spec.mounts) and not os.access(program, os.X_OK):
        raise Refusal(f"{program} cannot be executed by the unprivileged user {user}")


def _memory(content: bytes) -> int:
    """A high descriptor on these bytes: the low ones belong to the sandboxed program."""
    low = os.memfd_create("sandbox")
    os.write(low, content)
    os.lseek(low, 0, os.SEEK_SET)
    high = _high(low)
    os.close(low)
    return high


def _high(descriptor: int) -> int:
    return fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 20)
