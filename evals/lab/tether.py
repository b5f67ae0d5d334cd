"""Run a command that cannot outlive its starter.

Started by file path as ``python -I -S tether.py FD COMMAND...`` in a process group of its own, with FD
the reading end of a pipe whose only writing end the starter holds.  When the starter ends, however it
ends, the kernel closes that end, and this process kills the whole group.  When this process is killed
first, the kernel kills the command (PR_SET_PDEATHSIG).  SIGTERM is passed on, and SIGUSR1 stops the command where
it is (SIGSTOP), but not this process.

Standard library only, and isolated (``-I``), so that nothing of this folder gets on the command's path.
``{pid}`` in the value of a variable whose name ends in ``_FILE`` becomes the command's process id.
"""

import ctypes
import os
import select
import signal
import sys

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def main(argv: list[str]) -> int:
    """Start the command and wait until it or its starter ends."""
    rope, command = int(argv[0]), argv[1:]
    libc = ctypes.CDLL(None, use_errno=True)
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        _become(command, rope, parent, libc)
    signal.signal(signal.SIGTERM, lambda *_: os.kill(child, signal.SIGTERM))
    signal.signal(signal.SIGUSR1, lambda *_: os.kill(child, signal.SIGSTOP))
    _let_go_of_streams()
    _wait(rope, child)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


def _become(command: list[str], rope: int, parent: int, libc: ctypes.CDLL) -> None:
    """Turn the forked child into the command; never returns."""
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it died between fork and prctl
        os._exit(1)
    os.close(rope)
    pid = str(os.getpid())
    environment = {
        name: value.replace("{pid}", pid) if name.endswith("_FILE") else value for name, value in os.environ.items()
    }
    try:
        os.execvpe(command[0], command, environment)  # noqa: S606 (running a command is what this file is for)
    finally:
        os._exit(127)


def _let_go_of_streams() -> None:
    """Keep no copy of the command's pipes, so that their readers see the end when the command ends."""
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    os.close(null)


def _wait(rope: int, child: int) -> None:
    """Return when the child has ended; kill the group, this process included, when the rope is cut."""
    ended = os.pidfd_open(child)
    poll = select.poll()
    poll.register(ended, select.POLLIN)
    poll.register(rope, select.POLLIN | select.POLLHUP)
    while True:
        ready = {fd for fd, _ in poll.poll()}
        if rope in ready:
            os.killpg(0, signal.SIGKILL)
        if ended in ready:
            return


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
