"""What the rest of the system may ask of the world.

One protocol per thing; adapters live beside this file and do not know each other.  Every method may
raise :class:`incident.errors.Unavailable`; anything else it raises is named in its docstring.
Times are aware datetimes in UTC; durations are seconds; rates are shares between 0 and 1.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Literal, Protocol

from pydantic import AwareDatetime, JsonValue

from incident.capture import Capture
from incident.control import Approval, Control
from incident.evidence import Change, Condition, ErrorLog, Measurement, Missing, Neighbours, Signals, Signature, Span
from incident.proof import Proof, Reproduction
from incident.remedy import FileEdit, Patch
from incident.value import Value
from incident.workload import Routing, Workload, WorkloadChange


class Clock(Protocol):
    """Time, so that tests own it."""

    def now(self) -> datetime:
        """Wall clock in UTC: for records and for deadlines that survive a restart."""

    def monotonic(self) -> float:
        """Seconds that never jump: for leases and time-outs."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class Platform(Protocol):
    """Where services run."""

    def world(self) -> str:
        """A stable id of this world, part of every incident's identity."""

    def services(self) -> tuple[str, ...]:
        """The services that we may look at."""

    def read(self, service: str) -> Workload:
        """The service as it is now.  Raises KeyError for a name that does not exist."""

    def change(
        self, service: str, change: WorkloadChange, *, revision: int, annotations: Mapping[str, str]
    ) -> Workload:
        """Make one change and set annotations, in one step, if the revision still is `revision`.

        Returns when the change is in force.  Raises Conflict when the revision moved on,
        Unsure when the answer was lost after the request was sent, and Refused (an Unavailable)
        when the change makes no sense to the platform and nothing happened.
        """

    def routing(self, service: str) -> Routing:
        """What the router really sent to each version."""

    def history(self, service: str, since: datetime) -> tuple[Change, ...]:
        """Recorded changes of the service, oldest first."""

    def runtime(self, service: str) -> "Runtime":
        """How the service is run, so that a sandbox can do the same."""


class Runtime(Value):
    """How one service is run."""

    python: str
    """The interpreter of the environment that the service runs in."""
    mounts: tuple[str, ...]
    """Folders that must be visible, read-only, for that interpreter to start."""
    environment: dict[str, str]
    """The variables the service's process gets; secrets are not among them."""


class Metrics(Protocol):
    """Stored samples and the rules that are evaluated over them."""

    def rule(self, name: str, labels: Mapping[str, str]) -> Condition | Missing:
        """The condition of the one rule with this name and these labels; several matches are Missing."""

    def measure(self, condition: Condition) -> Measurement | Missing:
        """The condition's value now.  No samples, stale samples and NaN are Missing."""

    def signals(self, service: str, start: datetime, end: datetime, version: str | None = None) -> Signals | Missing:
        """Golden signals over a window, of all versions or of one."""

    def series(
        self,
        service: str,
        signal: Literal["requests", "errors", "memory_bytes"],
        start: datetime,
        end: datetime,
        version: str | None = None,
    ) -> tuple[tuple[datetime, float], ...] | Missing:
        """One point per sampling interval: increments for counters, values for gauges."""

    def firing(self) -> tuple[dict[str, str], ...]:
        """Label sets of the alerts that fire now."""


class Logs(Protocol):
    """What services wrote.  Workload-written: normalised by the adapter, and never trusted."""

    def errors(
        self, service: str, start: datetime, end: datetime, version: str | None = None
    ) -> tuple[ErrorLog, ...] | Missing:
        """Errors with stack traces, oldest first.  Missing when the service's log cannot be read at all."""


class Traces(Protocol):
    """Spans and the topology seen in them."""

    def failing(self, service: str, start: datetime, end: datetime, limit: int) -> tuple[tuple[Span, ...], ...]:
        """Whole traces with at least one failed span of this service, newest last."""

    def neighbours(self, service: str) -> Neighbours | Missing:
        """Direct and transitive neighbours."""


class Captures(Protocol):
    """Recorded requests."""

    def recorded(
        self,
        service: str,
        outcome: Literal["failed", "ok"],
        start: datetime,
        end: datetime,
        version: str | None = None,
        limit: int = 200,
    ) -> tuple[Capture, ...]:
        """Recorded requests of one outcome, oldest first; the newest `limit` of them."""


class Component(Value):
    """Where one service lives in the repository (from the repository's own ``suture.toml``)."""

    service: str
    path: str
    """Folder of the service's source, relative to the repository's root; patches stay inside."""
    app: str
    """ASGI application, as ``package.module:attribute``."""
    tests: str
    """Folder of the service's own tests, relative to the repository's root."""
    schemas: tuple[str, ...] = ()
    """Files that describe its data, readable by agents."""


class Commit(Value):
    """One commit of the history."""

    id: str
    at: AwareDatetime
    subject: str
    paths: tuple[str, ...]


class Repository(Protocol):
    """The services' source.  Only branches under ``suture/`` are ever written."""

    def component(self, service: str) -> Component | Missing:
        """Where the service lives; Missing when the repository does not say."""

    def files(self, commit: str, folder: str) -> tuple[str, ...]:
        """Paths of the text files below a folder at a commit."""

    def text(self, commit: str, path: str) -> str:
        """A file at a commit.  Raises KeyError when there is none."""

    def log(self, commit: str, folder: str, limit: int) -> tuple[Commit, ...]:
        """Commits that touched a folder, newest first."""

    def export(self, commit: str, target: str) -> None:
        """Write the tree of a commit into an empty folder."""

    def diff(self, before: Mapping[str, str], after: Mapping[str, str]) -> str:
        """A unified diff between two sets of files."""

    def branch(self, name: str) -> str | None:
        """The commit a branch points at, or None."""

    def commit(self, branch: str, base: str, files: Mapping[str, str], message: str) -> str:
        """Commit files on top of `base` to a branch under ``suture/``, and return the commit.

        Deterministic in its arguments, so that doing it again yields the same commit.  Raises
        Conflict when the branch exists and points elsewhere.
        """


class Limits(Value):
    """Limits of one sandboxed run.  A sandbox that cannot apply one of them refuses to run."""

    seconds: float = 20.0
    memory_bytes: int = 512 * 1024 * 1024
    processes: int = 32
    disk_bytes: int = 64 * 1024 * 1024
    output_bytes: int = 1024 * 1024


class Job(Value):
    """A command to run unprivileged, without a network, seeing only what is mounted."""

    argv: tuple[str, ...]
    tree: str
    """Folder that is copied in as the working directory ``/work`` (writable there, never outside)."""
    mounts: tuple[str, ...] = ()
    """Folders visible read-only at their own paths."""
    files: dict[str, str] = {}
    """More files, by path relative to ``/work``, written over the tree."""
    environment: dict[str, str] = {}
    stdin: str = ""
    limits: Limits = Limits()


class Ran(Value):
    """What a sandboxed command did."""

    exit_code: int | None
    """None when it was stopped by a limit."""
    stopped_by: Literal["time", "memory", "output"] | None = None
    stdout: str
    stderr: str
    seconds: float


class Sandbox(Protocol):
    """Runs untrusted code.  Raises Unavailable when it cannot apply every limit."""

    def run(self, job: Job) -> Ran:
        """Run a job to its end or to a limit."""


class Prover(Protocol):
    """Puts a change to the proof in a sandbox."""

    def reproduce(
        self,
        base_commit: str,
        component: Component,
        runtime: "Runtime",
        failing: tuple[Capture, ...],
        signature: Signature,
        healthy: tuple[Capture, ...] = (),
    ) -> Reproduction | Missing:
        """The smallest recorded request that fails on the base with the same exception at the same place.

        Recorded successes lend their answers to calls that the failing request never came to make.
        """

    def regression_test(self, reproduction: Reproduction, component: Component) -> FileEdit:
        """A new test file for the service's own suite that fails on the base and passes when mended."""

    def prove(
        self,
        patch: Patch,
        component: Component,
        runtime: "Runtime",
        reproduction: Reproduction,
        healthy: tuple[Capture, ...],
    ) -> Proof:
        """Every check of a patch, in one proof bound to the patch's digest and base."""


class Tracer(Protocol):
    """Spans about our own work."""

    def span(self, name: str, **attributes: str | int | float) -> AbstractContextManager[None]:
        """A span around a block; errors that leave the block are recorded on it."""

    def close(self) -> None:
        """Write what is waiting; later spans are dropped."""


class Lease(Value):
    """Exclusive and shared claims that were granted together."""

    owner: str
    token: int
    """Fencing token: larger than any granted before, for ever."""
    exclusive: tuple[str, ...]
    shared: tuple[str, ...]
    seconds: float


class Busy(Value):
    """The claim was not granted in time, and who is in the way."""

    holders: tuple[str, ...]
    waited: float


class Locks(Protocol):
    """All-or-nothing claims with fencing tokens."""

    def acquire(
        self, owner: str, *, exclusive: Sequence[str], shared: Sequence[str], seconds: float, wait: float
    ) -> Lease | Busy:
        """Claim everything or nothing within `wait` seconds, first come first served.

        An owner that claims again gives up what it held and gets a larger token.
        """

    def renew(self, lease: Lease) -> bool:
        """Extend the lease.  False when it is no longer ours."""

    def release(self, lease: Lease) -> None:
        """Give it back.  Harmless when it is no longer ours."""


class Entry(Value):
    """One effect in the ledger."""

    key: str
    incident: str
    intent: dict[str, JsonValue]
    intended_at: AwareDatetime
    outcome: dict[str, JsonValue] | None = None
    concluded_at: AwareDatetime | None = None


class Ledger(Protocol):
    """Intents and outcomes of effects, synced to disk before it returns."""

    def look(self, key: str) -> Entry | None:
        """The entry of this key, or None."""

    def intend(self, key: str, incident: str, intent: Mapping[str, JsonValue], at: datetime) -> None:
        """Write an intent.  Writing the same intent again is harmless; another under its key is Conflict."""

    def conclude(self, key: str, outcome: Mapping[str, JsonValue], at: datetime) -> None:
        """Write the outcome of an intent.  Raises KeyError without one."""

    def entries(self, incident: str) -> tuple[Entry, ...]:
        """All effects of an incident, in order."""

    def open(self) -> tuple[Entry, ...]:
        """Intents without an outcome, of all incidents."""


class Audit(Protocol):
    """The keyed chain.  Append-only; raises Unavailable when it cannot be written and synced."""

    def append(self, at: datetime, actor: str, action: str, body: Mapping[str, JsonValue]) -> int:
        """Append one entry and return its sequence number."""

    def verify(self) -> None:
        """Check the whole chain against key and anchor.  Raises Tampered, naming the place."""

    def find(self, action: str, incident: str) -> tuple[Mapping[str, JsonValue], ...]:
        """Bodies of the entries of one action about one incident, in order."""


class Journal(Protocol):
    """The record folder of one incident."""

    def append(self, line: bytes) -> None:
        """Append one line (without its newline) to ``decisions.jsonl`` and sync it."""

    def lines(self) -> tuple[bytes, ...]:
        """All complete lines of ``decisions.jsonl``."""

    def write(self, name: str, content: bytes) -> None:
        """Write another record file atomically (``patch.diff``, ``report.md``)."""

    def digests(self) -> dict[str, str]:
        """SHA-256 of every record file, by name."""


class Row(Value):
    """One incident as the index of incidents knows it."""

    id: str
    world: str
    fingerprint: str
    starts_at: AwareDatetime
    service: str
    status: Literal["open", "waiting", "closed"]
    outcome: str = ""
    reason: str = ""
    waiting_on: str = ""
    holder: str = ""
    """Process that works on it, as ``pid:start time``; empty when nobody does."""
    opened_at: AwareDatetime
    changed_at: AwareDatetime


class Incidents(Protocol):
    """The index of incidents and what people said about them.  One worker per incident."""

    def claim(self, row: Row, holder: str) -> Row | None:
        """Open the incident or take over a dead holder's; None when a live process works on it.

        Identity is (world, fingerprint, starts_at): claiming a known one returns its row.
        """

    def update(self, row: Row) -> None:
        """Store a changed row."""

    def find(self, incident: str) -> Row | None:
        """One incident by id."""

    def rows(self) -> tuple[Row, ...]:
        """All incidents, oldest first."""

    def control(self, incident: str) -> Control:
        """The switches that apply to this incident now, the kill switch included."""

    def set_control(self, incident: str | None, control: Control) -> None:
        """Set an incident's switches, or with None the kill switch for all."""

    def approve(self, incident: str, approval: Approval) -> None:
        """Store a person's answer."""

    def take_approval(self, incident: str, plan_digest: str, base: str, now: datetime) -> Approval | None:
        """The unused, unexpired answer for this plan on this base, marked used; or None."""


class Notify(Protocol):
    """Tells people."""

    def tell(self, subject: str, body: Mapping[str, JsonValue]) -> tuple[tuple[str, bool], ...]:
        """Try every channel: (channel, delivered) each.  Never raises."""


class World(Protocol):
    """The backends of one world together, as wiring hands them over."""

    name: str
    """How the first line of the output names this world."""
    platform: Platform
    metrics: Metrics
    logs: Logs
    traces: Traces
    captures: Captures
    repository: Repository
