"""The process that keeps one sandboxed run: places, confines, checks, releases, watches, ends and reports.

It is started by :mod:`tools.sandbox.bwrap` for each run, has a single thread, and lives as long as the pipe on its
standard input is open: when its starter dies in any way, the pipe ends, and so does everything here.  When the keeper
itself is killed, ``--die-with-parent`` ends bubblewrap (the parent is this one thread) and the kernel ends the
sandbox's process namespace with its first process.  Standard library only; the reasons are in docs/sandbox.md.
"""

import fcntl
import json
import os
import select
import signal
import struct
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from tools.sandbox import cgroup, confine, limits, seccomp
from tools.sandbox.spec import OVERHEAD, Seen, Spec

_TICK = 0.02
_START = 3.0
"""Seconds that bubblewrap may take to set up."""
_USERS = range(64100, 64900)
"""User ids to drop to: above those of ordinary and system accounts, below those of systemd's dynamic users."""


class Refusal(Exception):
    """Nothing was run, and why."""


@dataclass(frozen=True)
class _Run:
    process: int
    info: int
    release: int
    outputs: dict[int, str]


def main() -> None:
    """Read a spec from standard input, run it, and write the report to standard output."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    (size,) = struct.unpack("=I", _exactly(0, 4))
    fields = json.loads(_exactly(0, size))
    spec = Spec(**{**fields, "argv": tuple(fields["argv"]), "mounts": tuple(fields["mounts"])})
    seen = keep(spec, lifeline=0)
    head = {name: getattr(seen, name) for name in ("exit_code", "stopped_by", "refused", "seconds", "enforced")}
    text = json.dumps({**head, "sizes": [len(seen.kept["stdout"]), len(seen.kept["stderr"])]}).encode()
    report = struct.pack("=I", len(text)) + text + seen.kept["stdout"] + seen.kept["stderr"]
    while report:
        report = report[os.write(1, report) :]


def keep(spec: Spec, lifeline: int) -> Seen:
    """Run a spec to its end, to a limit, or to the end of the lifeline, and leave nothing behind."""
    seen = Seen()
    group = _group(spec, seen)
    user = _user()
    run = None
    try:
        run = _start(spec, user, group)
        until = time.monotonic() + _START
        child = _await_child(run, until)
        if group is None and user[0] == os.geteuid():
            limits.same_user(run.process, spec)
        _await_limits(lambda: limits.verify(spec, run.process, child, user, group), run, until)
        os.write(run.release, b"x")
        _watch(spec, run, lifeline, group, seen)
    except (Refusal, limits.NotApplied, cgroup.Refused, OSError) as error:
        seen.refused = str(error) or type(error).__name__
    finally:
        _end(run, group, seen)
    return seen


def _group(spec: Spec, seen: Seen) -> cgroup.Group | None:
    if not spec.groups:
        seen.enforced = "user limits (control groups switched off)"
        return None
    with open("/proc/self/mountinfo") as mounts, open("/proc/self/cgroup") as own:  # noqa: PTH123 (see confine)
        texts = mounts.read(), own.read()
    try:
        group = cgroup.make(os.getpid(), int(cgroup.started(os.getpid())), *texts)
    except cgroup.Refused as error:
        seen.enforced = f"user limits ({error})"
        return None
    try:
        group.limit(memory=spec.memory, processes=spec.processes + OVERHEAD)
    except cgroup.Refused as error:
        group.end()
        seen.enforced = f"user limits ({error})"
        return None
    seen.enforced = f"control groups, version {group.version}"
    return group


def _user() -> tuple[int, int]:
    if os.geteuid() != 0:
        return os.getuid(), os.getgid()
    number = _USERS[os.getpid() % len(_USERS)]
    return number, number


def _start(spec: Spec, user: tuple[int, int], group: cgroup.Group | None) -> _Run:
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
            os.write(trouble_in, str(error).encode()[:900])
        finally:
            os._exit(126)
    for descriptor in (info_in, block, trouble_in, out_in, err_in):
        os.close(descriptor)
    said = os.read(trouble, 1000)
    os.close(trouble)
    run = _Run(process, info, release, {out: "stdout", err: "stderr"})
    if said:
        os.waitpid(process, 0)
        raise Refusal(said.decode("utf-8", "replace"))
    return run


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
    filter_fd = _memory(seccomp.program(os.uname().machine))
    info_fd, block_fd = (_high(pipe) for pipe in pipes)
    sources = {target: _high(source) for target, source in {**standard, confine.ARCHIVE: spec.archive}.items()}
    for target, source in sources.items():
        os.dup2(source, target)
        os.close(source)
    for descriptor in (*data.values(), filter_fd, info_fd, block_fd):
        os.set_inheritable(descriptor, True)
    for descriptor in {spec.archive, spec.stdin} - set(sources):
        os.close(descriptor)
    line = confine.argv(spec, data=data, filter_fd=filter_fd, info_fd=info_fd, block_fd=block_fd)
    os.execve(spec.program, line, {})


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


def _await_child(run: _Run, until: float) -> int:
    """The first process of the sandbox, as bubblewrap names it once it exists."""
    text = b""
    while b"}" not in text:
        ready, _, _ = select.select([run.info], [], [], max(0.0, until - time.monotonic()))
        got = os.read(run.info, 4096) if ready else b""
        if not got:
            raise Refusal(_complaint(run))
        text += got
    return int(json.loads(text)["child-pid"])


def _await_limits(check: Callable[[], None], run: _Run, until: float) -> None:
    """Look until every limit is in force.

    Bubblewrap does not say when it has set everything up and blocks, but nothing it sets is taken back: the first
    look at which all limits hold is enough, and a limit that never appears ends in a refusal.
    """
    while True:
        try:
            return check()
        except (limits.NotApplied, OSError) as error:
            if time.monotonic() > until:
                raise Refusal(f"a limit could not be applied: {error}") from error
            if os.waitid(os.P_PID, run.process, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
                raise Refusal(_complaint(run)) from error
        time.sleep(0.001)


def _watch(spec: Spec, run: _Run, lifeline: int, group: cgroup.Group | None, seen: Seen) -> None:
    """Collect output until the sandbox ends, a limit is reached, or the lifeline ends."""
    start = time.monotonic()
    handle = os.pidfd_open(run.process)
    open_outputs = set(run.outputs)
    while True:
        ready, _, _ = select.select([handle, lifeline, *open_outputs], [], [], _TICK)
        for descriptor in open_outputs & set(ready):
            if not _collect(spec, descriptor, run.outputs[descriptor], seen):
                open_outputs.discard(descriptor)
        seen.seconds = time.monotonic() - start
        if seen.stopped_by or lifeline in ready:
            return
        if _memory_used_up(spec, run, group):
            seen.stopped_by = "memory"
            return
        if handle in ready:
            status = os.waitid(os.P_PID, run.process, os.WEXITED | os.WNOWAIT)
            if status is not None:
                seen.exit_code = status.si_status if status.si_code == os.CLD_EXITED else 128 + status.si_status
            _drain(spec, run, open_outputs, seen)
            return
        if seen.seconds > spec.seconds:
            seen.stopped_by = "time"
            return


def _collect(spec: Spec, descriptor: int, name: str, seen: Seen) -> bool:
    """Take what a pipe holds, up to the cap that both outputs share.  False at its end."""
    part = os.read(descriptor, 65536)
    room = spec.output - sum(len(kept) for kept in seen.kept.values())
    seen.kept[name] += part[: max(0, room)]
    if len(part) > room:
        seen.stopped_by = "output"
    return bool(part)


def _drain(spec: Spec, run: _Run, open_outputs: set[int], seen: Seen) -> None:
    """What is still in the pipes after everybody has gone; never waits."""
    for descriptor in open_outputs:
        os.set_blocking(descriptor, False)
        try:
            while seen.stopped_by is None and _collect(spec, descriptor, run.outputs[descriptor], seen):
                pass
        except BlockingIOError:
            continue
    if seen.stopped_by:
        seen.exit_code = None


def _memory_used_up(spec: Spec, run: _Run, group: cgroup.Group | None) -> bool:
    if group is not None:
        return group.killed_for_memory()
    return limits.resident(run.process) > spec.memory


def _end(run: _Run | None, group: cgroup.Group | None, seen: Seen) -> None:
    """Kill the whole tree and reap it; say so when something stayed."""
    if run is not None:
        for member in reversed(limits.tree(run.process)):
            try:
                os.kill(member, signal.SIGKILL)
            except ProcessLookupError:
                continue
        os.waitpid(run.process, 0)
    if group is not None and not group.end():
        seen.refused = "the sandbox's control group could not be emptied"


def _complaint(run: _Run) -> str:
    err = next(descriptor for descriptor, name in run.outputs.items() if name == "stderr")
    ready, _, _ = select.select([err], [], [], 1.0)
    said = os.read(err, 400).decode("utf-8", "replace").strip() if ready else ""
    return said.splitlines()[0] if said else "bubblewrap did not start"


def _exactly(descriptor: int, size: int) -> bytes:
    got = b""
    while len(got) < size:
        part = os.read(descriptor, size - len(got))
        if not part:
            sys.exit(0)
        got += part
    return got
