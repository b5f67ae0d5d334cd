"""The whole lab put together: services, router, load, samples, rules and the fault's timetable."""

import asyncio
import functools
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import assert_never

import aiohttp
from pydantic import Field, JsonValue

from evals.lab import calm, channel, children, faults, flags, places, rows
from evals.lab.checkouts import Checkouts
from evals.lab.instances import Instance, Site
from evals.lab.metrics import rules, scraper
from evals.lab.metrics.rules import Rules
from evals.lab.metrics.samples import Samples
from evals.lab.runtime import Shop
from evals.lab.supervisor import Supervised
from evals.lab.traffic import mix
from evals.lab.traffic.router import USERS
from evals.lab.traffic.users import User
from evals.lab.wall import Wall
from incident import workload
from incident.value import Value
from tools import program

PROJECT = Path(__file__).parents[2]
PROBE = aiohttp.ClientTimeout(total=2.0)
"""Seconds for a health check or a scrape."""


@dataclass(frozen=True)
class First:
    """The version of a service that runs when the world starts."""

    version: str
    commit: str
    app: str
    """ASGI application, as ``package.module:attribute``."""
    config: Mapping[str, str] = field(default_factory=dict)
    """Configuration that it starts with."""


@dataclass(frozen=True)
class Users:
    """Users of the shop in ordinary times."""

    entry: str
    """The service that users talk to."""
    rate: float
    """Arrivals per second."""
    kinds: Mapping[str, float]
    more: Mapping[str, User] = field(default_factory=dict)
    """Kinds beside the shop's own, of which none comes before something lets it."""


class FalseAlarm(Value):
    """A rule that is reported as firing although nothing is wrong."""

    after_seconds: float = Field(ge=0)
    service: str
    seconds: float = Field(default=600.0, gt=0, le=3600)


@dataclass(frozen=True)
class Blueprint:
    """Plan that a lab is built from.  Held in memory only: it knows what will go wrong."""

    first: Mapping[str, First]
    users: Users
    seed: str
    fault: faults.Fault | None = None
    commits: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """The commit of each release of the fault, by service and version."""
    false_alarm: FalseAlarm | None = None
    outside: tuple[str, ...] = ()
    """Third parties that services call."""
    missing: Mapping[str, str] = field(default_factory=dict)
    """Services that this machine cannot run, each with the program that it would need."""


@dataclass
class Lab:
    """A running lab.  Make it with `start`, end it with `end` whatever happened in between."""

    name: str
    blueprint: Blueprint
    world: places.World
    shop: Shop
    wall: Wall
    http: aiohttp.ClientSession
    """For health checks and scrapes; closed by `end`."""
    samples: Samples = field(default_factory=Samples)
    rope: children.Rope = field(default_factory=children.Rope)
    services: dict[str, Supervised] = field(default_factory=dict)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)
    watch: calm.Watch = field(default_factory=calm.Watch)

    async def start(self, output: Path) -> None:
        """Start everything; returns when every service answers and users come."""
        fault = self.blueprint.fault
        more = fault.rules if fault is not None else ()
        self.rules = Rules((*rules.ordinary(self.blueprint.first), *more), self.samples)
        checkouts = Checkouts(self.world.repository, self.world.checkouts)
        self.router = router = await self._attach("router", self.blueprint.seed, output=output)
        asked = {"services": list(self.blueprint.first), "outside": list(self.blueprint.outside)}
        ports = (await router.ask("listen", asked))["ports"]
        self.urls = urls = _urls(ports, USERS)
        peers = {caller: _variables(_urls(ports, caller)) for caller in self.blueprint.first}
        self.flags = flags.begin(self.world, self.wall)
        python = self.shop.python
        self.site = site = Site(self.world, output, python, peers, self.rope, self.samples, self.wall, self.http)
        for name, first in self.blueprint.first.items():
            self.services[name] = Supervised(name, first.app, site, checkouts, router)
        await asyncio.gather(
            *(
                self.services[name].begin(first.version, first.commit, first.config)
                for name, first in self.blueprint.first.items()
            )
        )
        self.load = await self._attach("load", output=output)
        users = self.blueprint.users
        opening = {"url": urls[users.entry], "rate": users.rate, "seed": self.blueprint.seed}
        kinds = {name: user.model_dump(mode="json", exclude_unset=True) for name, user in users.more.items()}
        await self.load.ask("start", {**opening, "mix": mix.shifted(users.kinds, {}), "users": kinds})
        self._background(scraper.run(self._instances, self.rules, self.http, self.wall))
        self._background(self._timetable())

    async def end(self) -> None:
        """Stop everything that was started."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await asyncio.gather(*(service.end() for service in self.services.values()), return_exceptions=True)
        await self.rope.cut()
        await self.http.close()

    def check(self) -> None:
        """Raise what went wrong in the background: a world that is not what it says must not go on."""
        for task in self.tasks:
            if task.done():
                task.result()
        for attached in (self.router, self.load):
            if not attached.child.alive:
                raise channel.Gone(f"a process of the lab ended by itself: {attached.child.tail()}")

    async def shift(self, kinds: Mapping[str, float]) -> None:
        """From now on these kinds of users come too, each with its share of all arrivals."""
        await self.load.ask("mix", {"mix": mix.shifted(self.blueprint.users.kinds, kinds)})

    async def set_rate(self, per_second: float) -> None:
        """From now on so many users come."""
        await self.load.ask("rate", {"rate": per_second})

    async def deploy(self, release: faults.BadDeploy) -> None:
        """Deploy a release of the fault: it takes all traffic, and the one before stays beside it without any."""
        service = self.services[release.service]
        wanted = workload.Deploy(
            version=release.version,
            source=workload.Commit(commit=self.blueprint.commits[release.service, release.version]),
            config_from=service.serving,
        )
        await service.change(wanted, revision=None, effect=None, actor="release-pipeline")
        await service.calm()
        weights = workload.SetWeights(weights={release.version: 100})
        await service.change(weights, revision=None, effect=None, actor="release-pipeline")

    async def deploy_next(self) -> None:
        """Deploy the first release of the fault that is not there yet.  Raises LookupError when there is none."""
        fault = self.blueprint.fault
        for release in fault.releases if fault is not None else ():
            if not self.services[release.service].has(release.version):
                await self.deploy(release)
                return
        raise LookupError("this world's fault has no release that is still to come")

    async def restart(self, service: str) -> None:
        """Replace the processes of the serving version, as an operator would."""
        supervised = self.services[service]
        await supervised.change(
            workload.Restart(version=supervised.serving), revision=None, effect=None, actor="operator"
        )
        await supervised.calm()

    async def cut(self, event: faults.Cut) -> None:
        """Cut the connection from a caller to a service, or make it whole again."""
        caller = USERS if event.caller == "users" else event.caller
        how = None if event.how == "whole" else event.how
        ends = {"caller": caller, "service": event.callee}
        await self.router.ask("cut", {**ends, "cut": how, "seconds": event.seconds, "share": event.share})

    async def configure(self, service: str, key: str, value: str | None) -> None:
        """Change or unset a configuration value of the serving version."""
        supervised = self.services[service]
        wanted = workload.Configure(version=supervised.serving, key=key, value=value)
        await supervised.change(wanted, revision=None, effect=None, actor="operator")
        await supervised.calm()

    async def fire(self, service: str, seconds: float) -> None:
        """Report a service's rule as firing for a while, whatever its samples say."""
        self.rules.force(service, self.wall.now(), seconds)

    def aliases(self) -> tuple[workload.Alias, ...]:
        """The address of each process, by which the samples of its service are known."""
        return tuple(
            workload.Alias(service=instance.release.service, kind="target", name=f"127.0.0.1:{instance.port}")
            for instance in self._instances()
        )

    def _instances(self) -> tuple[Instance, ...]:
        return tuple(instance for service in self.services.values() for instance in service.instances)

    async def _timetable(self) -> None:
        """Wait until the world is calm, then do what the fault says, when it says so."""
        if self._due() and not await self._calm():
            return
        self.watch.begun_at = begun = self.wall.now()
        self._background(self._watched())
        for after, action in sorted(self._due(), key=lambda item: item[0]):
            await asyncio.sleep(max(0.0, begun + after - self.wall.now()))
            await action()

    async def _calm(self) -> bool:
        """Wait for a calm world; False when it does not get calm, which is noted."""
        started = self.wall.now()
        while (now := self.wall.now()) < started + calm.WITHIN:
            late = await self.load.ask("late", {})
            ready = {name: any(one.ready for one in service.instances) for name, service in self.services.items()}
            before, recent = (
                {name: self.samples.window(name, end - calm.SPAN, end, now) for name in self.services}
                for end in (now - calm.SPAN, now)
            )
            waits = calm.waits_for(ready, before, recent, float(str(late["late"])))
            waits = waits or self.rules.stirring()
            self.watch.waits_for = waits
            if not waits and now > started + 2 * calm.SPAN:
                return True
            await asyncio.sleep(calm.LOOK)
        self.watch.note(f"it did not get calm within {calm.WITHIN:.0f} s: {self.watch.waits_for}")
        return False

    async def _watched(self) -> None:
        """Note what makes the run void, for as long as it lasts."""
        fault = self.blueprint.fault
        planned = fault.may_die if fault is not None else ()
        ours = {*self.blueprint.commits, *((name, first.version) for name, first in self.blueprint.first.items())}
        await self.load.ask("late", {})
        seen, last = len(self.site.deaths), self.wall.now()
        while True:
            await asyncio.sleep(calm.LOOK)
            now = self.wall.now()
            self.watch.turn(now - last)
            last = now
            self.watch.arrivals(float(str((await self.load.ask("late", {}))["late"])))
            for death in self.site.deaths[seen:]:
                self.watch.died(death, planned, ours)
            seen = len(self.site.deaths)

    def _due(self) -> list[tuple[float, Callable[[], Awaitable[None]]]]:
        due: list[tuple[float, Callable[[], Awaitable[None]]]] = []
        fault, alarm = self.blueprint.fault, self.blueprint.false_alarm
        if alarm is not None:
            due.append((alarm.after_seconds, functools.partial(self.fire, alarm.service, alarm.seconds)))
        if fault is not None:
            due += [(event.after_seconds, functools.partial(self.happen, event)) for event in fault.timetable]
        return due

    async def happen(self, event: faults.Event) -> None:
        """Let one event of a fault happen."""
        match event:
            case faults.Shift():
                await self.shift(event.kinds)
            case faults.Rate():
                await self.set_rate(event.per_second)
            case faults.BadDeploy():
                await self.deploy(event)
            case faults.ConfigChange():
                await self.configure(event.service, event.key, event.value)
            case faults.Restart():
                await self.restart(event.service)
            case faults.FlagTurn():
                self.flags.turn(event.key, event.variant)
            case faults.Cut():
                await self.cut(event)
            case faults.RowEdit() | faults.Hold() | faults.Freeze():
                await self._happen_unrecorded(event)
            case _:
                assert_never(event)

    async def _happen_unrecorded(self, event: faults.RowEdit | faults.Hold | faults.Freeze) -> None:
        match event:
            case faults.RowEdit():
                await rows.run(self.world.database(event.service), event.sql)
            case faults.Hold():
                self._background(rows.hold(self.world.database(event.service), event.seconds))
            case faults.Freeze():
                self.services[event.service].freeze()
            case _:
                assert_never(event)

    async def _attach(self, module: str, *arguments: str, output: Path) -> channel.Channel:
        environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "PYTHONPATH": str(PROJECT)}
        child = self.rope.start(
            program.line(f"evals.lab.traffic.{module}", *arguments),
            environment=environment,
            cwd=PROJECT,
            output=output / f"{module}.log",
            talks=True,
        )
        return await channel.attach(child)

    def _background(self, work: Coroutine[None, None, None]) -> None:
        self.tasks.append(asyncio.create_task(work))


def _urls(ports: JsonValue, caller: str) -> dict[str, str]:
    """Address of every service for one caller."""
    assert isinstance(ports, dict)
    mine = ports[caller]
    assert isinstance(mine, dict)
    return {name: f"http://127.0.0.1:{port}" for name, port in mine.items()}


def _variables(urls: Mapping[str, str]) -> dict[str, str]:
    return {f"{name.upper().replace('-', '_')}_URL": url for name, url in urls.items()}
