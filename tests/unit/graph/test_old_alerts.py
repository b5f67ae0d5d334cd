"""An alert may have been firing for hours, or come from a clock that runs ahead: what is looked at stays bounded."""

from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from graph.evidence import collect
from graph.state import Case
from incident.evidence import Change
from incident.windows import Windows
from tests.unit.graph import desks
from tests.unit.graph.watched import Watched
from tools.scripted.clock import ManualClock
from tools.scripted.world import incident_world


def collected(tmp_path: Path, clock: ManualClock, began: timedelta, **world: Any) -> tuple[Any, list[timedelta], Case]:
    """Gather for an alert that began so long ago; the dossier, the stretches asked about, and the case."""
    at = desks.bench(tmp_path, clock, incident_world(clock, **world))
    case = at.case()
    started = clock.now() - began
    case = case.model_copy(update={"alert": case.alert.model_copy(update={"starts_at": started})})
    stretches: list[timedelta] = []
    parts = {name: Watched(getattr(at.world, name), stretches) for name in ("metrics", "logs", "traces", "captures")}
    others = {name: getattr(at.world, name) for name in ("platform", "changes", "places", "repository", "gaps")}
    world_seen = SimpleNamespace(**others, **parts)
    seen: Any = SimpleNamespace(clock=clock, settings=at.context.settings, world=world_seen)
    return collect.collect(seen, case, None), stretches, case


@pytest.mark.parametrize("began", [timedelta(seconds=10), timedelta(hours=2), timedelta(days=300)], ids=str)
def test_however_old_the_alert_is_a_quarter_of_an_hour_is_looked_at(tmp_path: Path, began: timedelta) -> None:
    clock = ManualClock()
    clock.advance(40)
    dossier, stretches, _ = collected(tmp_path, clock, began)
    assert stretches
    assert max(stretches) <= Windows().longest
    assert dossier.of("error_group"), dossier.gaps


def test_an_alert_from_a_clock_that_runs_ahead_begins_now_at_the_latest(tmp_path: Path) -> None:
    clock = ManualClock()
    clock.advance(40)
    dossier, _, case = collected(tmp_path, clock, timedelta(minutes=-5))
    assert case.alert.starts_at > clock.now()
    assert dossier.onset <= clock.now()


def test_the_deploy_before_an_old_onset_is_found(tmp_path: Path) -> None:
    """Changes are looked for before the onset, not before now."""
    clock = ManualClock()
    clock.advance(4 * 3600)
    began = timedelta(hours=3)
    dossier, _, _ = collected(tmp_path, clock, began, deployed_ago=began.total_seconds() + 30.0)
    assert "deploy" in [item.fact.what for item in dossier.of("change") if isinstance(item.fact, Change)]
