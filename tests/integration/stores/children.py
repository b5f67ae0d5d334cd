"""Processes of our own that are stopped and killed: forked, told what to do, and heard over a pipe."""

import contextlib
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from typing import Any

_FORK = multiprocessing.get_context("fork")


@dataclass
class Child:
    process: BaseProcess
    reader: int

    @property
    def pid(self) -> int:
        assert self.process.pid is not None
        return self.process.pid

    def heard(self, already: bytes = b"") -> list[str]:
        """Every whole line that the child said until it ended."""
        said = already
        while block := os.read(self.reader, 65536):
            said += block
        return said.decode().split("\n")[:-1]

    def listen(self, lines: int) -> bytes:
        """What the child said until it had said so many lines."""
        said = b""
        while said.count(b"\n") < lines:
            said += os.read(self.reader, 65536)
        return said

    def wait_for_word(self) -> str:
        return os.read(self.reader, 65536).decode()

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def end(self) -> int | None:
        self.process.join(30)
        return self.process.exitcode


@contextlib.contextmanager
def child(work: Callable[..., None], *arguments: Any) -> Iterator[Child]:
    """A child that runs `work(say, *arguments)`; it is gone when the block is left."""
    reader, writer = os.pipe()
    process = _FORK.Process(target=_run, args=(work, reader, writer, arguments))
    process.start()
    os.close(writer)
    try:
        yield Child(process, reader)
    finally:
        process.kill()
        process.join(10)
        os.close(reader)


def _run(work: Callable[..., None], reader: int, writer: int, arguments: tuple[Any, ...]) -> None:
    os.close(reader)
    work(lambda text: os.write(writer, f"{text}\n".encode()), *arguments)
