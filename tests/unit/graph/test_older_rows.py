"""Rows that an older version wrote are read: names of their fields have changed since."""

import json
from datetime import UTC, datetime

from graph.config.leave import Opening
from incident.declared_plan import DeclaredPlan
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
