"""Each adapter is what its port asks for; the type checker reads the annotations below."""

import io
from pathlib import Path

from tools import clock, notify, ports, spans
from tools.audit import chain_file
from tools.locks import sqlite_locks
from tools.records import home, record_folder, sqlite_incidents, sqlite_ledger
from tools.records.marks import Marks
from tools.scripted import clock as scripted_clock


def test_one_home_serves_every_port(tmp_path: Path) -> None:
    place = home.lay_out(tmp_path / "home")
    real: ports.Clock = clock.SystemClock()
    virtual: ports.Clock = scripted_clock.ManualClock()
    locks: ports.Locks = sqlite_locks.open(place.locks, real)
    ledger: ports.Ledger = sqlite_ledger.open(place.ledger, real)
    audit: ports.Audit = chain_file.open(place.audit, place.audit_key, place.audit_anchor, real)
    marks = Marks(chain_file.load_key(place.audit_key))
    incidents: ports.Incidents = sqlite_incidents.open(place.incidents_index, real, audit, marks)
    journal: ports.RecordFolder = record_folder.open(place.incidents, "inc-1", real)
    tell: ports.Notify = notify.Notifier(io.StringIO(), place.notices, virtual, lambda: "n-1")
    tracer: ports.Tracer = spans.open(place.incident("inc-1") / "trace.jsonl", "inc-1", virtual, {})
    at = virtual.now()
    with tracer.span("all"):
        assert isinstance(locks.acquire("a", exclusive=("r",), shared=(), seconds=5.0, wait=0.0), ports.Lease)
        ledger.intend("k", "inc-1", {}, at)
        assert incidents.rows() == ()
        assert audit.append(at, "a", "b", {}) == 1
        journal.append(b"{}")
        assert tell.tell("subject", {}) == (("stderr", True), ("file", True))
    assert set(journal.digests()) == {"decisions.jsonl", "trace.jsonl"}
