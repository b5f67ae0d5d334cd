"""Audit chain that the threads of several processes append to, with its signed heads in an anchor.

Entries of all threads that wait go to the file together (:mod:`tools.audit.group_commit`,
:mod:`tools.audit.chain_log`).  Every so many entries the head is signed and kept in the anchor.  The
format and what it protects against are told in :mod:`tools.audit.chain`.
"""

import json
import os
import secrets
import stat
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from pydantic import JsonValue

from incident.errors import Tampered, Unavailable
from tools import ports
from tools.audit import chain as audit_chain
from tools.audit import chain_lines, chain_log, chain_watch, group_commit
from tools.audit.anchor_file import FileAnchor
from tools.records import files
from tools.secrets import redaction

EVERY = 32
"""Entries between two signed heads: what an attacker may cut off unseen while nobody closed the log."""

BEHIND = 1024
"""Entries that may follow the last signed head while the anchor is out of reach; then nothing is written, and nobody acts."""

RETRY = 10.0
"""Seconds between two tries of an anchor that did not answer, because each may take as long as its time-out."""

_TRIES = 4

_Words = tuple[bytes, datetime]


class AuditFile:
    """:class:`tools.ports.Audit` over one file and one anchor."""

    def __init__(self, log: chain_log.Log, key: bytes, anchor: ports.Anchor, clock: ports.Clock, every: int) -> None:
        self._log, self._key, self._anchor, self._clock, self._every = log, key, anchor, clock, every
        self._group = group_commit.GroupCommit[_Words, audit_chain.Head](self._commit)
        self._watch = chain_watch.Watch(log.path, key)
        self._signing = threading.Lock()
        self._signed = log.seen
        self._known = b""
        self._silent = ""
        """Reason that the anchor did not take the last head; empty while it does."""
        self._ask_again = 0.0

    def append(self, at: datetime, actor: str, action: str, body: Mapping[str, JsonValue]) -> int:
        """Append one entry, its secrets redacted, sync it, and return its sequence number.

        Raises Unavailable when it cannot be written, or when the anchor has been out of reach for
        BEHIND entries, and Tampered when file or anchor were changed by others.
        """
        told = redaction.redact_mapping(body)
        words = chain_lines.said(at.isoformat(), redaction.redact_text(actor), action, told)
        # Entries behind the last signed head can be cut off unseen, so their number is bounded.
        if self._silent and self._log.seen.seq - self._signed.seq >= BEHIND:
            self._catch_up(at)
        head = self._group.submit((words, at))
        self._sign_if_due(head, at)
        return head.seq

    def verify(self) -> None:
        """Check the whole chain against key and anchor, cheaply when most of it verified before.

        An anchor that does not answer is taken as it was last seen: how far it may fall behind is bounded
        by `append`.  Raises Tampered, naming the place; Unavailable.
        """
        try:
            # The anchor before the log: entries that come meanwhile are then no fault.
            self._known = self._anchor.read()
        except Unavailable:
            if not self._known:
                raise
        with chain_log.translated(self._log.path):
            report = self._watch.check(self._known)
        if report.fault is not None:
            raise Tampered(f"{self._log.path.name}: {report.fault}")

    def report(self) -> audit_chain.Report:
        """The report on the whole chain, faults and torn tails included.  Raises Unavailable, Tampered."""
        anchor = self._anchor.read()
        with chain_log.translated(self._log.path):
            files.opened(self._log.path).close()
            return audit_chain.verify(self._log.path, self._key, anchor)

    def find(self, action: str, incident: str) -> tuple[Mapping[str, JsonValue], ...]:
        """Bodies of the entries of one action whose body names the incident, in order.  Raises Tampered.

        Every entry is verified on the way.
        """
        mark = f'"action":{json.dumps(action)},'.encode()
        found: list[Mapping[str, JsonValue]] = []
        for line in self.lines():
            # Searching bytes is far cheaper than parsing; the parsed entry decides.
            if mark not in line:
                continue
            entry = json.loads(line)
            if entry["action"] == action and entry["body"].get("incident") == incident:
                found.append(entry["body"])
        return tuple(found)

    def after(
        self, mark: ports.Bookmark, actions: Collection[str]
    ) -> tuple[tuple[Mapping[str, JsonValue], ...], ports.Bookmark]:
        """(entries of these actions behind the mark, in order; a mark behind the last whole entry).

        What was read before is not read again, so this can be asked before each effect.  Raises Tampered.
        """
        head, seen = audit_chain.Head(mark.seq, mark.mac or audit_chain.GENESIS), self._log.seen.seq
        kept: list[bytes] = []
        with chain_log.translated(self._log.path), files.opened(self._log.path) as file:
            cut = os.fstat(file.fileno()).st_size < mark.offset
            file.seek(mark.offset)
            head, rest = audit_chain.follow(self._key, head, _noted(file, actions, kept), {})
            offset = file.tell() - len(rest)
            if cut or head.seq < seen:
                raise audit_chain.Broken(f"entry {max(seen, mark.seq)} was there before and is not there now")
        if rest and kept and kept[-1] == rest:  # what a crash cut, or what is just being written, is no entry yet
            kept.pop()
        entries = (json.loads(line) for line in kept)
        found = tuple(entry for entry in entries if entry["action"] in actions)
        return found, ports.Bookmark(offset=offset, seq=head.seq, mac=head.mac)

    def lines(self) -> Iterator[bytes]:
        """Every whole line of the chain with its newline, each verified before it is handed out.

        Raises Tampered, also at the end when what was signed is no longer there.
        """
        head, signed = audit_chain.Head(), self._signed
        with chain_log.translated(self._log.path), files.opened(self._log.path) as file:
            for line in file:
                head, rest = audit_chain.follow(self._key, head, (line,), {})
                if rest:
                    break
                yield line
            if head.seq < signed.seq:
                raise audit_chain.Broken(f"the chain ends at entry {head.seq}, but entry {signed.seq} was signed")

    def anchor(self) -> None:
        """Sign the present head, so that nothing before it can be cut off unseen.  Raises Unavailable, Tampered."""
        now = self._clock.now()
        with self._signing:
            self._sign(self._log.head(now), now, every=1)

    def close(self) -> None:
        """Sign the head for the last time; nothing is kept open."""
        self.anchor()

    def _commit(self, batch: Sequence[_Words]) -> list[audit_chain.Head]:
        return self._log.write([words for words, _ in batch], batch[0][1])

    def _catch_up(self, at: datetime) -> None:
        """Sign before anything else is written, or refuse."""
        if self._clock.monotonic() >= self._ask_again:
            self._sign_if_due(self._log.head(at), at)
        if self._silent:
            raise Unavailable(f"no head was signed since entry {self._signed.seq}: {self._silent}")

    def _sign_if_due(self, head: audit_chain.Head, at: datetime) -> None:
        """Sign once enough entries follow the last signed head.  One thread does, the others go on."""
        if head.seq - self._signed.seq < self._every or self._clock.monotonic() < self._ask_again:
            return
        # Another thread is at it, and one signed head covers all entries before it.
        if not self._signing.acquire(blocking=False):
            return
        try:
            self._sign(head, at, self._every)
        except Unavailable as error:
            first, self._silent = not self._silent, str(error)
            self._ask_again = self._clock.monotonic() + RETRY
            # Once for a silence, not for each try: the chain says since when nothing was signed.
            if first:
                said = {"since": self._signed.seq, "error": self._silent}
                self._group.submit((chain_lines.said(at.isoformat(), "audit", "unanchored", said), at))
        else:
            self._silent = ""
        finally:
            self._signing.release()

    def _sign(self, head: audit_chain.Head, at: datetime, every: int) -> None:
        """Keep `head`, which is synced, in the anchor, unless somebody kept one less than `every` entries before it."""
        for _ in range(_TRIES):
            last = self._anchor.last()
            with chain_log.translated(self._log.path):
                if not last:
                    raise audit_chain.Broken(f"the anchor {self._anchor.name} is missing")
                self._signed = audit_chain.anchored(self._key, last)
                if self._signed.seq == head.seq and self._signed != head:
                    raise audit_chain.Broken(f"entry {head.seq} is not the one that the anchor signed")
            self._log.saw(self._signed)
            if head.seq - self._signed.seq < every:
                return
            if self._anchor.add(chain_lines.signed_head(self._key, head, at.isoformat()), last):
                self._signed = head
                return
        raise Unavailable(f"other writers keep changing the anchor {self._anchor.name}")


def open(log: Path, key: Path, anchor: Path, clock: ports.Clock, every: int = EVERY) -> AuditFile:  # noqa: A001 (read as `audit_file.open`)
    """Open the chain with its signed heads in a file; see :func:`open_with`."""
    return open_with(log, key, FileAnchor(anchor, clock), clock, every)


def open_with(
    log: Path,
    key: Path,
    anchor: ports.Anchor,
    clock: ports.Clock,
    every: int = EVERY,
    sync: Callable[[int], None] = os.fdatasync,
) -> AuditFile:
    """Open the chain, or begin one when neither log, key nor anchor are there.

    Raises Tampered when only some of them are, or when the log is shorter than what was signed;
    Unavailable when they cannot be read or written.  `sync` makes a descriptor's content durable.
    """
    with chain_log.translated(log):
        content = anchor.read() if key.exists() else _begun(log, key, anchor, clock)
        if not content:
            raise audit_chain.Broken(f"the anchor {anchor.name} is missing")
        secret = load_key(key)
        signed = audit_chain.anchors(secret, content)[-1]
    chain = chain_log.Log(log, secret, clock, signed, sync)
    chain.look()
    return AuditFile(chain, secret, anchor, clock, every)


def load_key(key: Path) -> bytes:
    """The chain's key.  Raises OSError, Tampered."""
    if not key.exists():
        raise Tampered(f"the audit key {key.name} is missing")
    if stat.S_IMODE(key.stat().st_mode) & 0o077:
        raise Tampered(f"others can read the audit key {key.name}: treat the key as leaked, and the chain as unproven")
    secret = files.content(key)
    if len(secret) != audit_chain.KEY_BYTES:
        raise Tampered(f"the audit key {key.name} has {len(secret)} bytes instead of {audit_chain.KEY_BYTES}")
    return secret


def _noted(lines: Iterable[bytes], actions: Collection[str], kept: list[bytes]) -> Iterator[bytes]:
    """The same lines; those that may be of one of the actions are kept."""
    marks = tuple(f'"action":{json.dumps(action)},'.encode() for action in actions)
    for line in lines:
        if any(mark in line for mark in marks):
            kept.append(line)
        yield line


def _begun(log: Path, key: Path, anchor: ports.Anchor, clock: ports.Clock) -> bytes:
    """Begin a chain, one process at a time, and return the anchor's content.  Raises OSError, Broken.

    The key appears last, when the rest is there: so where there is a key, a log and an anchor that are missing were
    taken away.  Until then it has another name, by which one that was interrupted goes on.
    """
    unborn = key.with_name(f".{key.name}.unborn")
    folder = os.open(key.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with files.locked(folder, clock, chain_log.WAIT, key.parent.name):
            content = anchor.read()
            if key.exists():  # somebody else was faster
                return content
            # Somebody took the key away: a new one would make the old entries look foreign, and hide
            # that.
            if _has_content(log) or (content and not unborn.exists()):
                raise audit_chain.Broken(f"the key {key.name} is missing")
            if not unborn.exists():
                files.replace(unborn, secrets.token_bytes(audit_chain.KEY_BYTES))
            secret = load_key(unborn)
            os.close(files.open_private(log))
            if not content:
                anchor.add(chain_lines.signed_head(secret, audit_chain.Head(), clock.now().isoformat()), b"")
                content = anchor.read()
            if audit_chain.anchors(secret, content) != (audit_chain.Head(),):
                raise audit_chain.Broken(f"the key {key.name} is missing")
            unborn.rename(key)
            files.sync_folder(key.parent)
            return content
    finally:
        os.close(folder)


def _has_content(log: Path) -> bool:
    return log.exists() and log.stat().st_size > 0
