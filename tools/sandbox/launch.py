"""Starting bubblewrap, blocked, as an unprivileged user under the limits of one run.  Standard library only."""

import errno
import fcntl
import os
from dataclasses import dataclass

from tools.sandbox import cgroup, confine, limits, seccomp
from tools.sandbox.spec import Spec

_USERS = range(64100, 64900)
"""User ids to drop to: above those of ordinary and system accounts, below those of systemd's dynamic users."""


_PASSING = frozenset({errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.ENOSPC})
"""What the system says when it has no room just now."""


class Refusal(Exception):
    """Nothing was run, and why; asking again brings the same."""


class NotNow(Exception):
    """Nothing was run, and why; it may be different next time."""


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
    number = _USERS[os.getpid() % len(_USERS)]
    return number, number


def start(spec: Spec, user: tuple[int, int], group: cgroup.Group | None) -> Run:
    """Fork, confine and execute bubblewrap, blocked.  The child reports trouble before its exec through a pipe."""
    info, info_in = os.pipe()
    block, release = os.pipe()
    trouble, trouble_in = os.pipe()
    out, out_in = os.pipe()
    err, err_in = os.pipe()
    process = os.fork()
    if process == 0:
        try:
            _become(spec, user, group, {0: spec.stdin, 1: out_in, 2: err_in}, (info_in, block))
        except (OSError, ValueError, KeyError, Refusal) as error:
            passing = isinstance(error, OSError) and error.errno in _PASSING
            os.write(trouble_in, (b"?" if passing else b"!") + str(error).encode()[:900])
        finally:
            os._exit(126)
    for descriptor in (info_in, block, trouble_in, out_in, err_in):
        os.close(descriptor)
    said = os.read(trouble, 1000)
    os.close(trouble)
    run = Run(process, info, release, {out: "stdout", err: "stderr"})
    if said:
        os.waitpid(process, 0)
        raise (NotNow if said.startswith(b"?") else Refusal)(said[1:].decode("utf-8", "replace"))
    return run


def complaint(text: str) -> Refusal | NotNow:
    """What bubblewrap's own words mean when it ended before its work began."""
    words = text.strip().splitlines()
    if not words or any(os.strerror(number) in words[0] for number in _PASSING):
        return NotNow(words[0] if words else "bubblewrap did not start")
    return Refusal(words[0])


def _become(
    spec: Spec, user: tuple[int, int], group: cgroup.Group | None, standard: dict[int, int], pipes: tuple[int, int]
) -> None:
    """In the child: join the group, set limits, drop privileges, and become bubblewrap."""
    if group is not None:
        group.join()
    limits.own(spec, grouped=group is not None, fresh_user=os.geteuid() == 0)
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(user[1], user[1], user[1])
        os.setresuid(user[0], user[0], user[0])
    _check_readable(spec, user[0])
    data = {path: _memory(text.format(uid=user[0], gid=user[1]).encode()) for path, text in confine.FILES.items()}
    settings_fd, filter_fd = _memory(confine.settings(spec)), _memory(seccomp.program(os.uname().machine))
    info_fd, block_fd = (_high(pipe) for pipe in pipes)
    given = {**standard, confine.ARCHIVE: spec.archive}
    if spec.runner >= 0:
        given[confine.RUNNER] = spec.runner
    sources = {target: _high(source) for target, source in given.items()}
    for target, source in sources.items():
        os.dup2(source, target)
        os.close(source)
    for descriptor in (*data.values(), settings_fd, filter_fd, info_fd, block_fd):
        os.set_inheritable(descriptor, True)  # noqa: FBT003 (positional only)
    for descriptor in set(given.values()) - set(given):
        os.close(descriptor)
    line = confine.argv(
        spec, data=data, settings_fd=settings_fd, filter_fd=filter_fd, info_fd=info_fd, block_fd=block_fd
    )
    os.execve(spec.program, line, {})  # noqa: S606 (starting it is what this is for)


def _check_readable(spec: Spec, user: int) -> None:
    for path in spec.mounts:
        if not os.access(path, os.R_OK | os.X_OK):
            raise Refusal(f"{path} is not readable by the unprivileged user {user}; put it where others can read it")
    program = spec.argv[0]
    if any(program.startswith(path.rstrip("/") + "/") for path in spec.mounts) and not os.access(program, os.X_OK):
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
