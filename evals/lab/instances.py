"""One running version of a service: its process, its port, its health, and its restarts after a crash."""

import asyncio
import contextlib
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from evals.lab import calm, children, places, runtime
from evals.lab.metrics.samples import Samples, Target
from evals.lab.wall import Wall

READY_WITHIN = 30.0
"""Seconds in which a new process must answer its health check."""
MISSES = 3
"""Looks in a row without an answer after which a process counts as not ready (Kubernetes' default)."""
CRASHES = 5
"""Restarts after a crash; after that the version stays down until somebody restarts it."""


class NotReady(RuntimeError):
    """A process did not answer its health check; the message says what it wrote last."""


@dataclass(frozen=True)
class Site:
    """Parts that all instances of one lab share."""

    world: places.World
    output: Path
    python: Path
    peers: Mapping[str, Mapping[str, str]]
    """``<PEER>_URL`` by variable name, for each caller."""
    rope: children.Rope
    samples: Samples
    wall: Wall
    http: aiohttp.ClientSession
    deaths: list[calm.Death] = field(default_factory=list)
    """Processes that ended by themselves, the oldest first."""


@dataclass(frozen=True)
class Release:
    """Version of a service to be run, with its configuration and its source tree."""

    service: str
    version: str
    commit: str
    config: Mapping[str, str]
    app: str
    root: Path


def environment(site: Site, release: Release) -> dict[str, str]:
    """The variables of a version's process, but for its port and the files that it writes."""
    return {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "PYTHONPATH": f"{release.root}:{release.root}/libs",
        "PYTHONUNBUFFERED": "1",
        "SERVICE_NAME": release.service,
        "SERVICE_VERSION": release.version,
        **site.peers[release.service],
        **release.config,
    }


class Instance:
    """A process and everything that belongs to it.  Make it with `start`."""

    def __init__(self, site: Site, release: Release) -> None:
        self._site, self.release = site, release
        self._port_held = _hold_port()
        self.port: int = self._port_held.getsockname()[1]
        self.started_at = site.wall.now()
        self._child: children.Child | None = None
        self.target: Target | None = None
        self.misses = MISSES
        """Looks in a row that got no answer."""
        self._stopping = False
        self._crashes = 0
        self._watcher: asyncio.Task[None] | None = None

    @property
    def ready(self) -> bool:
        """True when the process runs and answered one of the last looks."""
        return self._child is not None and self._child.alive and self.misses < MISSES

    @property
    def url(self) -> str:
        """Address of the process itself, behind the router's back."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Start the process and wait for its health check.  Raises NotReady, with nothing left running."""
        self.spawn()
        await self.answering()

    async def answering(self) -> None:
        """Wait for the health check of the process that was started.  Raises NotReady, with nothing left running."""
        try:
            await self._healthy()
        except NotReady:
            await self.stop()
            raise
        self._watcher = asyncio.create_task(self._watch())

    async def stop(self, grace: float = 2.0) -> None:
        """End the process, killing it after `grace` seconds; harmless when it has ended."""
        self._stopping = True
        if self._watcher is not None:
            self._watcher.cancel()
        if self._child is not None:
            await self._child.stop(grace)
        self._end_target()
        self._port_held.close()

    def freeze(self) -> None:
        """Let the process hang."""
        assert self._child is not None
        self._child.freeze()

    def spawn(self) -> None:
        """Start the process."""
        site, release = self._site, self.release
        files = {
            f"{name.upper()}_FILE": str(site.world.lines(f"{name}s", release.service, release.version))
            for name in ("log", "span", "capture")
        }
        files |= {"DATABASE_FILE": str(site.world.database(release.service)), "FLAGS_FILE": str(site.world.flags)}
        self._child = site.rope.start(
            runtime.line(release.app, site.python),
            environment={**environment(site, release), **files, "PORT": str(self.port)},
            cwd=release.root,
            output=site.output / f"{release.service}.{release.version}.log",
        )
        self.started_at = site.wall.now()
        self.target = Target(release.service, release.version, self.started_at)
        site.samples.begin(self.target)

    async def _healthy(self) -> None:
        assert self._child is not None
        deadline = self._site.wall.now() + READY_WITHIN
        while self._child.alive and self._site.wall.now() < deadline:
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                async with self._site.http.get(f"{self.url}/healthz") as answer:
                    if answer.status == 200:
                        self.misses = 0
                        return
            await asyncio.sleep(0.05)
        release = self.release
        raise NotReady(f"{release.service} {release.version} did not get ready: {self._child.tail().strip()[-500:]}")

    async def _watch(self) -> None:
        """Start the process again when it ends by itself, a bounded number of times."""
        while self._crashes < CRASHES:
            assert self._child is not None
            code = await asyncio.shield(self._child.ended)
            self._site.deaths.append(calm.Death(self.release.service, self.release.version, code))
            self.misses = MISSES
            self._end_target()
            await asyncio.sleep(0.5 * 2**self._crashes)
            self._crashes += 1
            self.spawn()
            with contextlib.suppress(NotReady):
                await self._healthy()

    def _end_target(self) -> None:
        if self.target is not None and self.target.ended is None:
            self.target.ended = self._site.wall.now()


def _hold_port() -> socket.socket:
    """Reserve a free port: nobody is given it, and a server that sets SO_REUSEADDR may still listen on it."""
    held = socket.socket()
    held.bind(("127.0.0.1", 0))
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return held
