"""Permissions, stops and steering of people, read from the audit chain: the one place that can say yes.

Rows of a database can be written by hand, copied from elsewhere or put back from a backup, whatever mark they
carry.  An entry of the chain cannot: it is keyed, in its place, and signed heads show when it is missing.
"""

import contextlib
from collections.abc import Mapping
from datetime import datetime
from threading import Lock

from pydantic import JsonValue, ValidationError

from incident.control import Control
from incident.steering import Steering
from tools import ports

ANSWERED = "answered"
STEERED = "steered"
SWITCHES = ("pause", "resume", "abort", "stop-all", "start-all")

ALL = ""
"""Stands for "all incidents" where an incident's id is expected.  No incident has an empty id."""


class Permissions:
    """The chain's entries about switches, answers and steering; only what is new is read at each look."""

    def __init__(self, audit: ports.Audit) -> None:
        self._audit = audit
        self._mark = ports.Bookmark()
        self._controls: dict[str, Control] = {}
        self._answers: dict[str, set[str]] = {}
        self._words: dict[str, tuple[Steering, ...]] = {}
        self._gate = Lock()

    def control(self, incident: str) -> Control:
        """The switches of one incident, or with ALL the kill switch.  Raises Tampered, Unavailable."""
        with self._gate:
            self._read()
            return self._controls.get(incident, Control())

    def answered(self, incident: str, digest: str) -> bool:
        """True when a person gave the answer of this digest about this incident.  Raises Tampered, Unavailable."""
        with self._gate:
            self._read()
            return digest in self._answers.get(incident, ())

    def steering(self, incident: str) -> tuple[Steering, ...]:
        """Words of people on where the cause of an incident lies, in order.  Raises Tampered, Unavailable."""
        with self._gate:
            self._read()
            return self._words.get(incident, ())

    def _read(self) -> None:
        # When this raises, the mark stays where it was, and no entry is heard twice or missed.
        entries, self._mark = self._audit.after(self._mark, (*SWITCHES, ANSWERED, STEERED))
        for entry in entries:
            body = entry["body"]
            if isinstance(body, Mapping):
                self._hear(str(entry["action"]), entry, body)

    def _hear(self, action: str, entry: Mapping[str, JsonValue], body: Mapping[str, JsonValue]) -> None:
        incident = str(body.get("incident", ""))
        if action == ANSWERED:
            self._answers.setdefault(incident, set()).add(str(body.get("answer", "")))
            return
        if action == STEERED:
            with contextlib.suppress(ValidationError):  # a newer version's, which this one cannot read
                word = Steering.model_validate(body.get("word"))
                self._words[incident] = (*self._words.get(incident, ()), word)
            return
        before = self._controls.get(incident, Control())
        self._controls[incident] = switched(before, action, entry, body)


def switched(before: Control, action: str, entry: Mapping[str, JsonValue], body: Mapping[str, JsonValue]) -> Control:
    """The switches after one more word.  An abort stands, and so does who said it."""
    # An abort ends the incident; a later resume must not bring it back.
    if before.aborted:
        return before
    return Control(
        stop_all=action == "stop-all",
        paused=action == "pause" or (action == "abort" and before.paused),
        aborted=action == "abort",
        by=str(entry["actor"]),
        os_user=str(body.get("os_user", "")),
        reason=str(body.get("reason", "")),
        at=datetime.fromisoformat(str(entry["at"])),
    )
