"""The switches are looked at once more between the intent and the effect, and before each repetition of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import pytest
from pydantic import JsonValue, TypeAdapter

from graph import list as listing
from graph.effects import perform
from graph.reports import journal_reader as journal
from incident.control import Control
from incident.ending import Outcome
from incident.errors import Halted
from incident.record import Acted, Decided
from incident.workload import Annotate, Deploy, Effect
from tests.unit.graph.desks import INCIDENT, Bench, bench
from tests.unit.graph.rows import row
from tests.unit.recorded import Told
from tools import ports
from tools.scripted.clock import ManualClock
from tools.scripted.stage import Crashed, Trouble
from tools.scripted.world import incident_world


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
    books = Watched(at.context.ledger, number, lambda: at.context.incidents.set_control(None, stop))
    at.context = replace(at.context, ledger=books)
    clock.advance(30)
    return at


def not_done(at: Bench) -> list[Mapping[str, JsonValue]]:
    outcomes = [entry.outcome for entry in at.context.ledger.entries(INCIDENT) if entry.outcome is not None]
    return [outcome for outcome in outcomes if outcome.get("result") == "not_done"]


def crashed_at(tmp_path: Path, mishap: str) -> Bench:
    """An incident whose process ended at its third change, the one to 10 %, and the next process's workplace."""
    clock = ManualClock()
    at = bench(tmp_path, clock, incident_world(clock, trouble=Trouble.model_validate({"changes": {3: mishap}})))
    clock.advance(30)
    with pytest.raises(Crashed):
        at.run(at.open())
    assert len(at.context.ledger.open()) == 1
    return bench(tmp_path, clock, at.world)


@pytest.mark.parametrize(
    ("mishap", "result"), [("crash_before", "not_done"), ("crash_after", "found")], ids=["before", "after"]
)
def test_an_intent_that_a_crash_left_open_is_concluded_when_the_switch_stops_what_goes_on(
    tmp_path: Path, mishap: str, result: str
) -> None:
    at = crashed_at(tmp_path, mishap)
    at.context.incidents.set_control(None, Control(stop_all=True, by="ada", reason="a storm", at=at.clock.now()))
    ended = at.run()
    assert ended.ending is not None
    assert ended.ending.outcome is Outcome.ESCALATED
    assert at.context.ledger.open() == ()
    widened = [e for e in at.context.ledger.entries(INCIDENT) if e.intent.get("step") == "canary-10"]
    assert [e.outcome and e.outcome["result"] for e in widened] == [result]
    assert at.weights() == {"v1": 100}


def test_control_without_the_switch_the_same_intent_is_made_after_all(tmp_path: Path) -> None:
    at = crashed_at(tmp_path, "crash_before")
    ended = at.run()
    assert ended.ending is not None
    assert ended.ending.outcome is Outcome.HEALED
    assert at.context.ledger.open() == ()
    assert not_done(at) == []


def test_where_somebody_else_has_been_since_nobody_claims_to_know(tmp_path: Path) -> None:
    """Their mark may stand in the place of ours."""
    at = crashed_at(tmp_path, "crash_after")
    revision = at.world.platform.read("orders").revision
    theirs = Effect(key="theirs", token=10**15, grant="another")
    at.world.platform.change("orders", Annotate(), revision=revision, effect=theirs)
    ended = at.run()
    assert ended.ending is not None
    assert ended.ending.outcome is Outcome.ESCALATED
    assert at.context.ledger.open() == ()
    outcomes = [e.outcome for e in at.context.ledger.entries(INCIDENT) if e.intent.get("step") == "canary-10"]
    assert [outcome and outcome["result"] for outcome in outcomes] == ["unknown"]


def test_what_was_given_up_is_not_made_later(tmp_path: Path) -> None:
    at = stopped_at(tmp_path, 2)
    at.heal()
    (entry,) = [e for e in at.context.ledger.entries(INCIDENT) if e.outcome and e.outcome.get("result") == "not_done"]
    at.context.incidents.set_control(None, Control(by="ada", at=at.clock.now()))
    lease = at.context.lease_keeper.take(INCIDENT, ("orders",), (), seconds=600.0, wait=0.0)
    assert isinstance(lease, ports.Lease)
    perform.fence(at.context, at.case(), "orders", lease)
    change: Deploy = TypeAdapter(Deploy).validate_python(entry.intent["change"])
    with pytest.raises(Halted, match="given up"):
        perform.perform(at.context, at.case(), lease, str(entry.intent["step"]), change)
    assert at.weights() == {"v1": 100}


@pytest.mark.parametrize(
    ("status", "count", "said"),
    [("open", 0, "nothing"), ("open", 1, "1 effect"), ("closed", 0, "nothing"), ("closed", 1, "unknown of 1 effect")],
)
def test_the_list_says_what_is_in_flight(status: str, count: int, said: str) -> None:
    assert listing.flying(row(status=status), count) == said


# The commit comes first; then the deploy, 10 %, 50 % and 100 %.
@pytest.mark.parametrize(("number", "deploys"), [(2, 0), (3, 1), (4, 1)], ids=["deploy", "10 %", "50 %"])
def test_a_switch_set_after_the_intent_stops_the_effect(tmp_path: Path, number: int, deploys: int) -> None:
    """The intent is concluded as not done, what was there before is put back, and the record says who."""
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
    assert at.context.ledger.open() == (), "nothing is in flight"
    (stopped,) = not_done(at)
    assert "ada" in str(stopped["detail"])
    (acted,) = [r.event for r in at.records if isinstance(r.event, Acted) and r.event.result == "not_done"]
    assert "ada" in acted.detail


def test_a_switch_set_while_a_lost_write_is_repeated_stops_the_repetition(tmp_path: Path) -> None:
    """The first write never arrived; whether to write again is asked again."""
    trouble = Trouble.model_validate({"changes": {2: "lost_request"}})
    at = stopped_at(tmp_path, 99, trouble)
    stop = Control(stop_all=True, by="ada", at=at.clock.now())
    books = Watched(
        at.context.ledger, 2, lambda: at.clock.after(0.05, lambda: at.context.incidents.set_control(None, stop))
    )
    at.context = replace(at.context, ledger=books)
    assert at.heal().outcome is Outcome.ESCALATED
    assert [entry.outcome for entry in at.context.ledger.entries(INCIDENT)][-1] is None, "it may still arrive"
    assert not [change for change in at.world.platform.history("orders", at.records[0].at) if change.what == "deploy"]


def test_control_without_the_switch_the_same_effects_happen(told: Told) -> None:
    """And each was asked about, on the record."""
    assert told["healed"][-1].event.kind == "closed"
    asked = journal.decisions(told["healed"], "autonomy.may_act")
    made = [event for _, event in journal.events(told["healed"], Acted) if event.result == "done"]
    assert {decision.choice for _, decision in asked} == {"allow"}
    # Claiming the service is asked about as well; giving it back at the end is not.
    assert len(asked) >= len(made) - 1 >= 4
