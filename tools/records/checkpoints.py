"""LangGraph's checkpoints on SQLite, limited to the types that the state is made of.

LangGraph's own serializer answers a type that it was not told about with a warning and a plain dictionary, and a value
that no longer validates with an unvalidated one.  Both would reach the nodes as state.  Here either is an error: on
writing (an internal error) and on reading (Tampered).
"""

import contextlib
import dataclasses
import enum
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import ormsgpack
import pydantic
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite import SqliteSaver

from incident.errors import Tampered
from tools.records import database
from tools.secrets import redaction

_CALL, _NUMPY, _DELTA = 3, 6, 7
"""Extension codes of LangGraph's format: a value that a method makes, and two that carry no type name."""

_METHOD = ("datetime", "datetime", "fromisoformat")

_PLAIN = frozenset(
    (
        *(("datetime", name) for name in ("datetime", "date", "time", "timedelta", "timezone")),
        *(("builtins", name) for name in ("set", "frozenset")),
        *(("langgraph.types", name) for name in ("Send", "Interrupt", "Command", "Overwrite", "TimeoutPolicy")),
        *(("pathlib", name) for name in ("Path", "PosixPath")),
        ("pathlib._local", "PosixPath"),
    )
)
"""Types that a checkpoint may hold beside those of the state: the standard library's values and LangGraph's own."""


class UnregisteredType(TypeError):
    """A value is of no registered type, or does not come back as itself: an internal error."""


class StrictSerializer(JsonPlusSerializer):
    """LangGraph's format with exactly the given types, besides plain values and LangGraph's own."""

    def __init__(self, types: Sequence[type]) -> None:
        super().__init__(allowed_msgpack_modules=tuple(types))
        self._types = {(one.__module__, one.__name__): one for one in types}

    def dumps_typed(self, obj: object) -> tuple[str, bytes]:
        """Encode, without secrets.  Raises UnregisteredType."""
        data = super().dumps_typed(_clean(obj))
        if objection := self._objection(data):
            raise UnregisteredType(objection)
        return data

    def loads_typed(self, data: tuple[str, bytes]) -> Any:
        """Decode.  Raises Tampered for anything that is not registered and valid."""
        if objection := self._objection(data):
            raise Tampered(f"a checkpoint {objection}")
        return super().loads_typed(data)

    def with_msgpack_allowlist(self, extra_allowlist: object) -> "StrictSerializer":  # noqa: ARG002 (the library's signature)
        """The types stay those that were given: what LangGraph derives from the state's fields adds nothing."""
        return self

    def _objection(self, data: tuple[str, bytes]) -> str:
        """The fault of encoded data, or an empty string."""
        kind, content = data
        if kind in ("null", "bytes", "bytearray"):
            return ""
        if kind != "msgpack":
            return f"holds data of the kind {kind}"
        found: list[str] = []

        def look(code: int, payload: bytes) -> None:
            parts = ormsgpack.unpackb(payload, ext_hook=look, option=ormsgpack.OPT_NON_STR_KEYS)
            # A delta is an envelope: the values in it were looked at by the line above.
            if code != _DELTA:
                found.append(self._refusal(code, payload, parts))

        ormsgpack.unpackb(content, ext_hook=look, option=ormsgpack.OPT_NON_STR_KEYS)
        return next((one for one in found if one), "")

    def _refusal(self, code: int, payload: bytes, parts: Any) -> str:
        # These codes carry no type name: nothing tells what they would build, so none is let in.
        if code >= _NUMPY:
            return f"holds an extension of the unknown kind {code}"
        key = (parts[0], parts[1])
        if (own := self._types.get(key)) is not None:
            return self._invalid(own, payload)
        known = (*key, parts[3]) == _METHOD if code == _CALL else key in _PLAIN
        return "" if known else f"holds a {key[0]}.{key[1]}, which is not registered"

    def _invalid(self, own: type, payload: bytes) -> str:
        value = super().loads_typed(("msgpack", payload))[2]
        try:
            if issubclass(own, pydantic.BaseModel):
                own.model_validate(value)
            elif issubclass(own, enum.Enum):
                own(value)
            elif dataclasses.is_dataclass(own):
                own(**value)
            else:
                return f"holds a {own.__module__}.{own.__name__}, which is no model, enum or dataclass"
        except (ValueError, TypeError) as error:
            return f"holds a {own.__module__}.{own.__name__} that is not valid: {error}"
        return ""


def _clean(obj: object) -> object:
    """The same without secrets; the state has none, but what a node raised or a person answered may."""
    match obj:
        case str():
            return redaction.redact_text(obj)
        case pydantic.BaseModel():
            return redaction.redact_value(obj, redaction.REPLAYED)
        case BaseException():
            return redaction.redact_text(repr(obj))
        case dict():
            return {key: _clean(item) for key, item in obj.items()}
        case list() | tuple() if type(obj) in (list, tuple):
            return type(obj)(_clean(item) for item in obj)
        case _:
            return obj


class Saver(SqliteSaver):
    """LangGraph's saver; what SQLite says about its file becomes Unavailable."""

    def __init__(self, path: Path, connection: sqlite3.Connection, serializer: StrictSerializer) -> None:
        super().__init__(connection, serde=serializer)
        self._path = path

    @contextlib.contextmanager
    def cursor(self, transaction: bool = True) -> Iterator[sqlite3.Cursor]:  # noqa: FBT001, FBT002 (the library's signature)
        """One step under the saver's own lock, from any thread.  Raises Unavailable."""
        with database.translated(self._path), super().cursor(transaction) as cursor:
            yield cursor

    def close(self) -> None:
        """Close the connection."""
        with self.lock:
            self.conn.close()


def open(path: Path, types: Sequence[type]) -> Saver:  # noqa: A001 (read as `checkpoints.open`)
    """Open or create the checkpoints, mode 0600.  `types` are all that a state may hold.

    Nodes may run in any thread: the saver takes turns.  Each write is synced.  Raises Unavailable.
    """
    with database.translated(path):
        database.touch(path)
        connection = sqlite3.connect(path, timeout=database.WAIT, check_same_thread=False)
        # Some builds of SQLite sync less with a write-ahead log (SQLITE_DEFAULT_WAL_SYNCHRONOUS).
        connection.execute("PRAGMA synchronous=FULL")
        saver = Saver(path, connection, StrictSerializer(types))
        saver.setup()
    return saver
