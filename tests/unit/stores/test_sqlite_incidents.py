"""One worker per incident, switches that last, and answers that count once."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from incident.control import Approval, Control
from incident.errors import Conflict
from tools import ports
from tools.scripted_clock import ManualClock
from tools.stores import sqlite_incidents

AT = datetime(2026, 1, 1, 12, tzinfo=UTC)


class Processes:
    """Which holders live, and what happens while one of them is looked up."""

    def __init__(self) -> None:
        self.dead: set[str] = set()
        self.meanwhile: Callable[[], object] = lambda: None

    def alive(self, holder: str) -> bool:
        meanwhile, self.meanwhile = self.meanwhile, lambda: None
        meanwhile()
        return holder not in self.dead


@pytest.fixture
def processes() -> Processes:
    return Processes()


@pytest.fixture
def index(tmp_path: Path, processes: Processes) -> Iterator[sqlite_incidents.SqliteIncidents]:
    store = sqlite_incidents.open(tmp_path / "incidents.db", ManualClock(), processes.alive)
    yield store
    store.close()


def row(identity: str = "inc-1", fingerprint: str = "f1", starts_at: datetime = AT) -> ports.Row:
    return ports.Row(
        id=identity,
        world="w",
        fingerprint=fingerprint,
        starts_at=starts_at,
        service="orders",
        status="open",
        opened_at=AT,
        changed_at=AT,
    )


def approval(
    *, approved: bool = True, digest: str = "d", base: str = "b", minutes: int = 5, by: str = "kim"
) -> Approval:
    return Approval(
        plan_digest=digest,
        base=base,
        approved=approved,
        by=by,
        os_user="u",
        at=AT,
        expires_at=AT + timedelta(minutes=minutes),
    )


Index = sqlite_incidents.SqliteIncidents


def test_the_first_claim_opens_the_incident(index: Index) -> None:
    claimed = index.claim(row(), "1:1")
    assert claimed == row().model_copy(update={"holder": "1:1"})
    assert index.rows() == (claimed,)
    assert index.find("inc-1") == claimed
    assert index.find("inc-2") is None


def test_a_live_worker_keeps_others_out(index: Index) -> None:
    index.claim(row(), "1:1")
    assert index.claim(row(), "2:2") is None
    assert [found.holder for found in index.rows()] == ["1:1"]


def test_a_dead_workers_incident_is_taken_over_as_it_stands(index: Index, processes: Processes) -> None:
    index.claim(row(), "1:1")
    index.update(row().model_copy(update={"holder": "1:1", "reason": "half way"}))
    processes.dead.add("1:1")
    taken = index.claim(row(), "2:2")
    assert taken is not None
    assert (taken.holder, taken.reason) == ("2:2", "half way")
    assert index.find("inc-1") == taken


def test_of_two_that_find_the_worker_dead_one_takes_over(index: Index, processes: Processes) -> None:
    index.claim(row(), "1:1")
    processes.dead.add("1:1")
    won: list[ports.Row | None] = []
    processes.meanwhile = lambda: won.append(index.claim(row(), "3:3"))
    assert index.claim(row(), "2:2") is None
    assert [found and found.holder for found in won] == ["3:3"]


def test_the_worker_itself_may_claim_again(index: Index) -> None:
    index.claim(row(), "1:1")
    again = index.claim(row(), "1:1")
    assert again is not None
    assert again.holder == "1:1"


def test_a_waiting_incident_that_nobody_holds_is_claimed(index: Index) -> None:
    index.claim(row(), "1:1")
    index.update(row().model_copy(update={"status": "waiting", "holder": ""}))
    taken = index.claim(row(), "2:2")
    assert taken is not None
    assert (taken.status, taken.holder) == ("waiting", "2:2")


def test_a_closed_incident_is_shown_and_stays_as_it_is(index: Index) -> None:
    index.claim(row(), "1:1")
    closed = row().model_copy(update={"status": "closed", "outcome": "healed", "holder": ""})
    index.update(closed)
    assert index.claim(row(), "2:2") == closed
    assert index.find("inc-1") == closed


def test_the_same_instant_in_another_zone_is_the_same_incident(index: Index, processes: Processes) -> None:
    index.claim(row(), "1:1")
    processes.dead.add("1:1")
    moved = row("inc-2", starts_at=AT.astimezone(timezone(timedelta(hours=5))))
    claimed = index.claim(moved, "2:2")
    assert claimed is not None
    assert claimed.id == "inc-1"
    assert len(index.rows()) == 1


def test_another_start_is_another_incident(index: Index) -> None:
    index.claim(row(), "1:1")
    assert index.claim(row("inc-2", starts_at=AT + timedelta(microseconds=1)), "2:2") is not None
    assert [found.id for found in index.rows()] == ["inc-1", "inc-2"]


def test_an_id_belongs_to_one_alert(index: Index) -> None:
    index.claim(row(), "1:1")
    with pytest.raises(Conflict):
        index.claim(row(fingerprint="f2"), "2:2")
    with pytest.raises(Conflict):
        index.update(row(fingerprint="f2"))
    with pytest.raises(KeyError):
        index.update(row("inc-9"))


def test_a_nameless_worker_is_refused(index: Index) -> None:
    with pytest.raises(ValueError, match="name"):
        index.claim(row(), "")


def test_nothing_is_switched_at_first(index: Index) -> None:
    assert index.control("inc-1") == Control()


def test_a_pause_is_for_one_incident(index: Index) -> None:
    said = Control(paused=True, by="kim", at=AT)
    index.set_control("inc-1", said)
    assert index.control("inc-1") == said
    assert index.control("inc-2") == Control()
    index.set_control("inc-1", Control(by="kim"))
    assert not index.control("inc-1").paused


def test_the_kill_switch_is_for_all_keeps_what_was_said_before_and_lasts(index: Index, tmp_path: Path) -> None:
    index.set_control("inc-1", Control(paused=True, by="kim"))
    index.set_control(None, Control(stop_all=True, by="ana", reason="storm", at=AT))
    again = sqlite_incidents.open(tmp_path / "incidents.db", ManualClock())
    assert again.control("inc-1") == Control(stop_all=True, paused=True, by="ana", reason="storm", at=AT)
    assert again.control("never-seen").stop_all
    again.set_control(None, Control())
    assert index.control("inc-1") == Control(paused=True, by="kim")
    again.close()


def test_an_empty_id_switches_nothing(index: Index) -> None:
    with pytest.raises(ValueError, match="nobody"):
        index.set_control("", Control(stop_all=True))
    assert not index.control("inc-1").stop_all


def test_an_approval_counts_once(index: Index) -> None:
    index.approve("inc-1", approval())
    assert index.take_approval("inc-1", "d", "b", AT) == approval()
    assert index.take_approval("inc-1", "d", "b", AT) is None


@pytest.mark.parametrize(
    ("incident", "digest", "base"), [("inc-2", "d", "b"), ("inc-1", "e", "b"), ("inc-1", "d", "c")]
)
def test_an_approval_is_for_one_plan_on_one_base_of_one_incident(
    index: Index, incident: str, digest: str, base: str
) -> None:
    index.approve("inc-1", approval())
    assert index.take_approval(incident, digest, base, AT) is None
    assert index.take_approval("inc-1", "d", "b", AT) is not None, "asking for another one must not use it up"


@pytest.mark.parametrize(("minutes", "counts"), [(4, True), (5, False), (6, False)])
def test_an_approval_expires(index: Index, minutes: int, counts: bool) -> None:
    index.approve("inc-1", approval(minutes=5))
    taken = index.take_approval("inc-1", "d", "b", AT + timedelta(minutes=minutes))
    assert (taken is not None) is counts


def test_the_last_word_counts_and_the_earlier_one_does_not_come_back(index: Index) -> None:
    index.approve("inc-1", approval(by="kim"))
    index.approve("inc-1", approval(by="ana", approved=False))
    taken = index.take_approval("inc-1", "d", "b", AT)
    assert taken is not None
    assert (taken.by, taken.approved) == ("ana", False)
    assert index.take_approval("inc-1", "d", "b", AT) is None
