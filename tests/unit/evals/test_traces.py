"""Recorded incidents as frames and figures."""

from pathlib import Path

import pytest
from matplotlib.figure import Figure

from evals.traces import frames, load, plots
from graph.reports import journal_reader as journal
from incident.errors import BadInput, Tampered
from incident.record import Decided, Moved
from tests.unit.recorded import Told


def test_the_timeline_has_every_record(told: Told) -> None:
    found = frames.timeline(told["healed"])
    assert len(found) == len(told["healed"])
    assert found["seconds"].is_monotonic_increasing
    assert found["seconds"].iloc[0] == 0
    assert found["what"].str.len().min() > 0


def test_the_states_follow_each_other_without_a_gap(told: Told) -> None:
    found = frames.phases(told["healed"])
    assert len(found) == 1 + sum(1 for _ in journal.events(told["healed"], Moved))
    assert found["phase"].iloc[0] == "queued"
    assert found["phase"].iloc[-1] == "closed"
    assert list(found["start"].iloc[1:]) == list(found["end"].iloc[:-1])
    assert found["seconds"].min() >= 0


def test_every_decision_and_every_constraint_is_a_row(told: Told) -> None:
    decided = [event.decision for _, event in journal.events(told["healed"], Decided)]
    assert len(frames.decisions(told["healed"])) == len(decided)
    assert len(frames.constraints(told["healed"])) == sum(len(decision.constraints) for decision in decided)


def test_the_factors_add_up_to_what_was_decided(told: Told) -> None:
    found = frames.factors(told["healed"])
    ((_, scored), *_) = reversed(journal.decisions(told["healed"], "risk.assess"))
    risk = found[found["policy"] == "risk.assess"]
    assert round(risk["contribution"].sum() * 10_000) == scored.data["score"]
    assert round(risk["weight"].sum(), 4) == 1


def test_the_canary_passes_every_bar_before_full_traffic(told: Told) -> None:
    found = frames.canary(told["healed"])
    promoted = found[(found["choice"] == "promote") & (found["side"] == "promotion")]
    assert len(promoted)
    assert (promoted["e_value"] >= promoted["bar"]).all()
    alarms = found[found["side"] == "alarm"]
    assert (alarms["e_value"] < alarms["bar"]).all()
    counted = frames.arms(told["healed"])
    assert set(counted["arm"]) == {"canary", "stable"}
    assert (counted["errors"] <= counted["requests"]).all()


def test_verification_ends_inside_the_threshold(told: Told) -> None:
    found = frames.verification(told["healed"])
    assert found["choice"].iloc[-1] == "healed"
    assert found["value"].iloc[-1] < found["threshold"].iloc[-1]


def test_what_was_not_done_says_why(told: Told) -> None:
    assert {"roll_back", "ask_human"} <= set(frames.rejected(told["healed"])["what"])
    failed = frames.rejected(told["rejected"])
    assert (failed["by"] == "proof").sum() >= 1
    assert failed["why_not"].str.len().min() > 0


@pytest.mark.parametrize("name", ["healed", "rejected", "stopped", "nothing"])
def test_every_figure_can_be_drawn_of_every_incident(told: Told, name: str, tmp_path: Path) -> None:
    """Also of one that never came to a canary, and of one without any record."""
    records = told.get(name, ())
    drawn: list[Figure] = [
        plots.timeline(frames.decisions(records), frames.phases(records)),
        plots.waterfall(frames.factors(records), "risk.assess"),
        plots.waterfall(frames.factors(records), "evidence_gate.judge"),
        plots.canary_evidence(frames.canary(records)),
        plots.verification(frames.verification(records)),
    ]
    for number, figure in enumerate(drawn):
        file = tmp_path / f"{number}.svg"
        figure.savefig(file)
        assert file.stat().st_size > 1_000


def test_a_record_is_read_from_its_folder(told: Told, tmp_path: Path) -> None:
    lines = b"".join(record.canonical() + b"\n" for record in told["stopped"])
    (tmp_path / load.DECISIONS).write_bytes(lines)
    assert load.read(tmp_path) == told["stopped"]
    (tmp_path / load.DECISIONS).write_bytes(lines + b"{}\n")
    with pytest.raises(Tampered, match="no record"):
        load.read(tmp_path)


def test_the_folder_is_named_or_the_demos_newest(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="make demo"):
        load.chosen({}, tmp_path)
    with pytest.raises(BadInput, match="SUTURE_INCIDENT"):
        load.chosen({load.VARIABLE: str(tmp_path)}, tmp_path)
    folder = tmp_path / "build" / "demo" / "home" / "incidents" / "inc-1"
    folder.mkdir(parents=True)
    (folder / load.DECISIONS).touch()
    assert load.chosen({}, tmp_path) == folder
    assert load.chosen({load.VARIABLE: str(folder)}, Path("/nowhere")) == folder
