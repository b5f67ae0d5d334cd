"""People's answers: one for each question, marked with a key, and entered into the audit chain before they count.

The mark is over the incident, the question (an id that the graph never uses twice) and the whole answer, so an
old row, or another incident's, is no answer to what is asked now.
"""

import contextlib
import sqlite3

from pydantic import ValidationError

from incident.control import Approval
from incident.errors import Conflict, Tampered, Unavailable
from incident.value import Value
from tools import ports
from tools.records import database
from tools.records.marks import Marks
from tools.records.permissions import ANSWERED, Permissions

CHANGES = (
    "ALTER TABLE approvals ADD COLUMN question TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE approvals ADD COLUMN mark TEXT NOT NULL DEFAULT ''",
    "CREATE UNIQUE INDEX answers ON approvals (incident, question) WHERE question <> ''",
)

KIND = "answer"
"""Of the marks over rows."""


class _Stored(Value):
    question: str
    body: str
    mark: str


class Answers:
    """Answers in the table `approvals`."""

    def __init__(self, store: database.Database, audit: ports.Audit, marks: Marks, permissions: Permissions) -> None:
        self._store, self._audit, self._marks, self._permissions = store, audit, marks, permissions

    def chain(self, incident: str, question: str, said: Approval) -> None:
        """Enter an answer into the chain.  Raises Conflict when the question was answered before, naming who did."""
        if not question:
            raise ValueError("an answer needs a question")
        before = self.to(incident, question)
        if before is not None:
            raise Conflict(f"its question was answered before, by {named(before)}")
        body = {"incident": incident, "question": question, "answer": said.digest(), **said.model_dump(mode="json")}
        self._audit.append(said.at, said.by, ANSWERED, body)
        with contextlib.suppress(
            Unavailable
        ):  # an anchor elsewhere may be out of reach; the answer counts all the same
            self._audit.anchor()

    def insert(self, connection: sqlite3.Connection, incident: str, question: str, said: Approval) -> bool:
        """Store a chained answer; False when the question has one already."""
        body = said.model_dump_json()
        done = connection.execute(
            "INSERT INTO approvals (incident, plan_digest, base, body, question, mark) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (incident, question) WHERE question <> '' DO NOTHING",
            (incident, said.plan_digest, said.base, body, question, self._mark(incident, question, body)),
        )
        return done.rowcount == 1

    def to(self, incident: str, question: str = "") -> Approval | None:
        """The answer to this question, or the last one to any.

        A no counts whoever wrote it.  Raises Tampered for a yes that carries no mark of ours, or of which the
        chain knows nothing, and for an answer that cannot be read.
        """
        found = self._find(incident, question)
        if found is None:
            return None
        try:
            said = Approval.model_validate_json(found.body)
        except ValidationError as error:
            raise Tampered(f"the answer to {incident} cannot be read") from error
        if said.approved:
            if not self._marks.holds(KIND, [incident, found.question, found.body], found.mark):
                raise Tampered(
                    f"the approval of {incident} carries no mark of this installation: no person gave it here"
                )
            self.vouch(incident, said)
        return said

    def vouch(self, incident: str, said: Approval) -> None:
        """Raise Tampered unless the chain has this very answer about this incident."""
        if not self._permissions.answered(incident, said.digest()):
            raise Tampered(f"the audit chain knows of no such approval of {incident}: no person gave it here")

    def _mark(self, incident: str, question: str, body: str) -> str:
        return self._marks.mark(KIND, [incident, question, body])

    def _find(self, incident: str, question: str) -> _Stored | None:
        query = "SELECT question, body, mark FROM approvals WHERE incident = ? AND question "
        with self._store.read() as connection:
            found = connection.execute(
                f"{query} {'= ?' if question else '<> ?'} ORDER BY sequence DESC LIMIT 1",
                (incident, question),
            ).fetchone()
        return None if found is None else _Stored(question=found[0], body=found[1], mark=found[2])


def named(said: Approval) -> str:
    """The person, the time and the answer, in words."""
    answer = "approved" if said.approved else "rejected"
    return f"{said.by} ({said.os_user}) at {said.at:%H:%M:%S} UTC: {answer}"
