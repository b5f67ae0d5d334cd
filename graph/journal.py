"""Journal of an incident: one line per event, whose digest goes into the audit chain, and a call to the listener."""

import hashlib
from collections.abc import Callable
from threading import Lock

from pydantic import JsonValue

from graph.console.observer import observed
from graph.reports import journal_reader
from incident.record import Decided, Event, Record
from policies.policy import C, F, Judgement, Policy, R
from tools import ports

Listener = Callable[[Record], None]
Redact = Callable[[JsonValue], JsonValue]


class Journal:
    """Writer of an incident's journal; there is one per incident.

    Writing raises Unavailable when journal or audit cannot be written and synced; then nothing may act.
    """

    def __init__(
        self,
        incident: str,
        journal: ports.RecordFolder,
        audit: ports.Audit,
        clock: ports.Clock,
        redact: Redact,
        listener: Listener,
    ) -> None:
        self._incident = incident
        self._journal = journal
        self._audit = audit
        self._clock = clock
        self._redact = redact
        self._listener = observed(listener)
        self._sequence: int | None = None
        """Lines of the journal; None: not counted yet."""
        self._torn = False
        """True when the last line may not be chained yet."""
        self._lock = Lock()

    def write(self, node: str, event: Event) -> Record:
        """Journal an event and chain its digest."""
        with self._lock:
            if self._torn:
                self._settle()
            record = Record(
                incident=self._incident,
                sequence=len(self._journal.lines()) if self._sequence is None else self._sequence,
                at=self._clock.now(),
                node=node,
                event=event,
            )
            # The listener gets the redacted record: a display must not show more than the record holds.
            record = Record.model_validate(self._redact(record.model_dump(mode="json")))
            line = record.canonical()
            # Set before the write: if it raises, the line may be there all the same.
            self._torn = True
            self._journal.append(line)
            self._chain(record, line)
            self._torn, self._sequence = False, record.sequence + 1
        self._listener(record)
        return record

    def settle(self) -> None:
        """Chain the line that a crash, or a chain that could not be written, left out of the chain.

        There is at most one, because each is chained before the next is written.  Raises Tampered for more, and
        for a line that was changed after it was chained, or is gone.
        """
        with self._lock:
            self._settle()

    def _settle(self) -> None:
        lines = self._journal.lines()
        known = self._audit.find("record", self._incident)
        journal_reader.unchanged(lines, known, self._incident)
        journal_reader.complete(lines, known, self._incident)
        if len(known) < len(lines):
            self._chain(journal_reader.load(lines[-1:])[0], lines[-1])
        self._torn, self._sequence = False, len(lines)

    def _chain(self, record: Record, line: bytes) -> None:
        self._audit.append(
            record.at,
            "suture",
            "record",
            {
                "incident": self._incident,
                "sequence": record.sequence,
                "kind": record.event.kind,
                "sha256": hashlib.sha256(line).hexdigest(),
            },
        )

    def decide(self, node: str, policy: Policy[F, C, R], facts: F) -> Judgement[C, R]:
        """Let a policy decide and journal its facts with its decision, so that it can be replayed."""
        clean = self._redact(facts.model_dump(mode="json"))
        # Decided from the redacted facts that are recorded, or replay would differ.
        seen = policy.facts.model_validate(clean)
        decision = policy.decide(seen)
        self.write(node, Decided(facts=seen.model_dump(mode="json"), decision=decision))
        return decision
