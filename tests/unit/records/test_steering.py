"""Where people say that the cause lies: in the chain alone, by incident, in order, and without secrets."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from incident.errors import Tampered
from incident.steering import Steering
from tests.contract.index import index as opened
from tools.records.sqlite_incidents import SqliteIncidents
from tools.scripted.clock import ManualClock

AT = datetime(2026, 1, 1, 12, tzinfo=UTC)
LOOK = Steering(said="look", what="service", name="stock", because="slow", by="ada", os_user="root", at=AT)
DOUBT = Steering(said="doubt", what="change", name="deploy v2", service="orders", by="bob", os_user="root", at=AT)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[SqliteIncidents]:
    store = opened(tmp_path, ManualClock())
    yield store
    store.close()


def test_words_are_kept_by_incident_in_order_and_seen_by_other_processes(
    index: SqliteIncidents, tmp_path: Path
) -> None:
    assert index.steering("inc-1") == ()
    for word in (LOOK, DOUBT, LOOK):
        index.steer("inc-1", word)
    other = opened(tmp_path, ManualClock())
    assert other.steering("inc-1") == index.steering("inc-1") == (LOOK, DOUBT, LOOK)
    assert other.steering("inc-2") == ()
    other.close()


def test_a_word_switches_nothing(index: SqliteIncidents) -> None:
    before = index.control("inc-1")
    index.steer("inc-1", DOUBT)
    assert index.control("inc-1") == before
    assert index.answered("inc-1") is None


def test_no_secret_is_kept(index: SqliteIncidents, tmp_path: Path) -> None:
    index.steer("inc-1", LOOK.model_copy(update={"because": "password=hunter2hunter2 leaked"}))
    (word,) = index.steering("inc-1")
    assert "hunter2" not in word.because
    assert b"hunter2" not in (tmp_path / "home" / "audit.jsonl").read_bytes()


def test_a_word_that_is_taken_out_of_the_chain_is_found(index: SqliteIncidents, tmp_path: Path) -> None:
    index.steer("inc-1", DOUBT)
    path = tmp_path / "home" / "audit.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(line for line in lines if b"steered" not in line))
    with pytest.raises(Tampered):
        opened(tmp_path, ManualClock())
