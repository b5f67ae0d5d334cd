"""Entries, checked before they are booked."""

import hashlib
from dataclasses import dataclass
from typing import Any

from shopkit import errors, web

ACCOUNTS = frozenset({"receivable", "merchant", "fees"})


@dataclass(frozen=True)
class Line:
    """One side of an entry; credits are negative."""

    account: str
    signed_cents: int


@dataclass(frozen=True)
class Entry:
    """A balanced entry."""

    entry_id: str
    currency: str
    lines: tuple[Line, ...]

    @property
    def cents(self) -> int:
        """What was moved."""
        return sum(line.signed_cents for line in self.lines if line.signed_cents > 0)


def read(body: dict[str, Any]) -> Entry:
    """The body of ``POST /entries``.  Raises BadRequest when it does not balance."""
    web.required(body, "charge_id", "currency", "lines")
    lines = tuple(_line(line) for line in body["lines"])
    if not lines or sum(line.signed_cents for line in lines) != 0:
        raise errors.BadRequest("the lines must balance")
    return Entry(entry_id(str(body["charge_id"])), str(body["currency"]), lines)


def entry_id(charge_id: str) -> str:
    """The id of a charge's entry: booking it again changes nothing."""
    return "e-" + hashlib.sha256(charge_id.encode()).hexdigest()[:16]


def _line(line: dict[str, Any]) -> Line:
    web.required(line, "account", "side", "cents")
    if line["account"] not in ACCOUNTS:
        raise errors.BadRequest(f"there is no account {line['account']}")
    if line["side"] not in ("debit", "credit") or not isinstance(line["cents"], int) or line["cents"] < 0:
        raise errors.BadRequest("a line is a debit or a credit of at least 0 cents")
    return Line(line["account"], line["cents"] if line["side"] == "debit" else -line["cents"])
