"""Suspects of an incident: journaled once when it is asked for, shown in the report, and replayed."""

from dataclasses import replace
from pathlib import Path

import pytest

from graph.reports import journal_reader, report
from incident.errors import BadInput
from incident.record import Decided
from policies import registry
from policies.suspects import ranking
from tests.unit.graph import driven, truths
from tests.unit.graph.desks import Bench, bench
from tools.scripted.clock import ManualClock
from tools.scripted.world import incident_world


def healed(folder: Path, *, suspects: str) -> Bench:
    clock = ManualClock()
    at = bench(folder, clock, incident_world(clock))
    at.context = replace(at.context, settings=at.context.settings.model_copy(update={"suspects": suspects}))
    clock.advance(20)
    at.heal()
    return at


def test_an_incident_ranks_its_suspects_once_and_its_report_shows_them(tmp_path: Path) -> None:
    at = healed(tmp_path, suspects="first")
    records = tuple(at.records)
    (decided,) = (
        record.event
        for record in records
        if isinstance(record.event, Decided) and record.event.decision.policy == ranking.NAME
    )
    again = registry.replay(ranking.NAME, ranking.VERSION, decided.facts)
    assert not isinstance(again, str)
    assert again.canonical() == decided.decision.canonical()
    told = report.render(records)
    assert "## Suspects" in told
    assert "| service orders | convicted |" in told
    assert truths.doubts(tmp_path) == ()


def test_without_the_setting_nobody_is_ranked(tmp_path: Path) -> None:
    at = healed(tmp_path, suspects="off")
    assert journal_reader.decision(tuple(at.records), ranking.NAME) is None
    assert "## Suspects" not in report.render(tuple(at.records))


def test_the_setting_says_when(tmp_path: Path) -> None:
    assert driven.said(tmp_path, SUTURE_SUSPECTS="first").suspects == "first"
    assert driven.said(tmp_path).suspects == "needed"
    with pytest.raises(BadInput, match="SUTURE_SUSPECTS"):
        driven.said(tmp_path, SUTURE_SUSPECTS="perhaps")
