"""Registry of adapters, the world that is put together from them port by port, and the world of a known incident."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from graph.config import settings as configuration
from graph.config.settings import Settings
from graph.setup.stores import Stores
from incident.errors import BadInput, Refused, SutureError, Unavailable
from incident.evidence import Gap
from incident.workload import Alias
from tools import embedded, ports, program, recorded
from tools.clock import SystemClock
from tools.git.repository import GitRepository
from tools.ports import Clock, Row, World
from tools.unset import Unset

RECORDED = "recorded"
"""Scheme of a folder of exports (docs/recordings.md), in which nothing can be changed."""

WORLDS: Mapping[str, Callable[[str, Clock], World]] = MappingProxyType(
    {"http": embedded.connect, RECORDED: recorded.connect}
)
"""Functions that connect to a world that offers every port, by the scheme of its address."""

PORTS: Mapping[str, type] = MappingProxyType(
    {
        "platform": ports.Platform,
        "metrics": ports.Metrics,
        "logs": ports.Logs,
        "traces": ports.Traces,
        "captures": ports.Captures,
        "changes": ports.Changes,
        "places": ports.Places,
        "repository": ports.Repository,
    }
)
"""Protocols of a world's ports, by the name of the world's attribute."""

NONE = "none"
"""Address of a port that is not set."""


class Opening:
    """The clock and the connections to whole worlds, shared by the adapters of one world while it is put together."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._worlds: dict[str, World] = {}

    def world(self, url: str) -> World:
        """Return the world at an address, connected once.  Raises BadInput, Unavailable."""
        if url not in self._worlds:
            self._worlds[url] = connect(url, self.clock)
        return self._worlds[url]


Open = Callable[[str, Opening], Any]
"""Opens the adapter of one port at a place; raises BadInput for a place that makes no sense, Unavailable."""


def _of_world(port: str, place: str, opening: Opening) -> Any:
    return getattr(opening.world(place), port)


def _of_recording(port: str, place: str, opening: Opening) -> Any:
    return getattr(opening.world(f"{RECORDED}:{place}"), port)


def _git(place: str, _: Opening) -> ports.Repository:
    path = Path(place)
    if not path.is_absolute():
        raise BadInput(configuration.PORTS["repository"], f"git:{place}", "use git:/ABSOLUTE/PATH of a repository")
    found = GitRepository(path)
    found.check()
    return found


ADAPTERS: Mapping[str, Mapping[str, Open]] = MappingProxyType(
    {
        **{
            port: {"embedded": partial(_of_world, port), RECORDED: partial(_of_recording, port)}
            for port in PORTS
            if port != "repository"
        },
        "repository": {
            "embedded": partial(_of_world, "repository"),
            "git": _git,
            RECORDED: partial(_of_recording, "repository"),
        },
    }
)
"""Adapters by port and kind, the word before the colon of an address.  A new adapter is one entry here."""


class Part(NamedTuple):
    """One port of a world: where it comes from, and its adapter or why there is none."""

    address: str
    """Empty when nothing sets it."""
    adapter: Any
    trouble: str = ""
    """The reason why it cannot be used; empty when it can."""


class Assembled:
    """A world put together port by port, with the aliases and the lease of its platform's own world."""

    def __init__(self, name: str, clock: Clock, parts: Mapping[str, Part], base: World | None) -> None:
        self.name, self.clock, self._base = name, clock, base
        adapters = {port: each.adapter for port, each in parts.items()}
        self.platform: ports.Platform = adapters["platform"]
        self.metrics: ports.Metrics = adapters["metrics"]
        self.logs: ports.Logs = adapters["logs"]
        self.traces: ports.Traces = adapters["traces"]
        self.captures: ports.Captures = adapters["captures"]
        self.changes: ports.Changes = adapters["changes"]
        self.places: ports.Places = adapters["places"]
        self.repository: ports.Repository = adapters["repository"]

    def aliases(self) -> tuple[Alias, ...]:
        """Other names of the services, as the world of the platform knows them."""
        return self._base.aliases() if self._base else ()

    def gaps(self) -> tuple[Gap, ...]:
        """Parts that cannot be read of the platform's own world."""
        return self._base.gaps() if self._base else ()

    def renew(self, seconds: float) -> None:
        """Renew the lease of the platform's world, where it has one."""
        if self._base:
            self._base.renew(seconds)


def connect(url: str, clock: Clock | None = None) -> World:
    """Return the world that offers every port at an address.  Raises BadInput naming what to set, Unavailable."""
    if not url:
        raise BadInput(
            "SUTURE_WORLD_URL",
            "",
            f"set it to the address of a running world ({program.called('lab')} up prints one), "
            "or use --world lab or a payload of evals/alerts/ to start one",
        )
    scheme = url.partition(":")[0]
    if scheme not in WORLDS:
        raise BadInput("SUTURE_WORLD_URL", url, f"use an address that begins with {' or '.join(sorted(WORLDS))}:")
    return WORLDS[scheme](url, clock or SystemClock())


def named(settings: Settings) -> bool:
    """True when the settings name a world, or a port of one."""
    return bool(settings.world_url or settings.ports)


def part(port: str, settings: Settings, opening: Opening) -> Part:
    """Open one port; one that is unset or unreachable comes with the reason.  Raises BadInput for an address of no adapter."""
    variable = configuration.PORTS[port]
    address = settings.ports.get(port) or _whole(settings.world_url)
    if address in ("", NONE):
        why = f"the port {port} is not set: set {variable}"
        return Part(address, Unset(PORTS[port], why, Refused), why)
    kind, _, place = address.partition(":")
    open_adapter = ADAPTERS[port].get(kind)
    if open_adapter is None or not place:
        kinds = " or ".join(f"{known}:PLACE" for known in sorted(ADAPTERS[port]))
        raise BadInput(variable, address, f"use {kinds}, or {NONE}")
    try:
        return Part(address, open_adapter(place, opening))
    except BadInput as error:
        raise BadInput(variable, address, error.remedy) from error
    except SutureError as error:
        why = f"the {port} at {address} cannot be reached ({error})"
        return Part(address, Unset(PORTS[port], why, Unavailable), why)


def assemble(settings: Settings, clock: Clock | None = None) -> World:
    """Return the world of these settings.

    Raises BadInput for an address that makes no sense, and without a platform, which says what the services and the
    world's identity are; Unavailable when that does not answer.  Any other port that is unset or does not answer is
    missing.
    """
    if not settings.ports:
        return connect(settings.world_url, clock)
    opening = Opening(clock or SystemClock())
    found = {port: part(port, settings, opening) for port in PORTS}
    platform = found["platform"]
    if platform.address in ("", NONE):
        raise BadInput(
            "SUTURE_PLATFORM", platform.address, "set it or SUTURE_WORLD_URL: the platform knows the services"
        )
    if platform.trouble:
        raise Unavailable(platform.trouble)
    base = _base(platform.address, opening)
    name = base.name if base else f"a world at {platform.address}"
    absent = ", ".join(port for port, each in found.items() if each.trouble)
    clock = base.clock if base else opening.clock
    return Assembled(f"{name}, without {absent}" if absent else name, clock, found, base)


def _base(address: str, opening: Opening) -> World | None:
    """Return the whole world that a platform's address belongs to; None for a platform of its own."""
    kind, _, place = address.partition(":")
    if kind == RECORDED:
        return opening.world(address)
    return opening.world(place) if kind == "embedded" else None


def _whole(world_url: str) -> str:
    """Return the address that one port has in a whole world; empty without one."""
    if world_url.startswith(f"{RECORDED}:"):
        return world_url
    return f"embedded:{world_url}" if world_url else ""


def observing(settings: Settings) -> Settings:
    """Return the settings for what the platform is: over a recording nothing is done, and nobody is told of it.

    Its incident is an old one: no autonomy would have anything to act upon, and a notice would wake people for nothing.
    """
    if not (settings.ports.get("platform") or _whole(settings.world_url)).startswith(f"{RECORDED}:"):
        return settings
    return settings.model_copy(
        update={
            "autonomy": "observe",
            "autonomy_said": True,
            "publish_to": "",
            "notify_url": "",
            # Nobody waits for it, and all that can be asked lies in the folder.
            "suspects": "first",
        }
    )


def of_recording(settings: Settings, folder: Path, as_of: str) -> Settings:
    """Return the settings for a recording alone, as of a time in words; empty: its own.  Raises BadInput."""
    at = recorded.moment(as_of) if as_of else None
    return observing(settings.model_copy(update={"world_url": recorded.address(folder, at), "ports": {}}))


def chosen(settings: Settings) -> World:
    """Return the world that a person named.  Raises BadInput, also when nothing answers there."""
    try:
        return assemble(settings)
    except Unavailable as error:
        variable = "SUTURE_PLATFORM" if "platform" in settings.ports else "SUTURE_WORLD_URL"
        value = settings.ports.get("platform", settings.world_url)
        raise BadInput(variable, value, f"start that world or name one that runs ({error})") from error


def again(shared: Stores, settings: Settings, known: Row) -> tuple[World, Settings]:
    """Return the world in which an incident happened, and the settings for it.  Raises BadInput when it is gone."""
    url = settings.world_url or ("" if "platform" in settings.ports else shared.address(known.world))
    there = observing(settings.model_copy(update={"world_url": url}))
    if not named(there):
        raise BadInput("incident", known.id, "its world is not known here any more; set SUTURE_WORLD_URL")
    place = settings.ports.get("platform", url)
    try:
        found = assemble(there)
    except Unavailable as error:
        raise BadInput("incident", known.id, f"its world at {place} does not answer ({error})") from error
    # The port may be another world's by now.
    if found.platform.world() != known.world:
        raise BadInput("incident", known.id, f"it happened in another world than the one at {place}")
    return found, there
