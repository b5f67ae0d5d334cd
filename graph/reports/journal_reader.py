"""Reader of a journal: its records, checks against the chain, and queries for reports and displays.  Pure."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from pydantic import JsonValue, ValidationError

from incident.decision import Decision, Hold
from incident.errors import Tampered
from incident.record import Decided, Record
from policies.gates import permission

T = TypeVar("T")


def load(lines: Iterable[bytes]) -> tuple[Record, ...]:
    """Read the lines of ``decisions.jsonl``.  Raises Tampered naming the first line that is no record."""
    records = []
    for number, line in enumerate(lines, start=1):
        try:
            records.append(Record.model_validate_json(line))
        except ValidationError as error:
            raise Tampered(f"decisions.jsonl line {number} is no record") from error
    return tuple(records)


def unchanged(lines: Sequence[bytes], chained: Sequence[Mapping[str, JsonValue]], incident: str) -> None:
    """Raise Tampered unless each chained line is there, unchanged; `chained` are the chain's entries of them, in order."""
    if len(chained) > len(lines):
        raise Tampered(f"{len(chained) - len(lines)} lines of {incident}'s decisions.jsonl are gone")
    # The journal may be one line longer: a line is written before it is chained, and `complete` judges that.
    for number, (said, line) in enumerate(zip(chained, lines, strict=False), start=1):
        if said["sha256"] != hashlib.sha256(line).hexdigest():
            raise Tampered(f"line {number} of {incident}'s decisions.jsonl was changed")


def complete(lines: Sequence[bytes], chained: Sequence[Mapping[str, JsonValue]], incident: str) -> None:
    """Raise Tampered when more than one line is not chained: a line is chained before the next is written."""
    if len(chained) + 1 < len(lines):
        raise Tampered(f"{len(lines) - len(chained)} lines of {incident}'s decisions.jsonl were never chained")


def events(records: Iterable[Record], kind: type[T]) -> Iterator[tuple[Record, T]]:
    """Yield the records whose event is of this class, with it."""
    for record in records:
        if isinstance(record.event, kind):
            yield record, record.event


def last(records: tuple[Record, ...], kind: type[T]) -> T | None:
    """Return the newest event of this class, or None."""
    found = [event for _, event in events(records, kind)]
    return found[-1] if found else None


def asked(records: Iterable[Record]) -> str:
    """Return the digest of the plan that a person may approve; empty when no approval is asked for, or would do."""
    found = [decision for _, decision in decisions(records, "gates.open")]
    if not found or not isinstance(found[-1].verdict, Hold) or not found[-1].verdict.liftable:
        return ""
    opened = permission.POLICY.read(found[-1])
    return opened.plan_digest if opened else ""


def decisions(records: Iterable[Record], policy: str) -> list[tuple[Record, Decision]]:
    """Return the decisions of one policy, in order."""
    return [(record, event.decision) for record, event in events(records, Decided) if event.decision.policy == policy]


def decision(records: Iterable[Record], policy: str) -> Decision | None:
    """Return the last decision of one policy, or None."""
    found = decisions(records, policy)
    return found[-1][1] if found else None
