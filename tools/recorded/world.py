"""A folder of exports as one world: every port reads what had happened by the as-of, and nothing else."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs, quote, unquote, urlsplit

from incident.capture import Capture
from incident.errors import BadInput, Refused, SutureError
from incident.evidence import Change, Gap, Span
from incident.workload import Alias, Version
from tools import ports
from tools.frames import places
from tools.git.repository import GitRepository
from tools.recorded import cluster, description, items, lines, rules, samples, times, traces
from tools.recorded.clock import RecordedClock
from tools.recorded.cluster import Cluster
from tools.recorded.description import Description
from tools.recorded.files import Files, Troubles
from tools.recorded.lines import Written
from tools.recorded.logs import RecordedLogs
from tools.recorded.metrics import RecordedMetrics
from tools.recorded.naming import Naming
from tools.recorded.platform import RecordedPlatform
from tools.recorded.raw import Raw
from tools.recorded.surroundings import RecordedCaptures, RecordedChanges, RecordedPlaces
from tools.recorded.traces import RecordedTraces
from tools.unset import Unset

KIND = "recorded"
BUNDLE, REPOSITORY = "repo.bundle", "repo"


class RecordedWorld:
    """The ports over one recording."""

    def __init__(self, files: Files, described: Description, held: "Held", as_of: datetime, naming: Naming) -> None:
        self.name = f"a recording at {files.root}, as of {as_of:%Y-%m-%d %H:%M:%S} UTC"
        self.as_of = as_of
        self.clock: ports.Clock = RecordedClock(as_of)
        self._troubles, self._naming, self._cluster = files.troubles, naming, held.cluster
        repository, changes = _repository(files), held.changes
        served = rules.read(files, naming, described.rules)
        told = RecordedTraces(traces.ended(held.spans, as_of, naming), naming)
        identity = f"{KIND}-{_digest(files, as_of)}"
        self.platform: ports.Platform = RecordedPlatform(
            identity, as_of, naming, _versions(described, held, as_of), changes
        )
        self.metrics: ports.Metrics = RecordedMetrics(held.raws, served, described, naming, as_of, files.troubles)
        self.logs: ports.Logs = RecordedLogs(held.written, lambda service: places.of_service(repository, service))
        self.traces: ports.Traces = told
        self.captures: ports.Captures = RecordedCaptures(held.captures)
        self.changes: ports.Changes = RecordedChanges(changes)
        self.places: ports.Places = RecordedPlaces(held.cluster, told, naming)
        self.repository: ports.Repository = repository

    def aliases(self) -> tuple[Alias, ...]:
        """Names that telemetry has for the services, and their pods."""
        found = []
        for name, service in sorted(self._naming.names.items()):
            namespace, _, bare = name.rpartition("/")
            found.append(Alias(service=service, kind="workload", name=bare, namespace=namespace))
        for service, pods in sorted(self._cluster.pods.items()):
            found += [Alias(service=service, kind="pod", name=pod.name) for pod in pods]
        return tuple(found)

    def renew(self, seconds: float) -> None:
        """Nothing: a folder does not end."""

    def gaps(self) -> tuple[Gap, ...]:
        """Files and lines that could not be read, and what was left out."""
        return self._troubles.gaps()


class Held(NamedTuple):
    """Everything that was read of a recording."""

    raws: Sequence[Raw]
    written: Sequence[Written]
    spans: Sequence[Span]
    changes: Sequence[Change] | None
    captures: Sequence[Capture] | None
    cluster: Cluster = Cluster()

    def newest(self) -> datetime | None:
        """The newest time in it; None where there is none."""
        found = [raw.points[-1][0] for raw in self.raws if raw.points]
        found += [one.line.at for one in self.written]
        found += [traces.end(span) for span in self.spans]
        found += [one.at for one in self.changes or ()]
        found += [one.at for one in self.captures or ()]
        return max(found, default=None)

    def until(self, as_of: datetime) -> "Held":
        """Everything that had happened by a time."""
        return Held(
            raws=samples.until(self.raws, as_of),
            written=[one for one in self.written if one.line.at <= as_of],
            spans=[span for span in self.spans if traces.end(span) <= as_of],
            changes=None if self.changes is None else [one for one in self.changes if one.at <= as_of],
            captures=None if self.captures is None else [one for one in self.captures if one.at <= as_of],
        )

    def services(self) -> Iterable[str]:
        """Every service that something speaks of."""
        yield from (raw.service for raw in self.raws)
        yield from (one.line.service for one in self.written)
        yield from (span.service for span in self.spans)
        yield from (one.service for one in self.changes or ())
        yield from (one.service for one in self.captures or ())
        yield from self.cluster.sets


def address(folder: Path, as_of: datetime | None = None) -> str:
    """The address of a recording, which `connect` opens again as of the same time."""
    asked = f"?as_of={quote(as_of.isoformat())}" if as_of is not None else ""
    return f"{KIND}:{quote(str(folder.absolute()))}{asked}"


def connect(url: str, clock: ports.Clock | None = None) -> RecordedWorld:  # noqa: ARG001 (a recording has its own)
    """Open the recording at an address.  Raises BadInput for what is no recording."""
    parts = urlsplit(url)
    folder = Path(unquote(parts.path))
    if parts.scheme != KIND or not folder.is_absolute():
        raise BadInput("recording", url, f"use {KIND}:/ABSOLUTE/FOLDER")
    said = parse_qs(parts.query).get("as_of", [""])[0]
    return opened(folder, moment(said) if said else None)


def moment(said: str) -> datetime:
    """A time that a person wrote.  Raises BadInput."""
    found = times.read(said)
    if found is None:
        raise BadInput("as-of", said, "use a time as 2026-03-01T12:10:00Z")
    return found


def opened(folder: Path, asked: datetime | None) -> RecordedWorld:
    """Read a recording as of a time; None: as its description says, or the newest time in it.  Raises BadInput."""
    files = Files(folder, Troubles())
    described = description.load(files)
    naming = Naming(described.services)
    whole = Held(
        raws=samples.read(files, naming, described),
        written=lines.read(files, naming, described.logs),
        spans=traces.read(files, naming),
        changes=items.changes(files, naming),
        captures=items.captures(files, naming),
    )
    as_of = asked or described.as_of or whole.newest()
    if as_of is None:
        raise BadInput("recording", str(folder), "put an export with times into it, or say --as-of")
    held = whole.until(as_of)
    found = cluster.read(files, naming, as_of)
    history = sorted((*(held.changes or ()), *found.history()), key=lambda one: one.at)
    known = held.changes is not None or found.sets
    held = held._replace(cluster=found, changes=history if known else None)
    naming.add((*held.services(), *(one.service for one in described.versions)))
    return RecordedWorld(files, described, held, as_of, naming)


def _digest(files: Files, as_of: datetime) -> str:
    return hashlib.sha256(f"{files.digest()} {as_of.isoformat()}".encode()).hexdigest()[:32]


def _versions(described: Description, held: Held, as_of: datetime) -> dict[str, tuple[Version, ...]]:
    """Versions that ran by then: as described, else as the cluster had them, else as telemetry names the newest."""
    found: dict[str, tuple[Version, ...]] = {}
    deployed = {one.service for one in held.changes or () if one.what == "deploy"}
    for service in held.services():
        if service and service not in found:
            found[service] = held.cluster.versions(service)
    newest = {} if not held.spans else {span.service: span for span in held.spans if span.version}
    for service, span in newest.items():
        if not found.get(service) and service not in deployed:
            found[service] = (Version(name=span.version, commit="", weight=100, ready=True, started_at=as_of),)
    for service in {one.service for one in described.versions}:
        ran = [one for one in described.versions if one.service == service]
        found[service] = tuple(
            Version(
                name=one.name,
                commit=one.commit,
                weight=one.weight,
                ready=one.ready,
                config=one.config,
                started_at=one.started_at or as_of,
            )
            for one in ran
            if one.started_at is None or one.started_at <= as_of
        )
    return found


def _repository(files: Files) -> ports.Repository:
    """The repository of the recording, or a stand-in that says why there is none."""
    if files.has(BUNDLE):
        files.troubles.say(BUNDLE, f"it cannot be read without git: git clone --bare {BUNDLE} {REPOSITORY}")
    why = f"the recording has no folder {REPOSITORY}"
    if (files.root / REPOSITORY).is_dir():
        found = GitRepository(files.root / REPOSITORY)
        try:
            found.check()
        except SutureError as error:
            files.troubles.say(REPOSITORY, str(error))
            why = str(error)
        else:
            return found
    unset: ports.Repository = Unset(ports.Repository, why, Refused)  # type: ignore[assignment]  # it follows the protocol
    return unset
