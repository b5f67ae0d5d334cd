"""A healed world as judges see it, to be broken in one place by each test."""

from datetime import UTC, datetime, timedelta

from evals.judging.seen import Asked, ChangedFile, Said, Seen, Snapshot
from incident.ending import Ending, Outcome
from incident.evidence import Change, Signals
from incident.record import Closed, Event, Record
from incident.workload import Version, Workload

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
SERVICES = ("orders", "stock", "storefront")
BASE = "def price(order):\n    return order['tier']\n\n\ndef total(order):\n    return 0\n"
MENDED = "def price(order):\n    return (order['tier'] or 'standard')\n\n\ndef total(order):\n    return 0\n"


def version(name: str, weight: int = 100, *, commit: str = "a" * 40, ready: bool = True) -> Version:
    return Version(name=name, commit=commit, weight=weight, ready=ready, started_at=NOW)


def workload(service: str, *versions: Version, revision: str = "1") -> Workload:
    return Workload(service=service, revision=revision, versions=versions or (version("v1"),))


def snapshot(seconds: float, **changed: Workload | None) -> Snapshot:
    """All services at v1, but for those that are given; None leaves one out."""
    loads = {name: workload(name) for name in SERVICES} | changed
    present = {name: load for name, load in loads.items() if load is not None}
    return Snapshot(
        at=NOW + timedelta(seconds=seconds),
        workloads=present,
        routed={name: int(1000 + seconds * 10) for name in present},
        refs={"refs/heads/main": "a" * 40, "refs/tags/orders/v1": "a" * 40},
        history=dict.fromkeys(present, ()),
    )


def change(what: str, version: str, old: str | None = None, new: str | None = None) -> Change:
    return Change.model_validate(
        {"service": "orders", "at": NOW, "what": what, "version": version, "old": old, "new": new, "actor": "api"}
    )


def signals(service: str, requests: int = 400, errors: int = 0) -> Signals:
    return Signals(service=service, start=NOW, end=NOW + timedelta(seconds=8), requests=requests, errors=errors)


def said(name: str, exit_code: int | None = 0, stdout: str = "", seconds: float = 40.0) -> Said:
    return Said(name=name, argv=(name,), exit_code=exit_code, stdout=stdout, stderr="", started=NOW, seconds=seconds)


def record(event: Event, sequence: int = 1) -> Record:
    return Record(incident="inc-1", sequence=sequence, at=NOW, node="node", event=event)


def closed(
    outcome: Outcome = Outcome.HEALED, reason: str = "inside the alert's threshold for 8 s, and every other check holds"
) -> Closed:
    return Closed(ending=Ending(outcome=outcome, reason=reason), running="v1-suture-1 100 %")


ROLLOUT = (
    change("deploy", "v1-suture-1"),
    change("weights", "v1", "v1=100, v1-suture-1=0", "v1-suture-1=10, v1=90"),
    change("weights", "v1-suture-1", "v1-suture-1=10, v1=90", "v1-suture-1=100, v1=0"),
    change("remove", "v1"),
)


def healed() -> Seen:
    """Orders was patched, and everything about it is right."""
    mended = workload("orders", version("v1-suture-1", commit="b" * 40), revision="9")
    settled = snapshot(10, orders=mended)
    settled = settled.model_copy(
        update={
            "refs": {**settled.refs, "refs/heads/suture/inc-1": "b" * 40},
            "history": {**settled.history, "orders": ROLLOUT},
        }
    )
    return Seen(
        before=snapshot(0),
        after=snapshot(2, orders=mended),
        settled=settled,
        rates={name: signals(name) for name in SERVICES},
        changed={
            "orders": (
                ChangedFile(path="orders/price.py", before=BASE, after=MENDED),
                ChangedFile(path="orders/tests/test_regression.py", before=None, after="def test_it(): ...\n"),
            )
        },
        said=(said("healer"), said("replay", stdout="same"), said("audit", stdout="verify")),
        incident="inc-1",
        records=(record(closed()),),
        audit=({"actor": "suture", "action": "record", "body": {}},),
        asked=tuple(Asked(name=f"q{n}", expected_status=200, status=200) for n in range(8)),
        doubts=(),
        leftovers=(),
    )


def but(seen: Seen, **changed: object) -> Seen:
    """The same with other fields."""
    return Seen.model_validate({**{name: getattr(seen, name) for name in Seen.model_fields}, **changed})
