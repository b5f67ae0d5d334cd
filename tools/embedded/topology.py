"""Call graph of the services, from observed spans, kept in memory."""

from collections.abc import Callable, Mapping
from typing import Literal

from incident.calls import reached
from incident.evidence import Missing, Neighbours, Span
from tools import text
from tools.embedded import lines, spans

MAX_FIRST = 512 * 1024
"""Bytes at the end of each file that the first look reads: seconds of traffic show every ordinary call."""

MAX_PEERS = 200
"""Peers of one service that are remembered; a service that invents more is not believed."""


class Topology:
    """Edges from the client spans that were seen so far."""

    def __init__(self, folder: lines.Folder, services: Callable[[], tuple[str, ...]]) -> None:
        self._folder = folder
        self._services = services
        self._offsets: dict[tuple[str, int], int] = {}
        self._peers: dict[str, set[str]] = {}
        self._kinds: dict[str, dict[str, Literal["database", "queue"]]] = {}

    def neighbours(self, service: str) -> Neighbours | Missing:
        """The service's neighbours.  Missing when no span of it was seen, or the name is unknown."""
        known = frozenset(self._services())
        if service not in known:
            return Missing(reason=f"the platform knows no service {text.normalise(service, 80)}")
        self._look()
        if service not in self._peers and not any(service in peers for peers in self._peers.values()):
            return Missing(reason=f"no span of {service} was seen")
        callers = {name: {other for other in known if name in self._peers.get(other, ())} for name in known}
        called = self._peers.get(service, set())
        return Neighbours(
            service=service,
            callers=tuple(sorted(callers[service] - {service})),
            callees=tuple(sorted((called & known) - {service})),
            external=tuple(sorted(called - known)),
            dependents=tuple(sorted(reached(service, callers))),
        )

    def kinds(self, service: str) -> Mapping[str, Literal["database", "queue"]]:
        """Kinds of the hosts that a service calls, as far as its spans say."""
        return self._kinds.get(service, {})

    def _look(self) -> None:
        """Read what was added since the last look."""
        files = self._folder.files()
        if isinstance(files, Missing):
            return
        for file in files:
            # The first line from there may be the end of one: it is no JSON, and is passed over.
            start = max(self._offsets.get((file.name, file.inode), 0), file.size - MAX_FIRST)
            if file.size:
                self._peers.setdefault(file.service, set())
            for line in self._folder.lines(file, start, wanted=_is_call):
                self._offsets[file.name, file.inode] = line.after
                self._see(line, file)

    def _see(self, line: lines.Line, file: lines.File) -> None:
        peers = self._peers[file.service]
        span = spans.read(line.body, file) if line.body else None
        if span is not None and span.kind == "client" and span.peer and len(peers) < MAX_PEERS:
            peers.add(span.peer)
            kind = _kind(span)
            if kind is not None:
                self._kinds.setdefault(file.service, {})[span.peer] = kind


def _kind(span: Span) -> Literal["database", "queue"] | None:
    """Kind of the host that a span called, by the attributes that OpenTelemetry has for it."""
    if any(name.startswith("db.") for name in span.attributes):
        return "database"
    return "queue" if any(name.startswith("messaging.") for name in span.attributes) else None


def _is_call(raw: bytes) -> bool:
    """A cheap first look; the parsed line decides."""
    return b'"client"' in raw
