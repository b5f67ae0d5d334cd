"""One round trip to Redis: connections that know which server process they reach, and errors that are ours.

A connection lives no longer than the process at its other end, so what was asked once about the
process, when the connection was made, holds for every call on it.  No call waits without a bound.
"""

import os
import urllib.parse
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import redis

from incident.errors import Unavailable

ANSWER = 1.0
"""Seconds within which the server must answer and accept a connection: a step takes well under a millisecond."""

T = TypeVar("T")


@dataclass(frozen=True)
class Line:
    """One open connection."""

    wire: Any
    """A `redis.Connection`, whose methods carry no types."""
    run: str
    """The server process's own random id (``INFO server``: run_id); another process has another one."""
    version: str
    script: bytes
    """Digest under which the script is known there."""


class Link:
    """Calls one script on one server.  Threads may share it, and a forked child gets connections of its own."""

    def __init__(self, url: str, script: str) -> None:
        self._name = shown(url)
        self._script = script
        self._pool = redis.ConnectionPool.from_url(
            url, socket_timeout=ANSWER, socket_connect_timeout=ANSWER, protocol=2, client_name="suture"
        )
        self._idle: deque[Line] = deque()
        self._process = os.getpid()

    def call(
        self, keys: tuple[str, ...], step: str, arguments: tuple[str | int | float, ...], within: float = ANSWER
    ) -> Any:
        """Run the script with (step, run id, *arguments).  Raises Unavailable.

        It may run twice when the connection breaks, so what it does must be harmless twice.
        """
        return self._try(
            lambda line: _asked(
                line, within, b"EVALSHA", line.script, str(len(keys)), *keys, step, line.run, *arguments
            )
        )

    def wait(self, key: str, seconds: float) -> int | None:
        """The number that this server process pushes to the list `key`, or None after so many seconds.  Raises Unavailable."""
        return self._try(
            lambda line: _heard(_asked(line, seconds + ANSWER, b"BLPOP", key, f"{max(seconds, 0.001):.3f}"), line.run)
        )

    def server(self) -> str:
        """Which server it is, in words, without its password.  Raises Unavailable."""
        return self._try(lambda line: f"Redis {line.version} at {self._name}, process {line.run[:8]}")

    def close(self) -> None:
        """Close every idle connection."""
        while self._idle:
            self._idle.pop().wire.disconnect()

    def _try(self, ask: Callable[[Line], T]) -> T:
        """Ask on an idle connection, or on a new one; a broken idle one is no news about the server."""
        try:
            if (line := self._take()) is not None:
                try:
                    return self._on(line, ask)
                except redis.TimeoutError:
                    raise
                except (redis.ConnectionError, redis.exceptions.NoScriptError):
                    self.close()
            return self._on(self._dial(), ask)
        except redis.RedisError as error:
            raise Unavailable(f"Redis at {self._name}: {error}") from error

    def _take(self) -> Line | None:
        if self._process != os.getpid():
            self._idle, self._process = deque(), os.getpid()
        try:
            return self._idle.pop()
        except IndexError:
            return None

    def _on(self, line: Line, ask: Callable[[Line], T]) -> T:
        try:
            answer = ask(line)
        except redis.ResponseError:
            self._idle.append(line)  # it was answered: the connection is fine
            raise
        except BaseException:
            line.wire.disconnect()  # half of an answer may still be under way
            raise
        self._idle.append(line)
        return answer

    def _dial(self) -> Line:
        wire: Any = self._pool.make_connection()
        try:
            wire.connect()
            said = str(_asked(_bare(wire), ANSWER, b"INFO", "server"))
            facts = dict(line.split(":", 1) for line in said.splitlines() if ":" in line)
            script = _asked(_bare(wire), ANSWER, b"SCRIPT", "LOAD", self._script)
        except BaseException:
            wire.disconnect()
            raise
        if "run_id" not in facts:
            wire.disconnect()
            raise Unavailable(f"Redis at {self._name} does not say which process it is (INFO server: run_id)")
        return Line(wire, facts["run_id"], facts.get("redis_version", "of an unknown version"), script.encode())


def _bare(wire: Any) -> Line:
    return Line(wire=wire, run="", version="", script=b"")


def _asked(line: Line, within: float, *words: str | bytes | float) -> Any:
    packed = [b"*%d\r\n" % len(words)]
    for word in words:
        raw = word if isinstance(word, bytes) else str(word).encode()
        packed.append(b"$%d\r\n%b\r\n" % (len(raw), raw))
    line.wire.send_packed_command([b"".join(packed)], check_health=False)
    if within == ANSWER:
        return _text(line.wire.read_response(disable_decoding=True))
    return _text(line.wire.read_response(disable_decoding=True, timeout=within))


def _heard(answer: Any, run: str) -> int | None:
    """The number of a bell, unless another process has rung it: what that one gave is not known to hold here."""
    process, _, number = str(answer[1] if answer else "").partition(" ")
    return int(number) if process == run else None


def _text(answer: Any) -> Any:
    match answer:
        case bytes():
            return answer.decode(errors="replace")
        case list():
            return [_text(item) for item in answer]
        case _:
            return answer


def shown(url: str) -> str:
    """The address without user and password, for people."""
    parts = urllib.parse.urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
