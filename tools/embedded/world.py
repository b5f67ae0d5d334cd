"""The embedded world as wiring sees it: `connect`, and the six ports."""

from pathlib import Path
from urllib.parse import urlsplit

import httpx
from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from incident.errors import BadInput, Unavailable
from incident.evidence import Missing
from tools import ports
from tools.embedded import lines
from tools.embedded.captures import EmbeddedCaptures
from tools.embedded.client import Client
from tools.embedded.logs import EmbeddedLogs
from tools.embedded.metrics import EmbeddedMetrics
from tools.embedded.platform import EmbeddedPlatform
from tools.embedded.topology import Topology
from tools.embedded.traces import EmbeddedTraces
from tools.git_repository import GitRepository

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class About(BaseModel):
    """What the world says of itself.  Keys that we do not know are ignored."""

    model_config = ConfigDict(frozen=True)

    id: str
    started_at: AwareDatetime
    repository: str
    logs: str
    spans: str
    captures: str
    pid: int = 0


class EmbeddedWorld:
    """The embedded world's six backends together, and the lease of a world that was started for one run."""

    name = "the embedded lab (real processes on this machine)"

    def __init__(self, client: Client, about: About, clock: ports.Clock, repository: ports.Repository) -> None:
        self.about = about
        self._client = client
        platform = EmbeddedPlatform(client, about.id)
        spans = lines.Folder(Path(about.spans))

        def component_path(service: str) -> str:
            found = repository.component(service)
            return "" if isinstance(found, Missing) else found.path

        self.platform: ports.Platform = platform
        self.metrics: ports.Metrics = EmbeddedMetrics(client, clock)
        self.logs: ports.Logs = EmbeddedLogs(lines.Folder(Path(about.logs)), component_path)
        self.traces: ports.Traces = EmbeddedTraces(spans, Topology(spans, platform.services))
        self.captures: ports.Captures = EmbeddedCaptures(lines.Folder(Path(about.captures)))
        self.repository: ports.Repository = repository

    def renew(self, seconds: float) -> None:
        """Keep a world alive that ends when nobody renews it.  Raises Unavailable."""
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
    Raises BadInput for an address that is none of this machine's, and Unavailable when nothing answers there.
    """
    try:
        host = urlsplit(url).hostname
    except ValueError as error:
        raise BadInput("world", url, "use the address that the world printed") from error
    if host not in _LOOPBACK or not url.startswith("http://"):
        raise BadInput("world", url, "use the http://127.0.0.1:PORT address that the world printed")
    client = Client(url, clock, transport)
    answer = client.get("/world")
    try:
        about = About.model_validate(answer.body)
    except ValidationError as error:
        raise Unavailable(f"what answers at {url} is no embedded world") from error
    for folder in (about.repository, about.logs, about.spans, about.captures):
        if not Path(folder).is_absolute():
            raise Unavailable(f"the world at {url} names the folder {folder[:80]!r}, which is not absolute")
    return EmbeddedWorld(client, about, clock, repository or GitRepository(Path(about.repository)))
