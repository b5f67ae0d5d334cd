"""Keeper process of one sandboxed run: applies limits, checks them, starts the run, watches, ends and reports it.

It is started by :mod:`tools.sandbox.bwrap` for each run, has a single thread, and lives as long as the pipe on its
standard input is open: when its starter dies in any way, the pipe ends, and so does everything here.  When the keeper
itself is killed, ``--die-with-parent`` ends bubblewrap (the parent is this one thread) and the kernel ends the
sandbox's process namespace with its first process.  Standard library only; the reasons are in docs/sandbox.md.
"""

import json
import os
import select
import signal
import struct
import sys
import time
from collections.abc import Callable

from tools.sandbox import cgroup, launch, limits, memory
from tools.sandbox.spec import FILES, OVERHEAD, Seen, Spec, loaded

_TICK = 0.02
_START = 3.0
"""Seconds that bubblewrap may take to set up."""
_END = 8.0
"""Seconds that what was killed may take to go."""


def main() -> None:
    """Read a spec from standard input, run it, and write the report to standard output."""
    # Ctrl-C reaches the whole foreground group; the end of the lifeline alone may end a run, so that it is always
    # cleaned up.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    (size,) = struct.unpack("=I", _exactly(0, 4))
    seen = keep(loaded(_exactly(0, size)), lifeline=0)
    head = {
        name: getattr(seen, name) for name in ("exit_code", "stopped_by", "refused", "lasting", "seconds", "enforced")
    }
    text = json.dumps({**head, "sizes": [len(seen.kept["stdout"]), len(seen.kept["stderr"])]}).encode()
    report = struct.pack("=I", len(text)) + text + seen.kept["stdout"] + seen.kept["stderr"]
    while report:
        report = report[os.write(1, report) :]


def keep(spec: Spec, lifeline: int) -> Seen:
    """Run a spec to its end, to a limit, or to the end of the lifeline, and leave nothing behind."""
    seen = Seen()
    group = _group(spec, seen)
    user = launch.user_to_be()
    run = first = None
    try:
        found = launch.find(spec)
        run = launch.start(spec, found, user, group)
        # No rights were dropped, so the sandbox could read what only this user may read.
        if user[0] == os.geteuid():
            launch.check_open(found)
        until = time.monotonic() + _START
        child = _await_child(run, until)
        # A pidfd keeps naming this very process, also after its number is used again.
        first = os.pidfd_open(child)
        _await_limits(lambda: limits.verify(spec, run.process, child, user, group), run, until)
        # Only here, after every limit was seen in force, does the untrusted program begin.
        os.write(run.release, b"x")
        _watch(spec, run, child, lifeline, group, seen)
    except launch.Refusal as error:
        seen.refused, seen.lasting = str(error), True
    except (launch.NotNow, OSError) as error:
        seen.refused = str(error) or type(error).__name__
    finally:
        _end(run, first, group, seen)
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


def _await_child(run: launch.Run, until: float) -> int:
    """Wait for the first process of the sandbox, which bubblewrap names once it exists."""
    text = b""
    while b"}" not in text:
        ready, _, _ = select.select([run.info], [], [], max(0.0, until - time.monotonic()))
        got = os.read(run.info, 4096) if ready else b""
        if not got:
            raise _complaint(run)
        text += got
    return int(json.loads(text)["child-pid"])


def _await_limits(check: Callable[[], None], run: launch.Run, until: float) -> None:
    """Wait until every limit is in force.

    Bubblewrap does not say when it has set everything up and blocks, but nothing it sets is taken back: the first
    look at which all limits hold is enough, and a limit that never appears ends in a refusal.
    """
    while True:
        try:
            return check()
        except (limits.NotApplied, OSError) as error:
            if time.monotonic() > until:
                # While something still runs, or waits for the processor, it is only late.
                kind = launch.Refusal if limits.asleep(run.process) else launch.NotNow
                raise kind(f"a limit could not be applied: {error}") from error
            if os.waitid(os.P_PID, run.process, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
                raise _complaint(run) from error
        time.sleep(0.001)


def _watch(spec: Spec, run: launch.Run, child: int, lifeline: int, group: cgroup.Group | None, seen: Seen) -> None:
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
        # The starter is gone when the lifeline is readable; nobody will read a report.
        if seen.stopped_by or lifeline in ready:
            return
        if _memory_used_up(spec, child, group):
            seen.stopped_by = "memory"
            return
        if handle in ready:
            # WNOWAIT leaves the process to be reaped in _end, so its number stays taken until then.
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


def _drain(spec: Spec, run: launch.Run, open_outputs: set[int], seen: Seen) -> None:
    """Read the rest of the pipes after every process has gone; never waits."""
    for descriptor in open_outputs:
        os.set_blocking(descriptor, False)
        try:
            while seen.stopped_by is None and _collect(spec, descriptor, run.outputs[descriptor], seen):
                pass
        except BlockingIOError:
            continue
    if seen.stopped_by:
        seen.exit_code = None


def _memory_used_up(spec: Spec, child: int, group: cgroup.Group | None) -> bool:
    if limits.files(child, spec.rooms) > FILES:  # the kernel's memory, which no size of a file system bounds
        return True
    waiting = memory.waiting(child)  # version 1 of control groups does not count it either
    if group is not None:
        return group.killed_for_memory() or waiting > spec.memory
    return memory.held(child) + waiting > spec.memory


def _end(run: launch.Run | None, first: int | None, group: cgroup.Group | None, seen: Seen) -> None:
    """Kill the whole tree and reap it; say so when something stayed.

    Bubblewrap ends before its sandbox does.  The `first` process of a namespace ends after all others, which may take the
    kernel long: it gives back their mappings one by one.
    """
    if run is not None:
        # Children before parents, so that nobody is left to start another one.
        for member in reversed(limits.tree(run.process)):
            try:
                os.kill(member, signal.SIGKILL)
            except ProcessLookupError:
                continue
        os.waitpid(run.process, 0)
    if first is not None and not select.select([first], [], [], _END)[0]:
        seen.refused = "the sandbox's processes did not end"
    if group is not None and not group.end():
        seen.refused = "the sandbox's control group could not be emptied"


def _complaint(run: launch.Run) -> launch.Refusal | launch.NotNow:
    err = next(descriptor for descriptor, name in run.outputs.items() if name == "stderr")
    ready, _, _ = select.select([err], [], [], 1.0)
    return launch.complaint(os.read(err, 400).decode("utf-8", "replace") if ready else "")


def _exactly(descriptor: int, size: int) -> bytes:
    got = b""
    while len(got) < size:
        part = os.read(descriptor, size - len(got))
        if not part:
            # The pipe ended before the whole spec came: the starter died, and nothing was started.
            sys.exit(0)
        got += part
    return got
