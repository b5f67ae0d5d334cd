"""Gathers what judges look at: the world's snapshots and the healer's records."""

import json
import sqlite3
from datetime import timedelta
from pathlib import Path

from pydantic import JsonValue, TypeAdapter

from evals.judging import labs
from evals.judging.labs import Lab
from evals.judging.seen import ChangedFile, Seen, Snapshot
from evals.truth import check as truth
from evals.truth import record
from incident.record import Record
from tools.ports import Entry
from tools.records.home import Home

_ENTRY: TypeAdapter[Entry] = TypeAdapter(Entry)


def incident_of(home: Path) -> str:
    """The id of the one incident in a home; empty when there is none, or more than one."""
    folder = Home(root=home).incidents
    found = [path.name for path in folder.iterdir() if path.is_dir()] if folder.is_dir() else []
    return found[0] if len(found) == 1 else ""


def gather(home: Path, lab: Lab, *, before: Snapshot, after: Snapshot, settled: Snapshot) -> Seen:
    """Everything but the commands and the hidden requests."""
    incident = incident_of(home)
    # The router's second of delay stays out: what was on its way at the ending may still have failed.
    start = min(after.at + timedelta(seconds=1), settled.at - timedelta(seconds=1))
    return Seen(
        before=before,
        after=after,
        settled=settled,
        rates={name: lab.signals(name, start, settled.at) for name in settled.workloads},
        changed=changes(lab, before, settled),
        incident=incident,
        records=records(home, incident),
        effects=effects(home, incident),
        audit=chain(home),
        doubts=doubts(home),
    )


def changes(lab: Lab, before: Snapshot, settled: Snapshot) -> dict[str, tuple[ChangedFile, ...]]:
    """By service, the files that differ between the commits that served then and serve now."""
    found: dict[str, tuple[ChangedFile, ...]] = {}
    for name, then in before.workloads.items():
        now = settled.workloads.get(name)
        if then.serving is not None and now is not None and now.serving is not None:
            files = labs.changed(lab.repository, then.serving.commit, now.serving.commit)
            if files:
                found[name] = files
    return found


def doubts(home: Path) -> tuple[str, ...]:
    """Sentences that people were told and that no record supports."""
    checked = [truth.check(record.load(folder)) for folder in record.folders((home,))]
    return tuple(f"{doubt.place}: {doubt.sentence}" for one in checked for doubt in one.doubts)


def records(home: Path, incident: str) -> tuple[Record, ...]:
    """The incident's journal; nothing when there is none."""
    path = Home(root=home).incidents / (incident or "none") / "decisions.jsonl"
    if not path.is_file():
        return ()
    return tuple(Record.model_validate_json(line) for line in path.read_bytes().splitlines())


def effects(home: Path, incident: str) -> tuple[Entry, ...]:
    """The incident's entries of the ledger, read without its adapter."""
    path = Home(root=home).ledger
    if not path.is_file():
        return ()
    query = "SELECT key, incident, intent, intended_at, outcome, concluded_at FROM effects WHERE incident = ?"
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        rows = connection.execute(f"{query} ORDER BY sequence", (incident,)).fetchall()
    finally:
        connection.close()
    return tuple(_entry(row) for row in rows)


def _entry(row: tuple[str, str, bytes, str, bytes | None, str | None]) -> Entry:
    key, incident, intent, intended_at, outcome, concluded_at = row
    return _ENTRY.validate_python(
        {
            "key": key,
            "incident": incident,
            "intent": json.loads(intent),
            "intended_at": intended_at,
            "outcome": None if outcome is None else json.loads(outcome),
            "concluded_at": concluded_at,
        }
    )


def chain(home: Path) -> tuple[dict[str, JsonValue], ...]:
    """The audit chain's entries as they stand in the file; whether they verify is another question."""
    path = Home(root=home).audit
    if not path.is_file():
        return ()
    return tuple(json.loads(line) for line in path.read_bytes().splitlines() if line.endswith(b"}"))
