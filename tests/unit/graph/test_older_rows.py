"""Rows that an older version wrote are read: names of their fields have changed since."""

import json
from datetime import UTC, datetime

from graph.config.leave import Opening
from incident.declared_plan import DeclaredPlan
from incident.evidence import Dossier
from tools.ports import Row
from tools.records import incident_rows

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


def test_a_row_whose_declared_plan_was_called_a_stake_is_read() -> None:
    declared = DeclaredPlan(service="orders", change="c" * 64)
    row = Row(
        id="inc-1", world="w", fingerprint="f", starts_at=NOW, service="orders", status="open", declared=declared,
        opened_at=NOW, changed_at=NOW,
    )  # fmt: skip
    old = row.model_dump(mode="json")
    old["stake"] = old.pop("declared")
    columns = ("inc-1", "w", "f", str(NOW.timestamp()), "", json.dumps(old), 1)
    assert incident_rows.read(columns)[0] == row


def test_an_opening_that_said_where_claims_were_kept_says_where_locks_are() -> None:
    said = {"autonomy": "auto", "dry_run": False, "claims": "redis://127.0.0.1:6379/0"}
    known = Opening.model_validate(
        {
            **said,
            "case": {
                "incident": "inc-1",
                "world": "w",
                "payload": {"alerts": []},
                "alert": {"status": "firing", "labels": {}, "starts_at": NOW.isoformat(), "fingerprint": "f"},
                "service": "orders",
            },
        }
    )
    assert known.locks == said["claims"]


def test_a_dossier_from_before_errors_without_a_place_were_told_encodes_as_it_was() -> None:
    """Replay compares digests of facts, so a field that was not there must not appear."""
    at = "2026-01-31T12:00:00Z"
    group = {
        "kind": "error_group",
        "signature": {
            "service": "orders", "route": "POST /orders", "exception": "KeyError", "path": "a.py", "function": "f",
            "line": 9,
        },
        "count": 3, "first": at, "last": at, "versions": ["v1"], "message": "'tier'",
        "frames": [{"path": "a.py", "line": 9, "function": "f", "code": "d['tier']"}],
        "chain": [{"relation": "context", "exception": "ValueError", "message": "", "frames": []}],
    }  # fmt: skip
    old = {
        "service": "orders", "onset": at, "latest": None, "gaps": [], "searches": [],
        "evidence": [{"id": "E1", "source": "logs", "origin": "workload", "fact": group}],
    }  # fmt: skip
    assert json.loads(Dossier.model_validate(old).canonical()) == old
