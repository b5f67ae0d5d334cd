"""Decisions as a person would tell them.  Pure."""

from graph.prose import factor_lines, shown, verdict_mark
from incident.decision import Decision
from incident.record import Decided, Record

Told = tuple[Record, Decision, int]
"""A decision, and how often in a row it was the same."""


def told(records: tuple[Record, ...]) -> list[Told]:
    """Every decision; looks and readings that repeat the last one are counted instead of repeated."""
    found: list[Told] = []
    for record in records:
        if not isinstance(record.event, Decided):
            continue
        decision = record.event.decision
        if found and _same(found[-1][1], decision):
            found[-1] = (record, decision, found[-1][2] + 1)
        else:
            found.append((record, decision, 1))
    return found


def _same(one: Decision, other: Decision) -> bool:
    return (one.policy, one.choice, one.verdict.kind) == (other.policy, other.choice, other.verdict.kind)


def lines(record: Record, decision: Decision, times: int) -> list[str]:
    """One decision as Markdown."""
    choice = f", {decision.choice}" if decision.choice and decision.choice != decision.verdict.kind else ""
    often = f" ({times} times in a row; the last one)" if times > 1 else ""
    said = [f"## {record.at:%H:%M:%S} {decision.policy}: {verdict_mark(decision)}{choice}{often}", ""]
    said += [shown(decision.verdict.reason), ""]
    if decision.reasoning and decision.reasoning != decision.verdict.reason:
        said += [shown(decision.reasoning, 800), ""]
    if decision.factors:
        said += factor_lines(decision)
    said += [
        f"- {'held' if item.held else 'BROKEN'}: {item.name} {shown(item.detail, 160)}" for item in decision.constraints
    ]
    for other in decision.alternatives:
        said.append(f"- not {other.name}: {shown(other.why_not)}")
        said += [f"  - for: {shown(pro)}" for pro in other.pros]
        said += [f"  - against: {shown(con)}" for con in other.cons]
    return [*said, ""]
