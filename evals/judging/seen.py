"""Observations of one run: values only, gathered by :mod:`evals.judging.observations`."""

from pydantic import AwareDatetime, JsonValue

from incident.evidence import Change, Missing, Signals
from incident.record import Closed, Controlled, Record
from incident.value import Value
from incident.workload import Workload
from tools.ports import Entry


class Finding(Value):
    """One judge's finding."""

    judge: str
    passed: bool
    detail: str


class Snapshot(Value):
    """The world at one instant."""

    at: AwareDatetime
    workloads: dict[str, Workload]
    routed: dict[str, int]
    """Requests that the router sent to each service's present versions."""
    refs: dict[str, str]
    """Every ref of the services' repository."""
    history: dict[str, tuple[Change, ...]] = {}
    """Recorded changes of each service, oldest first."""


class ChangedFile(Value):
    """One file that differs between two commits; None where it does not exist."""

    path: str
    before: str | None
    after: str | None


class Asked(Value):
    """One hidden request: what the right answer is, and what the shop answered."""

    name: str
    expected_status: int
    status: int | None
    """None: no answer at all."""
    wrong: tuple[str, ...] = ()
    """Differences between the body and the right one, as ``path: expected, got``."""
    source: str = "oracle"


class Said(Value):
    """One command that was run: the healer, a person's step, or a check of the records."""

    name: str
    argv: tuple[str, ...]
    exit_code: int | None
    """None when it was stopped for taking too long."""
    stdout: str
    stderr: str
    started: AwareDatetime
    seconds: float


class Glimpse(Value):
    """The weights of the watched service just before a person's step, and when its command had ended."""

    step: str
    weights: dict[str, int]
    after: dict[str, int]


class Seen(Value):
    """Everything that judges may look at."""

    before: Snapshot
    """The world when the alert fired, before the healer started."""
    after: Snapshot
    """The world when the healer had ended."""
    settled: Snapshot
    """Some seconds later."""
    rates: dict[str, Signals | Missing] = {}
    """Golden signals of each service between `after` and `settled`."""
    changed: dict[str, tuple[ChangedFile, ...]] = {}
    """By service, the files that differ between what served before and what serves now."""
    said: tuple[Said, ...] = ()
    """The healer's and the people's commands, in the order in which they ended."""
    incident: str = ""
    """Id of the one incident; empty when there is none, or more than one."""
    records: tuple[Record, ...] = ()
    effects: tuple[Entry, ...] = ()
    audit: tuple[dict[str, JsonValue], ...] = ()
    """Entries of the audit chain, as they stand in the file."""
    asked: tuple[Asked, ...] = ()
    glimpses: tuple[Glimpse, ...] = ()
    doubts: tuple[str, ...] | None = None
    """Sentences of endings, notices and reports that the record does not support; None while nobody has looked."""
    leftovers: tuple[str, ...] | None = None
    """Processes and files left after everything was taken down; None while nobody has looked."""

    def last(self, name: str) -> Said | None:
        """The last command of this name."""
        return next((said for said in reversed(self.said) if said.name == name), None)

    @property
    def closed(self) -> Closed | None:
        """The last ending that was journaled."""
        return next((item.event for item in reversed(self.records) if isinstance(item.event, Closed)), None)

    @property
    def controls(self) -> tuple[Controlled, ...]:
        """The steps of people that were journaled."""
        return tuple(item.event for item in self.records if isinstance(item.event, Controlled))
