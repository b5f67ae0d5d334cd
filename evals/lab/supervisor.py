"""Supervisor of running versions and their routing: changed one at a time, conditional on a revision."""

import asyncio
import re
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from evals.lab import channel, instances
from evals.lab.checkouts import Checkouts, NoCommit
from evals.lab.instances import Instance, Release, Site
from incident import workload
from incident.evidence import Change
from incident.workload import Effect, Routed, Routing, Settled, Workload, WorkloadChange

DRAIN = 5.0
"""Seconds that a version which lost its traffic gets to finish what it has."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,62}")
_KEY = re.compile(r"[A-Z][A-Z0-9_]{0,62}")
_EFFECT = 64 * 1024  # bytes


class Refused(ValueError):
    """The change makes no sense; the message says why.  Nothing was changed."""


class Moved(RuntimeError):
    """The revision is not the current one any more."""

    def __init__(self, current: Workload) -> None:
        self.current = current
        super().__init__(f"{current.service} is at revision {current.revision}")


@dataclass
class _Start:
    """The start of a process, and the key of the effect that asked for it."""

    effect: str
    task: asyncio.Task[None]
    failed: str = ""


class Supervised:
    """One service: its versions, its recorded changes."""

    def __init__(self, service: str, app: str, site: Site, checkouts: Checkouts, router: channel.Channel) -> None:
        self.service, self._app = service, app
        self._site, self._checkouts, self._router = site, checkouts, router
        self._lock = asyncio.Lock()
        self._running: dict[str, Instance] = {}
        self._wanted: dict[str, Release] = {}
        """Of a version whose new process is not in service yet."""
        self._starts: dict[str, _Start] = {}
        """The newest start of each version."""
        self._background: set[asyncio.Task[None]] = set()
        self._weights: dict[str, int] = {}
        self._effect = Effect()
        self._revision = 1
        self._history: list[Change] = []

    @property
    def instances(self) -> tuple[Instance, ...]:
        """The running versions."""
        return tuple(self._running.values())

    async def begin(self, version: str, commit: str, config: Mapping[str, str]) -> None:
        """Run the first version with all traffic.  No change is recorded: it has been there for long."""
        root = await self._checkouts.ensure(commit)
        instance = Instance(self._site, Release(self.service, version, commit, config, self._app, root))
        await instance.start()
        self._running[version] = instance
        await self._route({version: 100})

    async def end(self) -> None:
        """Stop everything, as abruptly as the end of a world may be."""
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        await asyncio.gather(*(instance.stop(grace=0.0) for instance in self.instances))

    def has(self, version: str) -> bool:
        """True when this version runs."""
        return version in self._running

    def read(self) -> Workload:
        """The service as it is now."""
        return Workload(
            service=self.service,
            revision=str(self._revision),
            versions=tuple(
                workload.Version(
                    name=name,
                    commit=instance.release.commit,
                    weight=self._weights[name],
                    ready=instance.ready,
                    config=dict(self._wanted.get(name, instance.release).config),
                    started_at=datetime.fromtimestamp(instance.started_at, self._site.wall.moment().tzinfo),
                )
                for name, instance in self._running.items()
            ),
            effect=self._effect,
        )

    def history(self, since: datetime) -> tuple[Change, ...]:
        """Recorded changes at or after a time, oldest first."""
        return tuple(change for change in self._history if change.at >= since)

    async def routing(self) -> Routing:
        """Requests that the router really sent to each version."""
        counts = await self._router.ask("counts", {"service": self.service})
        versions = counts["versions"]
        assert isinstance(versions, list)
        return Routing(
            service=self.service,
            at=self._site.wall.moment(),
            slow_ms=float(str(counts["slow_ms"])),
            versions=tuple(Routed.model_validate(item) for item in versions),
        )

    def freeze(self) -> None:
        """Let the serving version's process hang.  Nothing is recorded: nobody did it."""
        self._running[self.serving].freeze()

    def environment(self) -> dict[str, str]:
        """The variables of the serving version's process, but for its port and the files that it writes."""
        return instances.environment(self._site, self._running[self.serving].release)

    @property
    def serving(self) -> str:
        """The version with the largest share."""
        return max(self._weights, key=lambda name: self._weights[name])

    async def change(
        self, wanted: WorkloadChange, *, revision: str | None, effect: Effect | None, actor: str
    ) -> Workload:
        """Make one change if the revision still holds; new processes start behind its back.

        Raises Moved and Refused, both with nothing changed.  Without a revision it is unconditional, and without an
        effect the one that stands there stays.
        """
        async with self._lock:
            if revision is not None and revision != str(self._revision):
                raise Moved(self.read())
            if effect is not None and len(effect.canonical()) > _EFFECT:
                raise Refused(f"the effect takes more than {_EFFECT} bytes")
            try:
                record = await self._make(wanted, (effect or self._effect).key)
            except NoCommit as error:
                raise Refused(str(error)) from error
            self._effect = effect or self._effect
            self._revision += 1
            if record is not None:
                self._history.append(record(self._site.wall.moment(), actor))
            return self.read()

    def settled(self, effect: str) -> Settled:
        """Progress of the change with the effect of this key."""
        if effect != self._effect.key:
            return Settled(state="failed", reason=f"another effect stands at {self.service} by now")
        mine = [start for start in self._starts.values() if start.effect == effect]
        failed = next((start.failed for start in mine if start.failed), "")
        if failed:
            return Settled(state="failed", reason=failed)
        return Settled(state="in force" if all(start.task.done() for start in mine) else "pending")

    async def calm(self) -> None:
        """Wait until no process is being started.  Raises Refused for one that does not get ready."""
        waiting = [start for start in self._starts.values() if not start.task.done()]
        await asyncio.gather(*(start.task for start in waiting), return_exceptions=True)
        failed = next((start.failed for start in waiting if start.failed), "")
        if failed:
            raise Refused(failed)

    async def _make(self, wanted: WorkloadChange, effect: str) -> Callable[[datetime, str], Change] | None:
        match wanted:
            case workload.Deploy():
                return await self._deploy(wanted, effect)
            case workload.SetWeights():
                return await self._split(wanted)
            case workload.Remove():
                return await self._remove(wanted.version)
            case workload.Restart():
                await self._replace(self._release(wanted.version), effect)
                return self._record("restart", version=wanted.version)
            case workload.Configure():
                return await self._configure(wanted, effect)
            case workload.Annotate():
                return None
            case _:
                assert_never(wanted)

    async def _deploy(self, wanted: workload.Deploy, effect: str) -> Callable[[datetime, str], Change]:
        if not _NAME.fullmatch(wanted.version):
            raise Refused(f"{wanted.version[:80]!r} is no version name")
        if wanted.version in self._running:
            raise Refused(f"{wanted.version} is already there")
        if not isinstance(wanted.source, workload.Commit):
            raise Refused(f"{self.service} is started from a commit, not from an overlay or an older revision")
        config = self._release(wanted.config_from).config
        previous = self._running[self.serving].release
        root = await self._checkouts.ensure(wanted.source.commit)
        release = Release(self.service, wanted.version, wanted.source.commit, config, self._app, root)
        instance = self._running[wanted.version] = Instance(self._site, release)
        instance.spawn()
        await self._route({**self._weights, wanted.version: 0})
        self._begin(wanted.version, effect, instance.answering())
        return self._record(
            "deploy",
            version=wanted.version,
            commit=wanted.source.commit,
            previous=previous.version,
            previous_commit=previous.commit,
        )

    async def _split(self, wanted: workload.SetWeights) -> Callable[[datetime, str], Change]:
        for name, weight in wanted.weights.items():
            self._known(name)
            if weight < 0:
                raise Refused(f"{name} cannot get {weight} percent")
        if sum(wanted.weights.values()) != 100:
            raise Refused(f"the weights add up to {sum(wanted.weights.values())}, not 100")
        old = _spell(self._weights)
        await self._route({name: wanted.weights.get(name, 0) for name in self._running})
        return self._record("weights", version=self.serving, old=old, new=_spell(self._weights))

    async def _remove(self, version: str) -> Callable[[datetime, str], Change]:
        instance = self._known(version)
        if self._weights[version]:
            raise Refused(f"{version} still has {self._weights[version]} percent of the traffic")
        await self._give_up(version)
        del self._running[version]
        await self._route({name: weight for name, weight in self._weights.items() if name != version})
        self._later(self._retire(instance))
        return self._record("remove", version=version)

    async def _configure(self, wanted: workload.Configure, effect: str) -> Callable[[datetime, str], Change]:
        if not _KEY.fullmatch(wanted.key):
            raise Refused(f"{wanted.key[:80]!r} is no configuration key")
        release = self._release(wanted.version)
        if wanted.key in instances.environment(self._site, release).keys() - release.config.keys():
            raise Refused(f"{wanted.key} is set by the platform")
        old = release.config.get(wanted.key)
        config = {key: value for key, value in release.config.items() if key != wanted.key}
        if wanted.value is not None:
            config[wanted.key] = wanted.value
        await self._replace(Release(**{**vars(release), "config": config}), effect)
        return self._record("config", version=wanted.version, key=wanted.key, old=old, new=wanted.value)

    async def _replace(self, release: Release, effect: str) -> None:
        """Start a new process of a version; until it answers the old one serves, so that no request finds nobody."""
        await self._give_up(release.version)
        self._wanted[release.version] = release
        new = Instance(self._site, release)
        new.spawn()
        self._begin(release.version, effect, self._swapped(new))

    async def _swapped(self, new: Instance) -> None:
        version = new.release.version
        try:
            await new.answering()
            async with self._lock:
                old, self._running[version] = self._running[version], new
                self._wanted.pop(version, None)
                await self._route(self._weights)
        except BaseException:
            if self._running.get(version) is not new:
                await new.stop(grace=0.0)
            raise
        await self._retire(old)

    def _begin(self, version: str, effect: str, start: Coroutine[None, None, None]) -> None:
        self._starts[version] = _Start(effect, self._later(self._reported(version, start)))

    async def _reported(self, version: str, start: Coroutine[None, None, None]) -> None:
        try:
            await start
        except instances.NotReady as error:
            self._starts[version].failed = str(error)

    async def _give_up(self, version: str) -> None:
        """End the start of a version that is under way, and forget it."""
        start = self._starts.pop(version, None)
        self._wanted.pop(version, None)
        if start is not None:
            start.task.cancel()
            await asyncio.gather(start.task, return_exceptions=True)

    def _later(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)
        return task

    async def _retire(self, instance: Instance) -> None:
        """Let a process that gets no new requests finish, then stop it."""
        if instance.target is not None:
            instance.target.idle = True
        await self._router.ask("drain", {"service": self.service, "port": instance.port, "seconds": DRAIN})
        await instance.stop()

    async def _route(self, weights: Mapping[str, int]) -> None:
        shares = [
            {"version": name, "port": instance.port, "weight": weights[name]}
            for name, instance in self._running.items()
        ]
        await self._router.ask("route", {"service": self.service, "versions": shares})
        self._weights = dict(weights)
        for name, instance in self._running.items():
            if instance.target is not None:
                instance.target.idle = not weights[name]

    def _known(self, version: str) -> Instance:
        if version not in self._running:
            raise Refused(f"there is no version {version[:80]!r} of {self.service}")
        return self._running[version]

    def _release(self, version: str) -> Release:
        """The release that a version is to run: of a new process where one is being started."""
        running = self._known(version).release
        return self._wanted.get(version, running)

    def _record(self, what: str, **facts: str | None) -> Callable[[datetime, str], Change]:
        fields = {"service": self.service, "what": what, **facts}
        return lambda at, actor: Change.model_validate({**fields, "at": at, "actor": actor})


def _spell(weights: Mapping[str, int]) -> str:
    return ", ".join(f"{name}={weight}" for name, weight in sorted(weights.items()))
