"""The switches are looked at once more between the intent and the effect, and before each repetition of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import pytest
from pydantic import JsonValue

from graph import records as journal
from incident.control import Control
from incident.ending import Outcome
from incident.record import Acted, Decided
from tests.unit.graph.desks import INCIDENT, Bench, bench
from tests.unit.recorded import Told
from tools import ports
from tools.scripted.stage import Trouble
from tools.scripted.world import incident_world
from tools.scripted_clock import ManualClock


@dataclass
class Watched:
    """A ledger that lets somebody act right after the how-manyth intent was written."""

    real: ports.Ledger
    number: int
    meanwhile: Callable[[], None]
    seen: int = 0

    def look(self, key: str) -> ports.Entry | None:
        return self.real.look(key)

    def intend(self, key: str, incident: str, intent: Mapping[str, JsonValue], at: datetime) -> None:
        self.real.intend(key, incident, intent, at)
        self.seen += 1
        if self.seen == self.number:
            self.meanwhile()

    def conclude(self, key: str, outcome: Mapping[str, JsonValue], at: datetime) -> None:
        self.real.conclude(key, outcome, at)

    def entries(self, incident: str) -> tuple[ports.Entry, ...]:
        return self.real.entries(incident)

    def open(self) -> tuple[ports.Entry, ...]:
        return self.real.open()


def stopped_at(tmp_path: Path, number: int, trouble: Trouble | None = None) -> Bench:
    clock = ManualClock()
    at = bench(tmp_path, clock, incident_world(clock, trouble=trouble))
    stop = Control(stop_all=True, by="ada", reason="a storm", at=clock.now())
    books = Watched(at.desk.ledger, number, lambda: at.desk.incidents.set_control(None, stop))
    at.desk = replace(at.desk, ledger=books)
    clock.advance(30)
    return at


# The commit comes first; then the deploy, 10 %, 50 % and 100 %.
@pytest.mark.parametrize(("number", "deploys"), [(2, 0), (3, 1), (4, 1)], ids=["deploy", "10 %", "50 %"])
def test_a_switch_set_after_the_intent_stops_the_effect(tmp_path: Path, number: int, deploys: int) -> None:
    """The intent stays without an outcome, what was there before is put back, and the record says who."""
    at = stopped_at(tmp_path, number)
    before = at.weights()
    ending = at.heal()
    assert ending.outcome is Outcome.ESCALATED
    assert "ada" in ending.reason
    assert at.weights() == before
    history = at.world.platform.history("orders", at.records[0].at)
    assert sum(change.what == "deploy" for change in history) == deploys
    refused = [r.event for r in at.records if isinstance(r.event, Decided) and r.event.decision.choice == "deny"]
    assert [event.decision.policy for event in refused] == ["autonomy.may_act"]
    assert [entry for entry in at.desk.ledger.entries(INCIDENT) if entry.outcome is None]


def test_a_switch_set_while_a_lost_write_is_repeated_stops_the_repetition(tmp_path: Path) -> None:
    """The first write never arrived; whether to write again is asked again."""
    trouble = Trouble.model_validate({"changes": {2: "lost_request"}})
    at = stopped_at(tmp_path, 99, trouble)
    stop = Control(stop_all=True, by="ada", at=at.clock.now())
    books = Watched(at.desk.ledger, 2, lambda: at.clock.after(0.05, lambda: at.desk.incidents.set_control(None, stop)))
    at.desk = replace(at.desk, ledger=books)
    assert at.heal().outcome is Outcome.ESCALATED
    assert not [change for change in at.world.platform.history("orders", at.records[0].at) if change.what == "deploy"]


def test_control_without_the_switch_the_same_effects_happen(told: Told) -> None:
    """And each was asked about, on the record."""
    assert told["healed"][-1].event.kind == "closed"
    asked = journal.decisions(told["healed"], "autonomy.may_act")
    made = [event for _, event in journal.events(told["healed"], Acted) if event.result == "done"]
    assert {decision.choice for _, decision in asked} == {"allow"}
    # Claiming the service is asked about as well; giving it back at the end is not.
    assert len(asked) >= len(made) - 1 >= 4
