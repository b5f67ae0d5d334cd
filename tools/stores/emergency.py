"""Where an undo is written down when ledger or audit cannot be: a plain file and standard error (RULINGS 17).

Undoing must not fail because it cannot be recorded, so nothing here raises.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TextIO

from pydantic import JsonValue

from tools.stores import files, redaction


class EmergencyLog:
    """One JSON line an event, appended without a lock: a stuck lock may be why we are here."""

    def __init__(self, path: Path, stream: TextIO) -> None:
        self._path, self._stream = path, stream

    def write(
        self, at: datetime, actor: str, action: str, body: Mapping[str, JsonValue]
    ) -> tuple[tuple[str, bool], ...]:
        """Write one event: (place, written) each.  Never raises."""
        said = {"at": at.isoformat(), "actor": actor, "action": action, "body": redaction.redact_mapping(body)}
        line = json.dumps(said, separators=(",", ":"), default=repr)
        return ("stderr", self._print(line)), ("file", self._store(line))

    def _print(self, line: str) -> bool:
        try:
            self._stream.write(f"suture: emergency: {line}\n")
            self._stream.flush()
        except (OSError, ValueError):  # ValueError: the stream was closed
            return False
        return True

    def _store(self, line: str) -> bool:
        try:
            files.append_line(self._path, line)
        except OSError:
            return False
        return True
