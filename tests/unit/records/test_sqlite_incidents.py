"""One worker per incident: who may take a row over, who may change it, and what becomes of one that cannot be read."""

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from incident.control import Control
from incident.errors import Conflict, Refused, Superseded, Tampered, Unavailable
from tests.contract.index import index as opened
from tools import ports
from tools.records import database, home, process, sqlite_incidents
from tools.scripted.clock import ManualClock

AT = datetime(2026, 1, 1, 12, tzinfo=UTC)
Index = sqlite_incidents.SqliteIncidents


class Processes:
    """What is known of which holders, and what happens while one of them is looked up."""

    def __init__(self) -> None:
        self.fates: dict[str, process.Fate] = {}
        self.meanwhile: Callable[[], object] = lambda: None

    def fate(self, holder: str) -> process.Fate:
        meanwhile, self.meanwhile = self.meanwhile, lambda: None
        meanwhile()
        return self.fates.get(holder, "alive")


@pytest.fixture
def processes() -> Processes:
    return Processes()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def index(tmp_path: Path, processes: Processes, clock: ManualClock) -> Iterator[sqlite_incidents.SqliteIncidents]:
    store = opened(tmp_path, clock, processes.fate)
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
    processes.fates["1:1"] = "dead"
    taken = index.claim(row(), "2:2")
    assert taken is not None
    assert (taken.holder, taken.reason) == ("2:2", "half way")
    assert index.find("inc-1") == taken


def test_of_two_that_find_the_worker_dead_one_takes_over(index: Index, processes: Processes) -> None:
    index.claim(row(), "1:1")
    processes.fates["1:1"] = "dead"
    won: list[ports.Row | None] = []
    processes.meanwhile = lambda: won.append(index.claim(row(), "3:3"))
    assert index.claim(row(), "2:2") is None
    assert [found and found.holder for found in won] == ["3:3"]


def elsewhere(tmp_path: Path, clock: ManualClock, processes: Processes, observer: str = "boot-2") -> Index:
    """The same index as a process of another host opens it."""
    return opened(tmp_path, clock, processes.fate, observer)


@pytest.fixture
def foreign(index: Index, processes: Processes) -> str:
    """A holder of whom nothing can be seen."""
    index.claim(row(), "1:1@h9/b9/1")
    processes.fates["1:1@h9/b9/1"] = "unknown"
    return "1:1@h9/b9/1"


def test_a_holder_elsewhere_lives_until_its_lease_has_ended(
    foreign: str, tmp_path: Path, clock: ManualClock, processes: Processes
) -> None:
    """Timed from when it was first seen, on the observer's own clock: there is no other that could be trusted."""
    other = elsewhere(tmp_path, clock, processes)
    clock.advance(10 * ports.HOLD_SECONDS)  # however long ago it was that the row was written
    assert other.claim(row(), "2:2") is None
    clock.advance(ports.HOLD_SECONDS - 1)
    assert other.claim(row(), "2:2") is None
    clock.advance(2)
    taken = other.claim(row(), "2:2")
    assert taken is not None
    assert taken.holder == "2:2"


def test_a_sign_of_life_from_elsewhere_renews_the_lease(
    index: Index, foreign: str, tmp_path: Path, clock: ManualClock, processes: Processes
) -> None:
    other = elsewhere(tmp_path, clock, processes)
    for _ in range(5):
        assert other.claim(row(), "2:2") is None
        clock.advance(ports.HOLD_SECONDS - 1)
        assert index.beat("inc-1")
    assert other.claim(row(), "2:2") is None


def test_a_sign_of_life_that_comes_in_the_last_moment_counts(
    index: Index, foreign: str, tmp_path: Path, clock: ManualClock, processes: Processes
) -> None:
    """Between finding the lease ended and taking the row: then it is not taken."""
    other = elsewhere(tmp_path, clock, processes)
    assert other.claim(row(), "2:2") is None
    clock.advance(ports.HOLD_SECONDS + 1)
    processes.meanwhile = lambda: index.beat("inc-1")
    assert other.claim(row(), "2:2") is None
    assert index.ours("inc-1")


def test_commands_that_run_for_a_moment_notice_together_that_a_lease_has_ended(
    foreign: str, tmp_path: Path, clock: ManualClock, processes: Processes
) -> None:
    """Each is another process of the same boot: they share its clock, and leave what they saw to the next one."""
    assert elsewhere(tmp_path, clock, processes).claim(row(), "2:2") is None
    clock.advance(ports.HOLD_SECONDS + 1)
    assert elsewhere(tmp_path, clock, processes).claim(row(), "3:3") is not None


def test_what_another_boot_saw_is_timed_on_another_clock_and_says_nothing_here(
    foreign: str, tmp_path: Path, clock: ManualClock, processes: Processes
) -> None:
    assert elsewhere(tmp_path, clock, processes, "boot-3").claim(row(), "2:2") is None
    clock.advance(ports.HOLD_SECONDS + 1)
    assert elsewhere(tmp_path, clock, processes, "boot-4").claim(row(), "3:3") is None


def test_a_clock_that_went_back_ends_no_lease(foreign: str, tmp_path: Path, processes: Processes) -> None:
    """An observer's name that was used twice, say: the sighting would lie in the future."""
    late, early = ManualClock(), ManualClock()
    late.advance(10_000)
    assert elsewhere(tmp_path, late, processes).claim(row(), "2:2") is None
    assert elsewhere(tmp_path, early, processes).claim(row(), "2:2") is None
    early.advance(ports.HOLD_SECONDS - 1)
    assert elsewhere(tmp_path, early, processes).claim(row(), "2:2") is None


def test_a_holder_that_lost_its_row_changes_nothing_in_it_any_more(
    index: Index, tmp_path: Path, clock: ManualClock, processes: Processes
) -> None:
    index.claim(row(), "1:1")
    processes.fates["1:1"] = "dead"
    taken = elsewhere(tmp_path, clock, processes).claim(row(), "2:2")
    assert not index.ours("inc-1")
    assert not index.beat("inc-1")
    for status in ("open", "closed"):
        with pytest.raises(Superseded):
            index.update(row().model_copy(update={"status": status, "holder": "1:1"}))
    index.release("inc-1")
    assert index.find("inc-1") == taken


def test_whoever_never_held_a_row_changes_nothing_in_it(index: Index, tmp_path: Path, clock: ManualClock) -> None:
    held = index.claim(row(), "1:1")
    assert held is not None
    stranger = opened(tmp_path, clock)
    with pytest.raises(Superseded):
        stranger.update(held)
    assert not stranger.beat("inc-1")
    assert not stranger.ours("inc-1")


def test_a_row_that_was_given_back_is_nobodys(index: Index) -> None:
    index.claim(row(), "1:1")
    index.release("inc-1")
    found = index.find("inc-1")
    assert found is not None
    assert (found.holder, index.alive(found)) == ("", False)
    with pytest.raises(Tampered, match="no process works on it"):
        index.update(row())


def spoiled(tmp_path: Path, body: str) -> None:
    """What somebody, or an older version, or a bad disk left in the row."""
    with contextlib.closing(sqlite3.connect(tmp_path / "home" / "incidents.db")) as connection, connection:
        connection.execute("UPDATE incidents SET body = ? WHERE id = 'inc-1'", (body,))


@pytest.mark.parametrize(
    "body",
    ["", "nonsense", "{}", row().model_copy(update={"id": "inc-9"}).model_dump_json(), '{"id": "inc-1"'],
    ids=["empty", "no JSON", "another version", "another incident's", "cut off"],
)
def test_a_row_that_cannot_be_read_hides_no_other_and_can_be_ended(
    index: Index, tmp_path: Path, processes: Processes, body: str
) -> None:
    index.claim(row(), "1:1")
    index.claim(row("inc-2", "f2"), "1:1")
    spoiled(tmp_path, body)
    assert [found.id for found in index.rows()] == ["inc-1", "inc-2"]
    left = index.find("inc-1")
    assert left is not None
    assert (left.status, left.world, left.fingerprint, left.starts_at) == ("open", "w", "f1", AT)
    assert index.alive(left), "its column still names the holder"
    processes.fates["1:1"] = "dead"
    taken = index.claim(left, "2:2")
    assert taken is not None
    index.update(taken.model_copy(update={"status": "closed", "outcome": "escalated", "holder": ""}))
    found = index.find("inc-1")
    assert found is not None
    assert found.outcome == "escalated"


def test_a_database_that_cannot_be_read_is_no_store_that_may_answer_later(tmp_path: Path, clock: ManualClock) -> None:
    opened(tmp_path, clock).close()
    (tmp_path / "home" / "incidents.db").write_bytes(b"nonsense" * 1000)
    with pytest.raises(Refused, match="damaged"):
        opened(tmp_path, clock)


def test_a_file_of_the_first_version_is_brought_to_this_one_with_what_it_holds(
    tmp_path: Path, clock: ManualClock, processes: Processes
) -> None:
    place = home.lay_out(tmp_path / "home")
    database.connect(place.incidents_index, sqlite_incidents._SCHEMA, clock).close()
    body = row().model_copy(update={"holder": "1:1"}).model_dump_json()
    stop = Control(aborted=True, by="kim").model_dump_json()
    with contextlib.closing(sqlite3.connect(place.incidents_index)) as connection, connection:
        connection.execute(
            "INSERT INTO incidents (id, world, fingerprint, starts_at, holder, body) VALUES (?, ?, ?, ?, ?, ?)",
            ("inc-1", "w", "f1", str(AT.timestamp()), "1:1", body),
        )
        connection.execute("INSERT INTO controls VALUES ('inc-1', ?)", (stop,))
    index = opened(tmp_path, clock, processes.fate)
    assert index.claim(row(), "2:2") is None
    assert index.control("inc-1").aborted
    with pytest.raises(Unavailable, match="newer version"):
        database.connect(place.incidents_index, sqlite_incidents._SCHEMA, clock)


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
    processes.fates["1:1"] = "dead"
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
