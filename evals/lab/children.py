"""Child processes of the lab: each tied to it by an inherited pipe, each stopped by its own pidfd or group.

A child's process id cannot be reused by another process before we reap it, and we reap it only in
`Child`, so the signals here never reach a stranger.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

PYTHON = sys.executable
_TETHER = Path(__file__).with_name("tether.py")


def tethered(rope: int) -> list[str]:
    """Words before a command that tie it to the pipe with this reading end."""
    return [PYTHON, "-I", "-S", str(_TETHER), str(rope)]


class Rope:
    """The pipe that ties children to this process: they hold the reading end, only we the writing end."""

    def __init__(self) -> None:
        self._reading, self._writing = os.pipe()
        self._children: set[Child] = set()

    def start(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        cwd: Path,
        output: Path,
        talks: bool = False,
    ) -> "Child":
        """Start a command tied to us.  `output` takes its standard error, and its standard output unless it talks.

        A command that talks has pipes on standard input and output.  Call it from the main thread: the
        children of a thread are at the mercy of its end.
        """
        with output.open("ab") as log:
            process = subprocess.Popen(
                [*tethered(self._reading), *command],
                env=dict(environment),
                cwd=cwd,
                stdin=subprocess.PIPE if talks else subprocess.DEVNULL,
                stdout=subprocess.PIPE if talks else log,
                stderr=log,
                pass_fds=(self._reading,),
                start_new_session=True,
            )
        child = Child(process, output)
        self._children = {known for known in self._children if known.alive} | {child}
        return child

    async def cut(self) -> None:
        """End all children that are left, as our own death would, and wait until they have ended."""
        os.close(self._writing)
        os.close(self._reading)
        await asyncio.gather(*(child.ended for child in self._children))


class Child:
    """One running command with its tether."""

    def __init__(self, process: subprocess.Popen[bytes], output: Path) -> None:
        self._process = process
        self._pidfd = os.pidfd_open(process.pid)
        self._output = output
        self._loop = asyncio.get_running_loop()
        self.ended: asyncio.Future[int] = self._loop.create_future()
        """The exit code, once the command has ended."""
        self._loop.add_reader(self._pidfd, self._reap)

    @property
    def alive(self) -> bool:
        """True while the command runs."""
        return not self.ended.done()

    @property
    def stdin(self) -> IO[bytes]:
        """The command's standard input, of one that talks."""
        assert self._process.stdin is not None
        return self._process.stdin

    @property
    def stdout(self) -> IO[bytes]:
        """The command's standard output, of one that talks."""
        assert self._process.stdout is not None
        return self._process.stdout

    def tail(self, size: int = 800) -> str:
        """The end of what the command wrote, to say why it failed."""
        return self._output.read_bytes()[-size:].decode("utf-8", "replace")

    def freeze(self) -> None:
        """Let the command stop where it is: its process stays, and does nothing more."""
        signal.pidfd_send_signal(self._pidfd, signal.SIGUSR1)

    async def stop(self, grace: float = 2.0) -> None:
        """Ask the command to end, and kill its group when it has not done so after `grace` seconds."""
        if self.alive:
            signal.pidfd_send_signal(self._pidfd, signal.SIGTERM)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(self.ended), grace)
        if self.alive:
            os.killpg(self._process.pid, signal.SIGKILL)
            await self.ended

    def _reap(self) -> None:
        self._loop.remove_reader(self._pidfd)
        with contextlib.suppress(ProcessLookupError):  # what the command may have left behind in its group
            os.killpg(self._process.pid, signal.SIGKILL)
        code = self._process.wait()
        os.close(self._pidfd)
        if not self.ended.done():
            self.ended.set_result(code)
