"""Connections to Redis that know which server process they reach, with one round trip per call.

A connection lives no longer than the process at its other end.  So what was asked once about the
process, when the connection was made, holds for every call on it.  Every call waits for a bounded time,
and client errors become Unavailable.
"""

import hashlib
import os
import urllib.parse
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any
from weakref import WeakKeyDictionary

import redis

from incident.errors import Unavailable

ANSWER = 1.0
"""Seconds within which the server must answer and accept a connection: a step takes well under a millisecond."""

Facts = Mapping[str, str]
"""Description of a server process by itself (``INFO server``); its `run_id` is random and differs for each process."""
Words = tuple[str | int | float, ...]


class Link:
    """Calls one script on one server.  Threads may share it, and a forked child gets connections of its own."""

    def __init__(self, url: str, script: str) -> None:
        self._name, self._script = shown(url), script
        self._digest = hashlib.sha1(script.encode(), usedforsecurity=False).hexdigest()
        self._pool = redis.ConnectionPool.from_url(
            url,
            socket_timeout=ANSWER,
            socket_connect_timeout=ANSWER,
            protocol=2,
            client_name="suture",
            decode_responses=True,
            encoding_errors="replace",
            redis_connect_func=self._greet,
        )
        self._idle: deque[Any] = deque()
        self._process = os.getpid()
        self._servers: WeakKeyDictionary[Any, Facts] = WeakKeyDictionary()

    def call(
        self, keys: tuple[str, ...], step: str, arguments: tuple[str | int | float, ...], within: float = ANSWER
    ) -> Any:
        """Run the script with (step, run id, *arguments) and return its answer.  Raises Unavailable.

        It may run twice when the connection breaks, so running it twice must do no harm.
        """
        start: Words = ("EVALSHA", self._digest, len(keys), *keys, step)
        return self._ask(within, lambda run: (*start, run, *arguments))[0]

    def wait(self, key: str, seconds: float) -> int | None:
        """Number that this server process pushes to the list `key`; None after so many seconds.  Raises Unavailable."""
        # Redis takes 0 for "wait for ever".
        words = ("BLPOP", key, f"{max(seconds, 0.001):.3f}")
        answer, facts = self._ask(seconds + ANSWER, lambda _: words)
        # Another process may have lost what this one granted, so its number counts for nothing here.
        process, _, number = str(answer[1] if answer else "").partition(" ")
        return int(number) if process == facts["run_id"] else None

    def server(self) -> str:
        """Name of the server, in words, without its password.  Raises Unavailable."""
        _, facts = self._ask(ANSWER, lambda _: ("PING",))
        version = facts.get("redis_version", "of an unknown version")
        return f"Redis {version} at {self._name}, process {facts['run_id'][:8]}"

    def close(self) -> None:
        """Close every idle connection."""
        while self._idle:
            self._idle.pop().disconnect()

    def _ask(self, within: float, words: Callable[[str], Words]) -> tuple[Any, Facts]:
        """Return the answer to a command that may name the server's run id, and the facts of that server."""
        try:
            try:
                return self._once(within, words)
            except (redis.ConnectionError, redis.exceptions.NoScriptError):
                # A broken idle connection is no news about the server; a new one loads the script.
                self.close()
                return self._once(within, words)
        except redis.RedisError as error:
            raise Unavailable(f"Redis at {self._name}: {error}") from error

    def _once(self, within: float, words: Callable[[str], Words]) -> tuple[Any, Facts]:
        wire = self._take()
        try:
            facts = self._servers[wire]
            wire.send_command(*words(facts["run_id"]), check_health=False)
            answer = wire.read_response() if within == ANSWER else wire.read_response(timeout=within)
        except BaseException:
            wire.disconnect()  # half of an answer may still be under way
            raise
        self._idle.append(wire)
        return answer, facts

    def _take(self) -> Any:
        """Return an idle connection of this process, or a new one.

        The pool is passed by, because its own check of each connection costs as much as a step.
        """
        # After a fork both processes would read each other's answers from one socket.
        if self._process != os.getpid():
            self._idle, self._process = deque(), os.getpid()
        try:
            return self._idle.pop()
        except IndexError:
            wire: Any = self._pool.make_connection()
            wire.connect()
            return wire

    def _greet(self, wire: Any) -> None:
        """Ask a new connection's server which process it is, and load the script there."""
        wire.on_connect()
        wire.send_command("INFO", "server", check_health=False)
        facts = dict(line.split(":", 1) for line in wire.read_response().splitlines() if ":" in line)
        if "run_id" not in facts:
            raise redis.RedisError("it does not say which process it is (INFO server: run_id)")
        wire.send_command("SCRIPT", "LOAD", self._script, check_health=False)
        wire.read_response()
        self._servers[wire] = facts


def shown(url: str) -> str:
    """Return the address without user and password, for people."""
    parts = urllib.parse.urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
