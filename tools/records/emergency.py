"""Emergency log for when ledger, audit or index cannot be written: plain files and standard error.

Undoing must not fail because it cannot be recorded, so nothing here raises.  The first file lies in the home
folder; when that disk is the one that is full, a file of the same lines elsewhere on this machine takes its place.
"""

import hashlib
import json
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TextIO

from pydantic import JsonValue

from tools import outlet
from tools.ports.basics import ENDED
from tools.records import files
from tools.secrets import redaction

MOST = 4 * 1024 * 1024
"""Bytes of one file that are read back."""

_FOLDERS = ("/tmp", "/var/tmp", "/dev/shm")  # noqa: S108 (the name is checked to be ours, see `_opened`)


class EmergencyLog:
    """Appends one JSON line an event, without a lock: a stuck lock may be why we are here."""

    def __init__(self, path: Path, stream: TextIO, elsewhere: Sequence[Path] = ()) -> None:
        self._path, self._stream, self._elsewhere = path, stream, tuple(elsewhere)

    def write(
        self, at: datetime, actor: str, action: str, body: Mapping[str, JsonValue]
    ) -> tuple[tuple[str, bool], ...]:
        """Write one event: (place, written) each.  Never raises."""
        said = {"at": at.isoformat(), "actor": actor, "action": action, "body": redaction.redact_mapping(body)}
        line = json.dumps(said, separators=(",", ":"), default=repr)
        told = [("stderr", outlet.say(self._stream, f"suture: emergency: {line}\n")), ("file", _kept(self._path, line))]
        for path in () if told[-1][1] else self._elsewhere:
            told.append((str(path), _kept(path, line)))
            if told[-1][1]:
                break
        return tuple(told)

    def endings(self) -> dict[str, Mapping[str, JsonValue]]:
        """The bodies of the lines that say how an incident ended whose row could not be written, by its id."""
        found: dict[str, Mapping[str, JsonValue]] = {}
        for path in (self._path, *self._elsewhere):
            for line in _lines(path):
                body = line.get("body")
                if line.get("action") == ENDED and isinstance(body, dict):
                    found[str(body.get("incident"))] = body
        return found


def elsewhere(root: Path, environment: Mapping[str, str]) -> tuple[Path, ...]:
    """Files for the lines of this home when its own disk takes none, best first."""
    digest = hashlib.sha256(str(root).encode("utf-8", "surrogateescape")).hexdigest()[:12]
    given = (environment.get("XDG_RUNTIME_DIR", ""), environment.get("TMPDIR", ""))
    folders = [Path(folder) for folder in (*given, *_FOLDERS) if Path(folder).is_absolute()]
    return tuple(folder / f"suture-emergency-{os.geteuid()}-{digest}.jsonl" for folder in dict.fromkeys(folders))


def _kept(path: Path, line: str) -> bool:
    try:
        descriptor = _opened(path)
        try:
            files.append_text(descriptor, line)
        finally:
            os.close(descriptor)
    except OSError:
        return False
    return True


def _opened(path: Path) -> int:
    """A descriptor of a file that belongs to this user alone.

    Raises OSError for one that somebody else may have made.
    """
    descriptor = files.open_private(path)
    found = os.fstat(descriptor)
    ours = stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid() and found.st_nlink == 1
    if ours and stat.S_IMODE(found.st_mode) & 0o077 == 0:
        return descriptor
    os.close(descriptor)
    raise PermissionError(f"others may write to {path}")


def _lines(path: Path) -> Iterator[dict[str, JsonValue]]:
    """The lines of a file that can be read; a torn one tells nothing."""
    try:
        # Looking must not make the file, and opening it would.
        if not path.is_file():
            return
        descriptor = _opened(path)
        try:
            content = os.pread(descriptor, MOST, max(0, os.fstat(descriptor).st_size - MOST))
        finally:
            os.close(descriptor)
    except OSError:
        return
    for line in content.split(b"\n"):
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict):
            yield found
