"""The memory of ended incidents: what is written is found, in a total order, in its own world, and only by its own key."""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incident import past
from incident.ending import Outcome
from incident.errors import Unavailable
from incident.past import Fix, Memory, Past, Place, Question, Tried, Word
from incident.remedy import FileEdit
from tools import ports
from tools.records import database, sqlite_memory
from tools.records.marks import Marks
from tools.scripted.clock import ManualClock

AT = datetime(2026, 1, 1, 12, tzinfo=UTC)
KEY = b"a key of sixteen bytes or more"
PLACE = Place(exception="KeyError", path="orders/app.py", function="total", route="POST /orders")


@contextmanager
def opened(path: Path, key: bytes = KEY) -> Iterator[sqlite_memory.SqliteMemory]:
    store = sqlite_memory.open(path, ManualClock(), Marks(key))
    try:
        yield store
    finally:
        store.close()


def memory(incident: str = "inc-1", **more: object) -> Memory:
    given: dict[str, object] = {
        "incident": incident,
        "world": "w",
        "service": "orders",
        "place": PLACE,
        "cause": "code",
        "tried": (Tried(kind="patch", target="orders/app.py::total", result="healed"),),
        "outcome": Outcome.HEALED,
        "opened_at": AT,
        "ended_at": AT + timedelta(minutes=1),
    }
    return Memory.model_validate(given | more)


def question(**more: object) -> Question:
    given: dict[str, object] = {
        "incident": "now",
        "world": "w",
        "service": "orders",
        "place": PLACE,
        "causes": ("code",),
    }
    return Question.model_validate(given | more)


def word(incident: str = "inc-1", verdict: str = "wrong") -> Word:
    return Word.model_validate({"incident": incident, "verdict": verdict, "by": "ada", "os_user": "ada", "at": AT})


memories = st.builds(
    memory,
    st.integers(0, 30).map(lambda number: f"inc-{number}"),
    world=st.sampled_from(["w", "another"]),
    service=st.sampled_from(["orders", "stock"]),
    place=st.sampled_from([PLACE, Place(), PLACE.model_copy(update={"function": "other"})]),
    cause=st.sampled_from(["code", "deploy", "dependency", ""]),
    ended_at=st.integers(0, 5).map(lambda days: AT + timedelta(days=days)),
)


@settings(max_examples=40, deadline=None)
@given(kept=st.lists(memories, max_size=12), most=st.integers(1, 40))
def test_what_is_written_is_found_in_its_world_and_in_order(kept: list[Memory], most: int) -> None:
    """Against a plain dictionary: the last one of each incident counts, and nothing of another world is answered."""
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder) / "memory.db") as store:
        for one in kept:
            store.remember(one)
        last = {one.incident: one for one in kept}
        near = {one.incident: past.similarity(one, question()) for one in last.values()}
        want = {name for name, how in near.items() if how is not None}
        found = store.like(question(), most)
        assert len(found) == min(most, len(want))
        assert all(one.memory == last[one.memory.incident] and one.memory.world == "w" for one in found)
        ranks = [past.NEARNESS.index(one.similarity) for one in found]
        assert ranks == sorted(ranks)
        # A total order: the same whatever the order in which they were kept, and a shorter answer is its beginning.
        again = tuple(Past(similarity=how, memory=last[name]) for name, how in near.items() if how is not None)
        assert found == past.nearest(reversed(again), most) == past.nearest(again, 40)[:most]


@pytest.mark.parametrize(
    ("changed", "want"),
    [
        ({}, "same_place"),
        ({"place": Place(**PLACE.model_dump() | {"route": "GET /orders"})}, "same_place"),
        ({"place": Place()}, "same_cause_here"),
        ({"place": Place(**PLACE.model_dump() | {"exception": "TypeError"})}, "same_cause_here"),
        ({"service": "stock"}, "same_cause_elsewhere"),
        ({"service": "stock", "cause": "deploy"}, None),
        ({"place": Place(), "cause": ""}, None),
        ({"world": "another"}, None),
        ({"incident": "now"}, None),
    ],
    ids=str,
)
def test_one_fact_changes_how_near_a_memory_is(changed: dict[str, object], want: str | None) -> None:
    assert past.similarity(memory(**({"incident": "inc-1"} | changed)), question()) == want  # type: ignore[arg-type]


def test_two_errors_without_a_place_are_not_at_the_same_place() -> None:
    assert past.similarity(memory(place=Place()), question(place=Place())) == "same_cause_here"


def test_what_another_key_wrote_is_not_answered(tmp_path: Path) -> None:
    """Rows, patches and words; the control is the same rows with our key."""
    fix = Fix(function="total", edit=FileEdit(path="orders/app.py", before="a", after="b"))
    for key, answered in ((b"the key of somebody else", False), (KEY, True)):
        path = tmp_path / f"{answered}.db"
        with opened(path, key) as theirs:
            theirs.remember(memory(), fix)
            theirs.say(word())
        with opened(path) as store:
            assert bool(store.like(question())) is answered
            assert (store.fix("inc-1") == fix) is answered
            assert (store.said("inc-1") == word()) is answered


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE memories SET world = 'w'",
        "UPDATE memories SET world = 'w', body = replace(body, 'elsewhere', 'w')",
        "UPDATE memories SET world = 'w', incident = 'inc-9'",
    ],
)
def test_a_row_that_was_moved_by_hand_is_not_answered(tmp_path: Path, statement: str) -> None:
    path = tmp_path / "memory.db"
    with opened(path) as store:
        store.remember(memory(world="elsewhere"))
        by_hand = sqlite3.connect(path)
        by_hand.execute(statement)
        by_hand.commit()
        by_hand.close()
        assert store.like(question()) == ()


def test_a_word_comes_with_its_memory_and_the_last_one_counts(tmp_path: Path) -> None:
    with opened(tmp_path / "memory.db") as store:
        store.remember(memory())
        for verdict in ("right", "wrong"):
            store.say(word(verdict=verdict))
        (found,) = store.like(question())
        assert found.word == word(verdict="wrong")


def test_secrets_are_not_kept(tmp_path: Path) -> None:
    secret = "ghp_" + "a1B2" * 9
    with opened(tmp_path / "memory.db") as store:
        store.remember(memory(place=PLACE.model_copy(update={"route": f"GET /x?token={secret}"})))
        store.say(word().model_copy(update={"because": f"password={secret}"}))
    assert secret.encode() not in (tmp_path / "memory.db").read_bytes()


def test_a_patch_that_holds_a_secret_is_not_kept_at_all(tmp_path: Path) -> None:
    """With the secret taken out it would be another patch than the one that healed."""
    plain = Fix(function="total", edit=FileEdit(path="orders/app.py", before="a", after="b"))
    secret = plain.model_copy(update={"edit": FileEdit(path="orders/app.py", before="a", after="ghp_" + "a1B2" * 9)})
    with opened(tmp_path / "memory.db") as store:
        for fix, kept in ((plain, plain), (secret, None)):
            store.remember(memory(), fix)
            assert store.fix("inc-1") == kept


def test_another_process_finds_at_once_what_was_kept(tmp_path: Path) -> None:
    with opened(tmp_path / "memory.db") as store, opened(tmp_path / "memory.db") as other:
        store.remember(memory())
        assert [one.memory for one in other.like(question())] == [memory()]


def test_reading_goes_on_while_a_writer_is_stuck_and_writing_is_unavailable(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    with opened(path) as store:
        store.remember(memory())
    stuck = sqlite3.connect(path, isolation_level=None)
    stuck.execute("BEGIN IMMEDIATE")
    store = sqlite_memory.SqliteMemory(database.connect(path, (), ManualClock(), wait=0.2), Marks(KEY))
    assert len(store.like(question())) == 1
    with pytest.raises(Unavailable):
        store.remember(memory("inc-2"))
    stuck.close()
    store.close()


def test_it_is_the_port(tmp_path: Path) -> None:
    with opened(tmp_path / "memory.db") as store:
        port: ports.Memories = store
        assert port.like(question()) == ()
