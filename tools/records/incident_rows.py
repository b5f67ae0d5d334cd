"""Rows of the index of incidents, from the columns of its table.  Pure."""

from datetime import UTC, datetime

from tools import ports

COLUMNS = "id, world, fingerprint, starts_at, holder, body, beat"

Known = tuple[ports.Row, str, int]
"""A row, the bytes of its body, and its counter."""


def identity(row: ports.Row) -> tuple[str, str, str]:
    """Columns that two alerts of the same incident share."""
    return row.world, row.fingerprint, str(row.starts_at.timestamp())


def read(found: tuple[str, str, str, str, str, str, int]) -> Known:
    """A row as it was read.  Of one that cannot be read only the columns are known: it is open, and can be ended."""
    known, world, fingerprint, starts_at, holder, body, beat = found
    try:
        row = ports.Row.model_validate_json(body)
        row.canonical()  # what has no encoding (NaN, deep inside) was never written by us, and could not be changed
        if (row.id, *identity(row)) != (known, world, fingerprint, starts_at):
            raise ValueError("its body is another incident's")
    except ValueError:
        row = _remains(known, world, fingerprint, starts_at)
    return row.model_copy(update={"holder": holder}), body, beat


def _remains(known: str, world: str, fingerprint: str, starts_at: str) -> ports.Row:
    try:
        when = datetime.fromtimestamp(float(starts_at), UTC)
    except (ValueError, OverflowError, OSError):
        when = datetime.fromtimestamp(0, UTC)
    return ports.Row(
        id=known,
        world=world,
        fingerprint=fingerprint,
        starts_at=when,
        service="",
        status="open",
        reason="its row cannot be read",
        opened_at=when,
        changed_at=when,
    )
