"""A surprised node is asked again only when asking may help, and never for ever."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from graph import guard
from graph.state import State
from incident.errors import Conflict, Fenced, Halted, Refused, SutureError, Tampered, Unavailable, Unsure
from tests.unit.graph import desks
from tools.scripted.clock import ManualClock
from tools.scripted.world import incident_world


def surprised(tmp_path: Path, error: SutureError, times: int = 10**6) -> tuple[dict[str, Any], int, float]:
    """(what came of a node that raises so often, how often it was asked, how long that took in virtual seconds)."""
    clock = ManualClock()
    at = desks.bench(tmp_path, clock, incident_world(clock))
    asked = 0

    def node(state: State, runtime: Any) -> dict[str, Any]:
        nonlocal asked
        asked += 1
        if asked <= times:
            raise error
        return {"went": "on"}

    began = clock.monotonic()
    runtime: Any = SimpleNamespace(context=at.context)
    return guard.guarded(node)(at.open(), runtime), asked, clock.monotonic() - began


def test_a_backend_that_answers_again_in_time_is_waited_for(tmp_path: Path) -> None:
    update, asked, _ = surprised(tmp_path, Unavailable("no answer"), times=3)
    assert (update["went"], asked) == ("on", 4)


def test_a_backend_that_stays_silent_ends_with_a_person_after_a_bounded_wait(tmp_path: Path) -> None:
    update, asked, seconds = surprised(tmp_path, Unavailable("no answer"))
    assert update["ending"].reason == "node: no answer"
    assert asked > 3
    assert 0 < seconds <= guard.PATIENCE


@pytest.mark.parametrize("kind", [Refused, Conflict, Fenced, Halted, Tampered, Unsure])
def test_what_asking_again_cannot_mend_ends_with_a_person_at_once(tmp_path: Path, kind: type[SutureError]) -> None:
    update, asked, seconds = surprised(tmp_path, kind("so it is"))
    assert update["ending"].reason == "node: so it is"
    assert (asked, seconds) == (1, 0)
