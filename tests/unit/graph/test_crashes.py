"""The process ends before or after each write to the world, and another one goes on."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from graph.effects import perform
from incident.ending import Outcome
from tests.unit.graph.desks import INCIDENT, bench
from tools.scripted import world as scripted
from tools.scripted.clock import ManualClock
from tools.scripted.stage import Crashed, Trouble
from tools.scripted.world import incident_world

WRITES = {1: "claim", 2: "deploy", 3: "10 %", 4: "50 %", 5: "100 %", 6: "settle"}
"""The writes of a healed incident, in order."""


@pytest.mark.parametrize("moment", ["crash_before", "crash_after"])
@pytest.mark.parametrize("number", sorted(WRITES), ids=lambda number: WRITES[number].replace(" ", ""))
def test_another_process_goes_on_and_does_nothing_twice(tmp_path: Path, number: int, moment: str) -> None:
    """Whatever had been done is found at the resource by its key; whatever had not is done once."""
    clock = ManualClock()
    trouble = Trouble.model_validate({"changes": {number: moment}})
    first = bench(tmp_path, clock, incident_world(clock, trouble=trouble))
    clock.advance(30)
    with pytest.raises(Crashed):
        first.run(first.open())
    clock.advance(20)
    second = bench(tmp_path, clock, scripted.load(first.world.dump(), clock))
    state = second.run()
    assert state.ending is not None
    assert state.ending.outcome is Outcome.HEALED, state.ending.reason
    made = Counter(change.what for change in second.world.platform.history("orders", first.records[0].at))
    assert made == {"deploy": 1, "weights": 3, "remove": 1}
    assert all(entry.outcome is not None for entry in second.context.ledger.entries(INCIDENT))


def test_the_control_without_the_ledger_does_it_twice(tmp_path: Path) -> None:
    """The fault bites: with the books of the first process gone, the second one starts from nothing."""
    clock = ManualClock()
    trouble = Trouble.model_validate({"changes": {3: "crash_after"}})
    first = bench(tmp_path / "one", clock, incident_world(clock, trouble=trouble))
    clock.advance(30)
    with pytest.raises(Crashed):
        first.run(first.open())
    second = bench(tmp_path / "two", clock, scripted.load(first.world.dump(), clock))
    # The claims are still there: without them the same instant draws the same token, which the resource refuses.
    second.context = replace(second.context, lease_keeper=first.context.lease_keeper)
    second.run(second.open())
    deploys = [c for c in second.world.platform.history("orders", first.records[0].at) if c.what == "deploy"]
    assert len(deploys) > 1


def test_a_resource_that_somebody_newer_claimed_is_left_alone(tmp_path: Path) -> None:
    """A larger token at the resource: our writes stop, our undo too, and a person is told."""
    clock = ManualClock()
    at = bench(tmp_path, clock, incident_world(clock))
    clock.advance(30)

    def takes_over() -> None:
        from incident.workload import Annotate  # noqa: PLC0415 (only this test needs it)

        now = at.world.platform.read("orders")
        theirs = perform.effect_at(now).model_copy(update={"token": 10**18})
        at.world.platform.change("orders", Annotate(), revision=now.revision, effect=theirs)

    clock.after(5.0, takes_over)
    ending = at.heal()
    assert ending.outcome is Outcome.ESCALATED
    assert "newer" in ending.reason
    workload = at.world.platform.read("orders")
    assert perform.token_at(workload) == 10**18
    assert perform.before_of(workload) is not None
