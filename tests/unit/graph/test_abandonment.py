"""An incident whose world is gone for good ends, once and with a sentence; one whose world is only away does not."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from pydantic import JsonValue

from graph import replay
from graph.config import settings
from graph.console import observer
from graph.journal import Journal
from graph.reports import journal_reader as journal
from graph.runtime import abandonment, unfinished
from graph.runtime import scanner as scanning
from graph.setup import stores
from incident.ending import Ending, Outcome
from incident.errors import Unavailable
from incident.phase import Phase
from incident.record import Acted, Closed, Moved
from tests.unit.graph.rows import AT, row
from tools import ports
from tools.audit import chain_file
from tools.records import process
from tools.scripted.clock import ManualClock

GONE = "its world at http://127.0.0.1:1 does not answer"
DEAD = "999999999:1"
HOUR = timedelta(hours=1)


@dataclass
class Told:
    """A notifier that remembers."""

    said: list[str]

    def tell(self, subject: str, body: Mapping[str, JsonValue]) -> tuple[tuple[str, bool], ...]:
        self.said.append(f"{subject}: {body.get('reason')}")
        return (("test", True),)


@dataclass
class Place:
    """The books in virtual time, with an incident whose process died in the middle of a change."""

    shared: stores.Stores
    clock: ManualClock
    told: Told

    def row(self) -> ports.Row:
        found = self.shared.incidents.find("inc-1")
        assert found is not None
        return found

    def unfinished(self) -> tuple[unfinished.Unfinished, ...]:
        rows = self.shared.incidents.rows()
        return unfinished.among(rows, self.shared.incidents.alive, self.clock.now(), HOUR)

    def records(self) -> tuple[Any, ...]:
        return journal.load(stores.folder(self.shared, "inc-1").lines())

    def journal(self) -> Journal:
        folder = stores.folder(self.shared, "inc-1")
        return Journal("inc-1", folder, self.shared.audit, self.clock, stores.redacted, observer.silent)

    def tries(self, count: int, apart: timedelta) -> list[Ending | None]:
        """Fail so often."""
        found = []
        for _ in range(count):
            found.append(abandonment.failed(self.shared, self.row(), GONE))
            self.clock.advance(apart.total_seconds())
        return found


@pytest.fixture
def place(tmp_path: Path) -> Place:
    clock, told = ManualClock(), Told([])
    plain = stores.connect(settings.load({"SUTURE_HOME": str(tmp_path / "home")}))
    at = Place(replace(plain, clock=clock, notify=told), clock, told)
    assert at.shared.incidents.claim(row(holder=""), DEAD) is not None
    at.journal().write("lock", Moved(before=Phase.LOCKING, after=Phase.DEPLOYING))
    at.shared.ledger.intend("k-1", "inc-1", {"service": "orders", "step": "canary-10"}, clock.now())
    return at


def test_it_ends_with_a_person_once_it_has_failed_for_a_day(place: Place) -> None:
    *before, last = place.tries(25, HOUR)
    assert before == [None] * 24
    assert last is not None
    assert last.outcome is Outcome.ESCALATED
    assert "25 tries since 2026-01-01 00:00 UTC" in last.reason
    assert GONE in last.reason
    assert "what runs there is not known" in last.reason
    closed = place.row()
    assert (closed.status, closed.outcome, closed.holder) == ("closed", "escalated", "")
    assert place.unfinished() == ()
    (told,) = place.told.said
    assert GONE in told


def test_nothing_is_left_in_flight_and_the_record_holds(place: Place) -> None:
    place.tries(25, HOUR)
    assert place.shared.ledger.open() == ()
    events = [record.event for record in place.records()]
    assert [event.result for event in events if isinstance(event, Acted)] == ["unknown"]
    assert [event.after for event in events if isinstance(event, Moved)] == [Phase.DEPLOYING, Phase.CLOSED]
    assert isinstance(events[-1], Closed)
    folder = stores.folder(place.shared, "inc-1")
    assert "escalated" in (folder.folder / "report.md").read_text().lower()
    replay.unchanged(place.shared.audit, folder, "inc-1")


@pytest.mark.parametrize(
    ("count", "apart"), [(200, timedelta(seconds=300)), (4, 20 * HOUR)], ids=["often in a day", "seldom in days"]
)
def test_an_outage_of_less_than_a_day_or_a_few_tries_end_nothing(place: Place, count: int, apart: timedelta) -> None:
    assert place.tries(count, apart) == [None] * count
    assert place.row().status == "open"
    assert place.told.said == []


def test_whoever_was_taken_up_in_between_starts_anew(place: Place) -> None:
    place.tries(24, HOUR)
    place.shared.audit.append(place.clock.now(), "suture", "resumed", {"incident": "inc-1", "place": "c-1"})
    assert place.tries(24, HOUR) == [None] * 24
    assert place.tries(1, HOUR)[0] is not None


def test_one_that_a_live_process_works_on_is_left_alone(place: Place) -> None:
    place.shared.incidents.update(place.row().model_copy(update={"holder": process.holder(1)}))
    assert place.tries(30, HOUR) == [None] * 30
    assert place.row().status == "open"


@pytest.mark.invented
def test_an_ending_that_the_journal_holds_already_stands(place: Place) -> None:
    """Killed between the record and its row: it was healed, whatever has become of its world since."""
    journal = place.journal()
    journal.write("close", Moved(before=Phase.VERIFYING, after=Phase.CLOSED))
    journal.write("close", Closed(ending=Ending(outcome=Outcome.HEALED, reason="well")))
    place.tries(25, HOUR)
    assert (place.row().status, place.row().outcome) == ("closed", "healed")
    assert place.told.said == []


class Full:
    """An audit chain that takes tries, and no record any more."""

    def __init__(self, real: chain_file.AuditFile) -> None:
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def append(self, at: Any, actor: str, action: str, body: Mapping[str, JsonValue]) -> int:
        if action == "record":
            raise Unavailable("the disk is full")
        return self._real.append(at, actor, action, body)


def test_one_that_cannot_be_ended_just_now_is_let_go_and_tried_again(place: Place) -> None:
    place.tries(24, HOUR)
    full = replace(place, shared=replace(place.shared, audit=cast("chain_file.AuditFile", Full(place.shared.audit))))
    with pytest.raises(Unavailable):
        full.tries(1, HOUR)
    assert [item.row.id for item in place.unfinished()] == ["inc-1"]
    assert place.tries(1, HOUR)[0] is not None
    assert place.row().status == "closed"


def scanned(place: Place, failed: Any, days: int) -> list[scanning.Resumed]:
    """So many days of a scanner whose every try finds no world."""

    def start(item: unfinished.Unfinished) -> scanning.Resumed:
        return scanning.heard(item, 2, "", f"suture: {GONE}\n")

    scanner = scanning.Scanner(place.unfinished, start, lambda _: None, failed)
    found: list[scanning.Resumed] = []
    with ThreadPoolExecutor(1) as pool:
        for _ in range(days * 24 * 6):
            scanner.look(pool, place.clock.now())
            while not scanner.idle:
                found += scanner.collect(place.clock.now(), timedelta(seconds=10))
            place.clock.advance(600)
    return found


def test_a_scanner_ends_it_and_then_has_nothing_left(place: Place) -> None:
    found = scanned(place, scanning.patient(place.shared), days=4)
    assert [item.outcome for item in found[:-1]] == ["unresumed"] * (len(found) - 1)
    assert found[-1].outcome is Outcome.ESCALATED
    assert place.row().changed_at - AT < timedelta(hours=26)
    assert place.unfinished() == ()


def test_control_without_the_deadline_it_stays_open_for_ever(place: Place) -> None:
    found = scanned(place, lambda item: item, days=4)
    assert {item.outcome for item in found} == {"unresumed"}
    assert [item.row.id for item in place.unfinished()] == ["inc-1"]
