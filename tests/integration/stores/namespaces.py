"""Processes of our own in a PID namespace of their own, as a container has one."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]


CONTAINER = ("-p", "--mount-proc")
"""A PID namespace with a /proc of its own."""


def inside(*command: str, how: tuple[str, ...] = CONTAINER) -> list[str]:
    """The command in new namespaces; whoever is not root gets a user namespace as well."""
    mine = [] if os.geteuid() == 0 else ["-U", "-r"]
    return ["unshare", *mine, "-f", "--kill-child", *how, *command]


@dataclass
class Contained:
    """A process that says a line and goes on when it is told to."""

    process: "subprocess.Popen[str]"

    def heard(self) -> str:
        """Its next line."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def go_on(self) -> None:
        """Let it do the next thing."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def signal(self, number: int) -> None:
        """Signal the process itself, not the one that made its namespace."""
        pid = self.process.pid
        (child,) = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        os.kill(int(child), number)


@contextmanager
def contained(code: str, *arguments: str, how: tuple[str, ...] = CONTAINER) -> Iterator[Contained]:
    """A Python program in namespaces of its own."""
    process = subprocess.Popen(
        inside(sys.executable, "-c", code, *arguments, how=how),
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Contained(process)
    finally:
        process.kill()
        process.communicate()
