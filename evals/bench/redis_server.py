"""A Redis server of our own on a free port of this machine, to be killed, stopped and started empty at will.

It dies with the process that started it (``setpriv --pdeathsig``), so a crash leaves nothing running.
"""

import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import redis

START = 10.0
"""Seconds that a server may take to answer."""


class NoServer(RuntimeError):
    """There is no Redis server to be had here."""


class RedisServer:
    """One server process after the other, on one port, with or without what the last one remembered."""

    def __init__(self, folder: Path, port: int, *, password: str = "") -> None:
        self._folder, self._port, self._password = folder, port, password
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """URL of the server."""
        secret = f":{self._password}@" if self._password else ""
        return f"redis://{secret}127.0.0.1:{self._port}/0"

    def start(self, *, empty: bool = False) -> Self:
        """Start a server and wait until it answers; `empty` forgets everything first."""
        if empty:
            shutil.rmtree(self._folder / "appendonlydir", ignore_errors=True)
        options = {
            "port": str(self._port),
            "bind": "127.0.0.1",
            "dir": str(self._folder),
            "appendonly": "yes",
            "save": "",
            "daemonize": "no",
            "logfile": str(self._folder / "redis.log"),
        }
        if self._password:
            options["requirepass"] = self._password
        words = [word for name, value in options.items() for word in (f"--{name}", value)]
        self._process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", _program(), *words])  # noqa: S607
        deadline = time.monotonic() + START
        with self.client() as client:
            while True:
                try:
                    client.ping()
                except (redis.ConnectionError, redis.TimeoutError):
                    if time.monotonic() > deadline or self._process.poll() is not None:
                        self.kill()
                        raise
                    time.sleep(0.02)
                else:
                    return self

    def client(self) -> "redis.Redis":
        """A plain client, for looking and for meddling."""
        return redis.Redis.from_url(self.url, decode_responses=True)

    def signal(self, number: signal.Signals) -> None:
        """Stop it, or let it go on."""
        if self._process is not None:
            self._process.send_signal(number)

    def kill(self) -> None:
        """End it as if the power had failed."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


def _program() -> str:
    found = shutil.which("redis-server")
    if found is None:
        raise NoServer("redis-server is missing; install it with: apt-get install redis-server")
    return found


def free_port() -> int:
    """A port of the loopback interface that nobody listens on just now."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


@contextmanager
def server(folder: Path, *, password: str = "") -> Iterator[RedisServer]:
    """A running server; it is gone when the block is left.  Raises NoServer."""
    made = RedisServer(folder, free_port(), password=password)
    try:
        yield made.start()
    finally:
        made.kill()
