"""The audit chain in a file that several processes append to.

An append holds the file's lock, reads the last entry again, writes one line with one call and syncs.
The format and what it protects against are told in :mod:`tools.stores.audit_chain`.
"""

import contextlib
import hashlib
import json
import os
import secrets
import stat
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

from pydantic import JsonValue

from incident.errors import Tampered, Unavailable
from tools import ports
from tools.stores import audit_chain, files, redaction

WAIT = 5.0
"""Seconds to wait for other writers."""

EVERY = 32
"""Entries between two signed heads: what an attacker may cut off unseen while nobody closed the log."""

_KEY_BYTES = 32


class AuditFile:
    """:class:`tools.ports.Audit` over one file."""

    def __init__(
        self, log: Path, key: bytes, anchor: Path, clock: ports.Clock, seen: audit_chain.Head, every: int = EVERY
    ) -> None:
        self._log, self._key, self._anchor, self._clock, self._every = log, key, anchor, clock, every
        self._seen = seen

    def append(self, at: datetime, actor: str, action: str, body: Mapping[str, JsonValue]) -> int:
        """Append one entry, its secrets redacted, sync it, and return its sequence number.

        Raises Unavailable when it cannot be written and Tampered when the file was changed by others.
        """
        said = redaction.redact_mapping(body)
        with self._locked() as (descriptor, found):
            head = self._repaired(descriptor, found, at)
            line, new = audit_chain.entry(self._key, head, at.isoformat(), redaction.redact_text(actor), action, said)
            files.append_synced(descriptor, line)
            self._seen = new
            if new.seq // self._every > found.seq // self._every:
                self._sign(new, at)
        return new.seq

    def verify(self) -> None:
        """Check the whole chain against key and anchor.  Raises Tampered, naming the place."""
        report = self.report()
        if report.fault is not None:
            raise Tampered(f"{self._log.name}: {report.fault}")

    def report(self) -> audit_chain.Report:
        """What verification found, faults and torn tails included."""
        try:
            return audit_chain.verify(self._log, self._key, self._anchor)
        except OSError as error:
            raise Unavailable(f"{self._log.name} cannot be read: {error.strerror}") from error

    def find(self, action: str, incident: str) -> tuple[Mapping[str, JsonValue], ...]:
        """Bodies of the entries of one action whose body names the incident, in order.  Raises Tampered.

        Every entry is verified on the way.
        """
        mark = f'"action":{json.dumps(action)},'.encode()
        found: list[Mapping[str, JsonValue]] = []
        head = audit_chain.Head()
        with _translated(self._log), self._log.open("rb") as file:
            for line in file:
                if not line.endswith(b"\n"):
                    break
                head = audit_chain.check(self._key, head, line)
                if mark not in line:
                    continue
                entry = json.loads(line)
                if entry["action"] == action and entry["body"].get("incident") == incident:
                    found.append(entry["body"])
        return tuple(found)

    def anchor(self) -> None:
        """Sign the present head, so that nothing before it can be cut off unseen.  Raises Unavailable, Tampered."""
        now = self._clock.now()
        with self._locked() as (descriptor, head):
            self._sign(self._repaired(descriptor, head, now), now)

    def close(self) -> None:
        """Sign the head for the last time; nothing is kept open."""
        self.anchor()

    @contextlib.contextmanager
    def _locked(self) -> Iterator[tuple[int, audit_chain.Head]]:
        with _translated(self._log):
            descriptor = os.open(self._log, os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                with files.locked(descriptor, self._clock, WAIT, self._log.name):
                    yield descriptor, self._head(descriptor)
            finally:
                os.close(descriptor)

    def _head(self, descriptor: int) -> audit_chain.Head:
        last, _, offset = files.tail(descriptor, os.fstat(descriptor).st_size)
        head = audit_chain.last_head(self._key, last) if offset else audit_chain.Head()
        if head.seq < self._seen.seq or (head.seq == self._seen.seq and head != self._seen):
            raise audit_chain.Broken(f"entry {self._seen.seq} was there before and is not there now")
        return head

    def _repaired(self, descriptor: int, head: audit_chain.Head, at: datetime) -> audit_chain.Head:
        """Remove a torn tail, which nobody was told had been written, and say so in the chain."""
        _, rest, offset = files.tail(descriptor, os.fstat(descriptor).st_size)
        if not rest:
            return head
        if not audit_chain.torn(self._key, head, rest):
            raise audit_chain.Broken(f"entry {head.seq + 1} is neither whole nor cut short")
        os.ftruncate(descriptor, offset)
        os.fsync(descriptor)
        dropped = {"bytes": len(rest), "sha256": hashlib.sha256(rest).hexdigest()}
        line, new = audit_chain.entry(self._key, head, at.isoformat(), "audit", "repaired", dropped)
        files.append_synced(descriptor, line)
        self._seen = new
        return new

    def _sign(self, head: audit_chain.Head, at: datetime) -> None:
        """Add a signed head to the anchor.  The caller holds the log's lock, which serves for both files."""
        descriptor = os.open(self._anchor, os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            last, rest, offset = files.tail(descriptor, os.fstat(descriptor).st_size)
            signed = audit_chain.anchored(self._key, last)
            if signed.seq > head.seq:
                raise audit_chain.Broken(f"entry {signed.seq} was signed and is not there now")
            if rest:
                os.ftruncate(descriptor, offset)
            if signed.seq < head.seq:
                files.append_synced(descriptor, audit_chain.signed_head(self._key, head, at.isoformat()))
        finally:
            os.close(descriptor)


@contextlib.contextmanager
def _translated(log: Path) -> Iterator[None]:
    try:
        yield
    except audit_chain.Broken as error:
        raise Tampered(f"{log.name}: {error}") from error
    except FileNotFoundError as error:
        raise Tampered(f"{Path(error.filename or log).name} is gone") from error
    except OSError as error:
        raise Unavailable(f"{log.name} cannot be used: {error.strerror}") from error


def open(log: Path, key: Path, anchor: Path, clock: ports.Clock, every: int = EVERY) -> AuditFile:  # noqa: A001 (read as `audit_file.open`)
    """Open the chain, or begin one when neither log, key nor anchor are there.

    Raises Tampered when only some of them are, or when the log is shorter than what was signed;
    Unavailable when they cannot be read or written.
    """
    with _translated(log):
        if not key.exists() and (_has_content(log) or anchor.exists()):
            raise audit_chain.Broken(f"the key {key.name} is missing")
        secret = load_key(key)
        if not _has_content(log) and not anchor.exists():
            _create(anchor, audit_chain.signed_head(secret, audit_chain.Head(), clock.now().isoformat()))
        signed = audit_chain.anchors(secret, anchor.read_bytes())
        if signed[-1].seq == 0:
            os.close(files.open_private(log))
        audit = AuditFile(log, secret, anchor, clock, signed[-1], every)
        with audit._locked():  # compares the log with what was signed
            return audit


def load_key(key: Path) -> bytes:
    """The chain's key, made from the system's randomness when there is none.  Raises OSError, Tampered."""
    if not key.exists():
        _create(key, secrets.token_bytes(_KEY_BYTES))
    if stat.S_IMODE(key.stat().st_mode) & 0o077:
        raise Tampered(f"others can read the audit key {key.name}: treat it as known, and the chain as unproven")
    secret = key.read_bytes()
    if len(secret) != _KEY_BYTES:
        raise Tampered(f"the audit key {key.name} has {len(secret)} bytes instead of {_KEY_BYTES}")
    return secret


def _has_content(log: Path) -> bool:
    return log.exists() and log.stat().st_size > 0


def _create(path: Path, content: bytes) -> None:
    """Make a file appear whole, or leave alone the one that another process made meanwhile."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, files.PRIVATE)
    try:
        files.write_all(descriptor, content)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    with contextlib.suppress(FileExistsError):
        os.link(temporary, path)
    temporary.unlink()
    files.sync_folder(path.parent)
