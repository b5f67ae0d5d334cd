"""Comparison of two incidents: their facts, each policy's last answer, the factors, and the time.  Pure."""

from collections.abc import Iterator
from datetime import UTC

from graph.reports import durations, searched, summary, wording
from graph.reports import journal_reader as journal
from graph.reports.account import TOTALS, Step, steps
from graph.reports.document import Block, Heading, Table
from graph.reports.narrative import place
from graph.reports.vocabulary import sentence, share
from incident.record import Closed, Gathered, Proposed, Received, Record
from incident.value import Value


class Row(Value):
    """One property of both incidents, or of only one of them."""

    what: str
    one: str
    other: str

    @property
    def differs(self) -> bool:
        """True when the incidents differ in it."""
        return self.one != self.other


class Comparison(Value):
    """Comparison of two incidents."""

    one: str
    other: str
    parted: str
    """First decision that differs, in words; empty when none does."""
    facts: tuple[Row, ...]
    decisions: tuple[Row, ...]
    factors: tuple[Row, ...]
    times: tuple[Row, ...]


def compare(one: tuple[Record, ...], other: tuple[Record, ...]) -> Comparison:
    """Compare two incidents."""
    ours, theirs = steps(one), steps(other)
    return Comparison(
        one=one[0].incident if one else "",
        other=other[0].incident if other else "",
        parted=_parted(ours, theirs),
        facts=_paired(dict(_facts(one)), dict(_facts(other))),
        decisions=_paired(_answers(ours), _answers(theirs)),
        factors=_paired(_factors(ours), _factors(theirs)),
        times=_paired(_times(one), _times(other)),
    )


def _paired(one: dict[str, str], other: dict[str, str]) -> tuple[Row, ...]:
    names = (*one, *(name for name in other if name not in one))
    return tuple(Row(what=name, one=one.get(name, "—"), other=other.get(name, "—")) for name in names)


def _facts(records: tuple[Record, ...]) -> Iterator[tuple[str, str]]:
    received, gathered = journal.last(records, Received), journal.last(records, Gathered)
    if received is not None:
        alert = received.payload.alerts[0]
        yield "alert", f"{alert.name} at {alert.starts_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
        yield "autonomy", received.autonomy
        yield "model", received.model
    if gathered is not None:
        yield "service", gathered.dossier.service
        yield "evidence", ", ".join(sorted({item.fact.kind for item in gathered.dossier.evidence}))
        yield "gaps", "; ".join(gap.sought for gap in gathered.dossier.gaps) or "none"
    leading, proposed = searched.leading(records), journal.last(records, Proposed)
    if leading is not None:
        yield "cause", place(leading[0])
    if proposed is not None:
        yield "remedy", proposed.remedy.kind.replace("_", " ")
    closed = journal.last(records, Closed)
    yield "ending", f"{closed.ending.outcome.value}: {closed.ending.reason}" if closed else "not over yet"
    if closed is not None and closed.running:
        yield "runs now", closed.running
    yield "left to do", "; ".join(summary.left(records)) or "nothing"


def _parted(one: tuple[Step, ...], other: tuple[Step, ...]) -> str:
    """Return the first decision that differs, in words; repeated looks are left out, as their number means nothing."""
    ours, theirs = _course(one), _course(other)
    # Of different lengths: the longer one is looked at below.
    for mine, their in zip(ours, theirs, strict=False):
        if (mine.policy, mine.verdict, mine.choice) != (their.policy, their.verdict, their.choice):
            if mine.policy != their.policy:
                return f"one went on to “{mine.question}”, the other to “{their.question}”"
            return f"“{mine.question}” one: {mine.answer} ({mine.why}); the other: {their.answer} ({their.why})"
    if len(ours) == len(theirs):
        return ""
    longer = ours if len(ours) > len(theirs) else theirs
    return f"only one of them went on to “{longer[min(len(ours), len(theirs))].question}”"


def _course(found: tuple[Step, ...]) -> tuple[Step, ...]:
    return tuple(
        step for step in found if step.choice not in ("hold", "watch", "extend") or step.policy == "gates.open"
    )


def _answers(found: tuple[Step, ...]) -> dict[str, str]:
    return {step.question: f"{step.answer}: {step.why}" for step in found}


def _factors(found: tuple[Step, ...]) -> dict[str, str]:
    return {
        f"{TOTALS[step.policy]}, {wording.plain(factor.name)}": f"{share(factor.contribution)} ({sentence(factor.note)})"
        for step in found
        if step.policy in ("evidence_gate.judge", "risk.assess")
        for factor in step.factors
    }


def _times(records: tuple[Record, ...]) -> dict[str, str]:
    return {part.name: f"{part.seconds:.1f} s" for part in durations.parts(records)}


def blocks(found: Comparison) -> Iterator[Block]:
    """Return the comparison as a document; equal rows are counted and not shown."""
    yield Heading(1, f"{found.one} and {found.other}")
    yield f"They went apart at: {found.parted}." if found.parted else "They took the same course."
    for title, rows in (
        ("Facts", found.facts),
        ("Decisions", found.decisions),
        ("Factors", found.factors),
        ("Time", found.times),
    ):
        unlike = tuple((row.what, row.one, row.other) for row in rows if row.differs)
        yield Heading(2, f"{title} ({len(unlike)} unlike, {len(rows) - len(unlike)} alike)")
        yield Table(("", found.one, found.other), unlike)
