"""The short form of the audit bench: no change goes unseen, no clean log raises an alarm."""

import random

import pytest

from evals.bench import audit_changes


@pytest.mark.parametrize("kind", audit_changes.CHANGES)
def test_every_change_of_a_kind_is_found_with_the_anchor(kind: str) -> None:
    rng = random.Random(f"7 {kind}")
    assert audit_changes.unfound(audit_changes.chain(100, rng), kind, 60, rng) == 0


@pytest.mark.parametrize("kind", ["truncate", "older copy", "fork"])
def test_control_without_the_anchor_these_are_not_found(kind: str) -> None:
    rng = random.Random(7)
    of = audit_changes.chain(100, rng)
    bare = audit_changes.Chain(of.lines, of.heads, audit_changes.chain(0, rng).anchor)
    assert audit_changes.unfound(bare, kind, 30, rng) > 20


def test_clean_logs_raise_no_alarm_and_a_torn_tail_is_said() -> None:
    alarms, torn = audit_changes.false_alarms(40, random.Random(7))
    assert alarms == 0
    assert torn > 10


def test_there_are_twelve_kinds() -> None:
    assert len(audit_changes.CHANGES) == 12
