"""Reading a journal back, and the few questions that reports, explanations and displays ask of it.  Pure."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

from pydantic import ValidationError

from incident.decision import Decision, Hold
from incident.errors import Tampered
from incident.record import Decided, Record

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


def events(records: Iterable[Record], kind: type[T]) -> Iterator[tuple[Record, T]]:
    """Yield the records whose event is of this class, with it."""
    for record in records:
        if isinstance(record.event, kind):
            yield record, record.event


def last(records: tuple[Record, ...], kind: type[T]) -> T | None:
    """The newest event of this class, or None."""
    found = [event for _, event in events(records, kind)]
    return found[-1] if found else None


def asked(records: Iterable[Record]) -> str:
    """Digest of the plan that a person may open the gate to; empty when the gate asked for nobody, or for more."""
    found = [decision for _, decision in decisions(records, "gates.open")]
    if not found or not isinstance(found[-1].verdict, Hold) or not found[-1].verdict.liftable:
        return ""
    return str(found[-1].data.get("plan_digest", ""))


def decisions(records: Iterable[Record], policy: str) -> list[tuple[Record, Decision]]:
    """The decisions of one policy, in order."""
    return [(record, event.decision) for record, event in events(records, Decided) if event.decision.policy == policy]
