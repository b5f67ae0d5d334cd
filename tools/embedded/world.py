"""Connects to the embedded world and offers its ports.

Nothing that answers at an address is believed before it has proved its identity (:mod:`tools.embedded.world_proof`),
and what it says about folders only below its own, or where they belong to root or to this user.
"""

from pathlib import Path
from urllib.parse import urlsplit

import httpx
from pydantic import AwareDatetime, BaseModel, ConfigDict, TypeAdapter, ValidationError

from incident.errors import BadInput, Unavailable
from incident.evidence import Gap
from incident.workload import Alias
from tools import ports, text
from tools.embedded import lines, world_proof
from tools.embedded.captures import EmbeddedCaptures
from tools.embedded.client import Client
from tools.embedded.logs import EmbeddedLogs
from tools.embedded.metrics import EmbeddedMetrics
from tools.embedded.platform import EmbeddedPlatform
from tools.embedded.surroundings import EmbeddedChanges, EmbeddedPlaces
from tools.embedded.topology import Topology
from tools.embedded.traces import EmbeddedTraces
from tools.frames import places
from tools.git.repository import GitRepository

_ALIASES = TypeAdapter(tuple[Alias, ...])

_LOOPBACK = ("127.0.0.1", "localhost")

_KINDS = {
    "lab": "the embedded lab (real processes on this machine)",
    "scripted": "a scripted world (simulated: nothing in it is real)",
}
"""Names of the known kinds of worlds; any other is called what it calls itself."""


class About(BaseModel):
    """The world's description of itself.  Keys that we do not know are ignored."""

    model_config = ConfigDict(frozen=True)

    id: str
    kind: str = ""
    name: str = ""
    started_at: AwareDatetime
    folder: str
    """Folder of the world, which also holds the secret that proves its identity."""
    repository: str
    logs: str
    spans: str
    captures: str
    pid: int = 0


class EmbeddedWorld:
    """The embedded world's six backends together, and the lease of a world that was started for one run."""

    def __init__(self, client: Client, about: About, clock: ports.Clock, repository: ports.Repository) -> None:
        self.about = about
        self.name = _named(about)
        self.clock: ports.Clock = clock
        self._client = client
        platform = EmbeddedPlatform(client, about.id, Path(about.folder))
        spans = lines.Folder(Path(about.spans))

        self.platform: ports.Platform = platform
        self.metrics: ports.Metrics = EmbeddedMetrics(client, clock)
        self.logs: ports.Logs = EmbeddedLogs(
            lines.Folder(Path(about.logs)), lambda service: places.of_service(repository, service)
        )
        topology = Topology(spans, platform.services)
        self.traces: ports.Traces = EmbeddedTraces(spans, topology)
        self.changes: ports.Changes = EmbeddedChanges(client)
        self.places: ports.Places = EmbeddedPlaces(client, topology)
        self.captures: ports.Captures = EmbeddedCaptures(lines.Folder(Path(about.captures)))
        self.repository: ports.Repository = repository

    def aliases(self) -> tuple[Alias, ...]:
        """Other names of the services; none of a world that does not offer this call.  Raises Unavailable."""
        answer = self._client.get("/aliases")
        if answer.status == 404:
            return ()
        if answer.status != 200:
            raise Unavailable(f"the world answers {answer.complaint()} about /aliases")
        try:
            return _ALIASES.validate_python(answer.body)
        except ValidationError as error:
            raise Unavailable("the world's answer about /aliases is malformed") from error

    def gaps(self) -> tuple[Gap, ...]:
        """Nothing: each port says what it cannot read."""
        return ()

    def renew(self, seconds: float) -> None:
        """Renew the lease of a world that ends without one.  Raises Unavailable."""
        answer = self._client.ask("/lease", {"seconds": seconds})
        if answer.status != 200:
            raise Unavailable(f"the lease was not renewed: {answer.complaint()}")

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


def connect(
    url: str,
    clock: ports.Clock,
    transport: httpx.BaseTransport | None = None,
    repository: ports.Repository | None = None,
) -> EmbeddedWorld:
    """The world that answers at this address of this machine.

    `transport` and `repository` stand in for the network and for the git repository that the world names.
    Raises BadInput for an address that is none of this machine's, and Unavailable when nothing answers there, or
    nobody who proves to be a world of this user's or of root's.
    """
    try:
        parts = urlsplit(url)
        # Another loopback address may be another process's: worlds listen on this one.
        address = f"http://127.0.0.1:{parts.port}"
    except ValueError as error:
        raise BadInput("world", url, "use the address that the world printed") from error
    if parts.hostname not in _LOOPBACK or parts.port is None or parts.scheme != "http":
        raise BadInput("world", url, "use the http://127.0.0.1:PORT address that the world printed")
    # This answer carries no proof yet.  It only says where the key lies, and the signed one must say the same.
    stranger = Client(address, clock, transport)
    try:
        claimed = _about(stranger, url)
    finally:
        stranger.close()
    key = world_proof.read(Path(claimed.folder), claimed.id)
    client = Client(address, clock, transport, key)
    about = _about(client, url)
    if about != claimed:
        raise Unavailable(f"the world at {url} describes itself in two ways")
    return EmbeddedWorld(client, about, clock, repository or GitRepository(Path(about.repository)))


def _about(client: Client, url: str) -> About:
    try:
        about = About.model_validate(client.get("/world").body)
    except ValidationError as error:
        raise Unavailable(f"what answers at {url} is no embedded world") from error
    root = Path(about.folder)
    if not root.is_absolute():
        raise Unavailable(f"the world at {url} names the folder {about.folder[:80]!r}, which is not absolute")
    for folder in (about.repository, about.logs, about.spans, about.captures):
        if not world_proof.believed(Path(folder), root):
            raise Unavailable(
                f"the world at {url} names the folder {folder[:80]!r}, which is outside its own and belongs to neither root nor you"
            )
    return about


def _named(about: About) -> str:
    """The world as people are told of it.  A name is its own word, made harmless, and so is a kind that we do not know."""
    said = text.normalise(about.name or about.kind, 60)
    return _KINDS.get(about.kind) or (f"a world that calls itself {said!r}" if said else "a world without a name")
