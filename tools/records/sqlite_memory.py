"""The memory of ended incidents on SQLite, without secrets.

Every row carries a mark of this installation (:mod:`tools.records.marks`): one that was written by hand, or moved to
another incident or world, is not answered.
"""

from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from incident import past
from incident.past import MOST, Fix, Memory, Past, Question, Word
from tools import ports
from tools.records import database
from tools.records.marks import Marks
from tools.secrets import redaction

_SCHEMA = (
    """CREATE TABLE IF NOT EXISTS memories (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        incident TEXT NOT NULL UNIQUE,
        world TEXT NOT NULL,
        body TEXT NOT NULL,
        fix TEXT NOT NULL,
        mark TEXT NOT NULL
    )""",
    "CREATE INDEX IF NOT EXISTS memories_of_world ON memories (world, sequence)",
    "CREATE TABLE IF NOT EXISTS words (incident TEXT PRIMARY KEY, body TEXT NOT NULL, mark TEXT NOT NULL)",
)

MEMORY, WORD = "memory", "word"
"""Kinds of the marks."""

LOOKED = 5_000
"""Memories of a world that are compared, the newest: some 50 ms."""


class SqliteMemory:
    """:class:`tools.ports.Memories` over one database."""

    def __init__(self, store: database.Database, marks: Marks) -> None:
        self._store, self._marks = store, marks

    def remember(self, memory: Memory, fix: Fix | None = None) -> None:
        """Keep what an incident was about, in place of what was kept before.  Raises Unavailable."""
        body = redaction.redact_value(memory).model_dump_json()
        edit = "" if fix is None or _secret(fix) else redaction.redact_value(fix).model_dump_json()
        mark = self._marks.mark(MEMORY, [memory.incident, memory.world, body, edit])
        with self._store.write() as connection:
            connection.execute(
                "INSERT INTO memories (incident, world, body, fix, mark) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (incident) DO UPDATE SET"
                " world = excluded.world, body = excluded.body, fix = excluded.fix, mark = excluded.mark",
                (memory.incident, memory.world, body, edit, mark),
            )

    def like(self, question: Question, most: int = MOST) -> tuple[Past, ...]:
        """The incidents of this world that resemble it, the nearest first.  Raises Unavailable."""
        asked = redaction.redact_value(question)
        return past.nearest(self._like(asked, question.world), most)

    def fix(self, incident: str) -> Fix | None:
        """The patch that healed an incident.  Raises Unavailable."""
        with self._store.read() as connection:
            query = "SELECT world, body, fix, mark FROM memories WHERE incident = ?"
            found = connection.execute(query, (incident,)).fetchone()
        if found is None or not found[2] or not self._marks.holds(MEMORY, [incident, *found[:3]], found[3]):
            return None
        return Fix.model_validate_json(found[2])

    def say(self, word: Word) -> None:
        """Keep a person's word about an incident, in place of an earlier one.  Raises Unavailable."""
        body = redaction.redact_value(word).model_dump_json()
        with self._store.write() as connection:
            connection.execute(
                "INSERT INTO words (incident, body, mark) VALUES (?, ?, ?)"
                " ON CONFLICT (incident) DO UPDATE SET body = excluded.body, mark = excluded.mark",
                (word.incident, body, self._marks.mark(WORD, [word.incident, body])),
            )

    def said(self, incident: str) -> Word | None:
        """The person's word about an incident.  Raises Unavailable."""
        with self._store.read() as connection:
            found = connection.execute("SELECT body, mark FROM words WHERE incident = ?", (incident,)).fetchone()
        if found is None or not self._marks.holds(WORD, [incident, found[0]], found[1]):
            return None
        return Word.model_validate_json(found[0])

    def close(self) -> None:
        """Close the database."""
        self._store.close()

    def _like(self, question: Question, world: str) -> Iterator[Past]:
        with self._store.read() as connection:
            rows = connection.execute(
                "SELECT incident, body, fix, mark FROM memories WHERE world = ? ORDER BY sequence DESC LIMIT ?",
                (world, LOOKED),
            ).fetchall()
        for incident, body, fix, mark in rows:
            if not self._marks.holds(MEMORY, [incident, world, body, fix], mark):
                continue
            memory = _read(body)
            near = None if memory is None else past.similarity(memory, question)
            if memory is not None and near is not None:
                yield Past(similarity=near, memory=memory, word=self.said(incident))


def _secret(fix: Fix) -> bool:
    """True for source that holds a secret: with that taken out it would be another patch than the one that healed."""
    texts = (fix.edit.before or "", fix.edit.after)
    return any(redaction.redact_source(text) != text for text in texts)


def _read(body: str) -> Memory | None:
    try:
        return Memory.model_validate_json(body)
    # A newer version may have remembered more than this one can read.
    except ValidationError:
        return None


def open(path: Path, clock: ports.Clock, marks: Marks) -> SqliteMemory:  # noqa: A001 (read as `sqlite_memory.open`)
    """Open or create the memory.  Raises Unavailable."""
    return SqliteMemory(database.connect(path, _SCHEMA, clock), marks)
