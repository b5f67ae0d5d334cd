"""Checkpoints hold the registered types and nothing else, survive the process, and bear threads."""

import sqlite3
import stat
import threading
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import ormsgpack
import pydantic
import pytest
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, interrupt
from pydantic import AwareDatetime

from incident.errors import Tampered, Unavailable
from incident.value import Value
from tools.records import checkpoints

AT = datetime(2026, 1, 1, 12, tzinfo=UTC)


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Inner(Value):
    colour: Colour
    at: AwareDatetime
    names: tuple[str, ...] = ()


class Other(Value):
    text: str = ""


class Plain:
    pass


class State(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid", frozen=True)

    inner: Inner | None = None
    answer: str = ""


TYPES = (State, Inner, Colour)
INNER = Inner(colour=Colour.RED, at=AT, names=("a", "b"))
THREAD: RunnableConfig = {"configurable": {"thread_id": "inc-1"}}


@pytest.fixture
def serializer() -> checkpoints.StrictSerializer:
    return checkpoints.StrictSerializer(TYPES)


@pytest.mark.parametrize(
    "value",
    [INNER, Colour.RED, {"a": [INNER, None, 1.5, b"x", {"b": Colour.BLUE}]}, AT, {"s": frozenset({1})}, None, b"raw"],
)
def test_registered_values_come_back_as_they_are(serializer: checkpoints.StrictSerializer, value: object) -> None:
    back = serializer.loads_typed(serializer.dumps_typed(value))
    assert back == value
    assert type(back) is type(value)


@pytest.mark.parametrize("value", [Other(), {"a": [Other()]}, {"a": (Other(),)}, Plain()])
def test_writing_an_unregistered_type_is_a_defect(serializer: checkpoints.StrictSerializer, value: object) -> None:
    with pytest.raises(TypeError):
        serializer.dumps_typed(value)


def test_control_the_librarys_own_serializer_hands_out_a_dictionary_instead() -> None:
    lax = JsonPlusSerializer(allowed_msgpack_modules=TYPES)
    assert lax.loads_typed(lax.dumps_typed(Other(text="x"))) == {"text": "x"}


def test_reading_an_unregistered_type_is_refused(serializer: checkpoints.StrictSerializer) -> None:
    foreign = checkpoints.StrictSerializer((Other,)).dumps_typed({"a": Other()})
    with pytest.raises(Tampered, match="Other, which is not registered"):
        serializer.loads_typed(foreign)


@pytest.mark.parametrize(
    "payload",
    [
        (5, (__name__, "Inner", {"colour": "red", "at": "no time"}, "model_validate_json")),
        (5, (__name__, "Inner", {"colour": "red", "at": AT.isoformat(), "more": 1}, "model_validate_json")),
        (0, (__name__, "Colour", "green")),
        (0, ("subprocess", "Popen", "true")),
        (1, ("os", "system", ("true",))),
        (3, ("datetime", "datetime", "%Y", "strptime")),
        (3, ("pathlib", "Path", "/etc/passwd", "read_text")),
        (6, ("<f8", (1,), "C", b"12345678")),
        (99, ()),
    ],
    ids=["invalid", "unknown field", "no colour", "a command", "another", "a method", "a reader", "numpy", "unknown"],
)
def test_crafted_data_is_refused_and_nothing_is_run(
    serializer: checkpoints.StrictSerializer, payload: tuple[int, tuple[Any, ...]]
) -> None:
    code, parts = payload
    data = ormsgpack.packb({"deep": [ormsgpack.Ext(code, ormsgpack.packb(parts))]})
    with pytest.raises(Tampered):
        serializer.loads_typed(("msgpack", data))


@pytest.mark.parametrize("kind", ["json", "pickle", "yaml"])
def test_other_encodings_are_refused(serializer: checkpoints.StrictSerializer, kind: str) -> None:
    with pytest.raises(Tampered, match=kind):
        serializer.loads_typed((kind, b"{}"))


def test_the_types_stay_those_that_were_given(serializer: checkpoints.StrictSerializer) -> None:
    wider = serializer.with_msgpack_allowlist([(Other.__module__, "Other")])
    with pytest.raises(checkpoints.UnregisteredType):
        wider.dumps_typed(Other())


def graph(saver: checkpoints.Saver) -> Any:
    def look(state: State) -> dict[str, object]:
        assert state.answer == ""
        return {"inner": INNER}

    def ask(state: State) -> dict[str, object]:
        assert isinstance(state.inner, Inner)
        return {"answer": interrupt("well?")}

    builder = StateGraph(State)
    builder.add_node("look", look)
    builder.add_node("ask", ask)
    builder.add_edge(START, "look")
    builder.add_edge("look", "ask")
    builder.add_edge("ask", END)
    return builder.compile(checkpointer=saver)


def test_a_graph_waits_and_goes_on_after_a_restart_with_whole_values(tmp_path: Path) -> None:
    first = checkpoints.open(tmp_path / "checkpoints.db", TYPES)
    asked = graph(first).invoke({"answer": ""}, THREAD, durability="sync")
    assert asked["inner"] == INNER
    (question,) = asked["__interrupt__"]
    first.close()
    second = checkpoints.open(tmp_path / "checkpoints.db", TYPES)
    ended = graph(second).invoke(Command(resume={question.id: "yes"}), THREAD, durability="sync")
    assert (ended["answer"], ended["inner"]) == ("yes", INNER)
    assert stat.S_IMODE((tmp_path / "checkpoints.db").stat().st_mode) == 0o600
    second.close()


def test_many_threads_may_write_at_once(tmp_path: Path) -> None:
    saver = checkpoints.open(tmp_path / "checkpoints.db", TYPES)
    compiled = graph(saver)
    errors: list[Exception] = []

    def work(number: int) -> None:
        try:
            compiled.invoke({"answer": ""}, {"configurable": {"thread_id": f"inc-{number}"}}, durability="sync")
        except Exception as error:  # noqa: BLE001 (told to the test's own thread below)
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    values = [compiled.get_state({"configurable": {"thread_id": f"inc-{n}"}}).values["inner"] for n in range(6)]
    assert values == [INNER] * 6
    saver.close()


def test_a_state_of_other_types_stops_the_graph_instead_of_changing_shape(tmp_path: Path) -> None:
    saver = checkpoints.open(tmp_path / "checkpoints.db", (State,))
    with pytest.raises(checkpoints.UnregisteredType, match="Colour, which is not registered"):
        graph(saver).invoke({"answer": ""}, THREAD, durability="sync")
    saver.close()


def test_a_stuck_store_is_unavailable(tmp_path: Path) -> None:
    path = tmp_path / "checkpoints.db"
    saver = checkpoints.open(path, TYPES)
    saver.conn.execute("PRAGMA busy_timeout=100")
    stuck = sqlite3.connect(path, isolation_level=None)
    stuck.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable):
        graph(saver).invoke({"answer": ""}, THREAD, durability="sync")
    stuck.close()
    saver.close()


def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    path = tmp_path / "checkpoints.db"
    path.write_bytes(b"not a database at all, really not" * 50)
    with pytest.raises(Unavailable):
        checkpoints.open(path, TYPES)
