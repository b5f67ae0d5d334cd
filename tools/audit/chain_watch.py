"""Verifies a growing chain again and again: what verified before need only be the same bytes.

A SHA-256 of what was verified, up to the last signed head, is compared first; only what follows is
checked entry by entry.  So the whole chain can be looked at before each effect.
"""

import hashlib
import itertools
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from tools.audit import chain
from tools.records import files

_BLOCK = 1 << 20


class Watch:
    """Remembers how far a chain verified, and the digest of that part."""

    def __init__(self, log: Path, key: bytes) -> None:
        self._log, self._key = log, key
        self._gate = threading.Lock()
        self._forget()

    def check(self, anchor: bytes) -> chain.Report:
        """The report on the whole chain, as from :func:`audit_chain.verify`.  Raises OSError."""
        with self._gate, files.opened(self._log) as file:
            if not self._same(file):
                self._forget()
            if (gone_back := self._advance(file, anchor)) is not None:
                return gone_back
            file.seek(self._offset)
            report = chain.examine(file, self._key, anchor, self._head)
            if report.fault is None or not self._offset:
                return report
            # An alarm is told from the beginning, so that it never rests on what was remembered.
            self._forget()
            file.seek(0)
            return chain.examine(file, self._key, anchor)

    def _forget(self) -> None:
        self._offset, self._head, self._digest = 0, chain.Head(), hashlib.sha256()

    def _same(self, file: BinaryIO) -> bool:
        digest, left = hashlib.sha256(), self._offset
        while left and (block := file.read(min(left, _BLOCK))):
            digest.update(block)
            left -= len(block)
        return not left and digest.digest() == self._digest.digest()

    def _advance(self, file: BinaryIO, anchor: bytes) -> chain.Report | None:
        """Move up to the last signed head, remembering the very bytes that were checked.

        A report when the anchor itself has lost what it had before.
        """
        try:
            signed = chain.anchors(self._key, anchor)
            wanted = signed[-1].seq - self._head.seq
            if wanted < 0:
                lost = f"the anchor ends at entry {signed[-1].seq}, but entry {self._head.seq} had been signed"
                return chain.Report(self._head.seq, self._head, signed[-1].seq, 0, lost)
            file.seek(self._offset)
            # A copy, so that a chain that breaks on the way leaves what was remembered as it was.
            digest = self._digest.copy()
            lines = _digested(itertools.islice(file, wanted), digest)
            head, _ = chain.follow(self._key, self._head, lines, {one.seq: one.mac for one in signed})
        except chain.Broken:
            return None  # the examination that follows says where and why
        if head == signed[-1]:
            self._offset, self._head, self._digest = file.tell(), head, digest
        return None


def _digested(lines: Iterable[bytes], digest: "hashlib._Hash") -> Iterator[bytes]:
    for line in lines:
        digest.update(line)
        yield line
