"""Replay: the same codes and numbers from a record, and one sentence for each policy that decided in another version."""

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from graph import replay
from incident.decision import Decision, because
from incident.errors import Tampered
from incident.record import Decided, Record
from tests.unit.recorded import Told
from tools.records.record_folder import RecordFolder
from tools.scripted.clock import ManualClock


def recorded(at: Path, records: Iterable[Record], change: Callable[[Decision], Decision]) -> RecordFolder:
    """A journal with other decisions."""
    folder = RecordFolder(at, ManualClock())
    for record in records:
        event = record.event
        if isinstance(event, Decided):
            event = event.model_copy(update={"decision": change(event.decision)})
        folder.append(record.model_copy(update={"event": event}).canonical())
    return folder


def test_every_decision_comes_out_the_same(told: Told, tmp_path: Path) -> None:
    same, notes = replay.decided_again(recorded(tmp_path, told["healed"], lambda decision: decision))
    assert same == sum(isinstance(record.event, Decided) for record in told["healed"])
    assert notes == []


def test_each_policy_that_decided_in_another_version_is_said_once(told: Told, tmp_path: Path) -> None:
    def older(decision: Decision) -> Decision:
        return decision.model_copy(update={"version": 0}) if decision.policy == "canary.judge" else decision

    looks = sum(isinstance(r.event, Decided) and r.event.decision.policy == "canary.judge" for r in told["healed"])
    _, notes = replay.decided_again(recorded(tmp_path, told["healed"], older))
    assert looks > 1
    assert notes == [f"canary.judge was version 0 and is version 3 now; decisions not compared: {looks}"]


@pytest.mark.parametrize(
    "reason", [because("risk_scored", risk=1), because("another_code")], ids=["another number", "another code"]
)
@pytest.mark.invented
def test_another_code_or_number_is_found(told: Told, tmp_path: Path, reason: object) -> None:
    def forged(decision: Decision) -> Decision:
        if decision.policy != "risk.assess":
            return decision
        return decision.model_copy(update={"verdict": decision.verdict.model_copy(update={"reason": reason})})

    with pytest.raises(Tampered, match=r"risk\.assess decides verdict"):
        replay.decided_again(recorded(tmp_path, told["healed"], forged))
