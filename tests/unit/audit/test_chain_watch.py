"""Verifying again and again: cheap, and blind to nothing that a first verification would see."""

import random
from pathlib import Path

import pytest

from evals.bench import audit_changes
from tools.audit import chain_lines, chain_watch

COUNT = 80


class Growing:
    """A chain that was verified once and may grow or be changed."""

    def __init__(self, folder: Path) -> None:
        self.log = folder / "audit.jsonl"
        self.chain = audit_changes.chain(COUNT, random.Random(7), closed=False)
        self.log.write_bytes(b"".join(self.chain.lines))
        self.watch = chain_watch.Watch(self.log, audit_changes.KEY)
        assert self.check() is None

    def check(self, anchor: bytes | None = None) -> str | None:
        return self.watch.check(self.chain.anchor if anchor is None else anchor).fault


@pytest.fixture
def growing(tmp_path: Path) -> Growing:
    return Growing(tmp_path)


def test_what_was_appended_is_checked_and_counted(growing: Growing) -> None:
    head = growing.chain.heads[-1]
    for _ in range(40):
        line, head = chain_lines.entry(audit_changes.KEY, head, "t", "a", "b", {})
        with growing.log.open("ab") as file:
            file.write(line)
        report = growing.watch.check(growing.chain.anchor)
        assert (report.fault, report.head) == (None, head)
    signed = growing.chain.anchor + chain_lines.signed_head(audit_changes.KEY, head, "t") + b"\n"
    assert growing.check(signed) is None
    assert growing.check(growing.chain.anchor) == f"the anchor ends at entry 64, but entry {head.seq} had been signed"


@pytest.mark.parametrize("kind", audit_changes.CHANGES)
def test_a_change_between_two_looks_is_found_and_named_as_by_a_first_look(growing: Growing, kind: str) -> None:
    rng = random.Random(f"7 {kind}")
    whole = growing.log.read_bytes()
    for _ in range(25):
        changed = audit_changes.CHANGES[kind](growing.chain, rng)
        growing.log.write_bytes(changed)
        first = growing.chain.verify(changed)
        assert growing.watch.check(growing.chain.anchor) == first
        assert first.fault is not None or first.entries >= 64, "only what no head was signed over may go unseen"
        growing.log.write_bytes(whole)
        assert growing.check() is None, "and all is well again once it is put back"


def test_an_entry_that_the_anchor_signed_otherwise_is_found_although_it_verified_before(growing: Growing) -> None:
    other, _ = chain_lines.entry(audit_changes.KEY, growing.chain.heads[69], "t", "a", "b", {})
    _, head = chain_lines.entry(audit_changes.KEY, growing.chain.heads[69], "t", "a", "another", {})
    assert other != growing.chain.lines[69]
    signed = growing.chain.anchor + chain_lines.signed_head(audit_changes.KEY, head, "t") + b"\n"
    assert growing.check(signed) == "entry 70 is not the one that the anchor signed"
