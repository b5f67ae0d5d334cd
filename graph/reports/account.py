"""Account of an incident: a summary, then each decision in order, with its reasons and counterfactuals.  Pure."""

from collections.abc import Iterator, Mapping

from pydantic import AwareDatetime, JsonValue, ValidationError

from graph.reports import narrative, summary, wording
from graph.reports.document import Block, Heading, Items, Table
from graph.reports.prose import capitalised, shown, total
from graph.reports.vocabulary import sentence, share
from incident.decision import Alternative, Decision, Factor
from incident.record import Decided, Record
from incident.value import Value
from policies.counterfactual import search
from policies.counterfactual.counterfactuals import Counterfactual

LOOKS = ("canary.judge", "verify.judge", "autonomy.may_act")
"""Policies that are asked again and again; equal answers in a row become one step."""

MOST_HELD = 12
"""Most rules that are listed one by one when all of them hold."""

BETWEEN = ("autonomy.may_act",)
"""Those of `LOOKS` that are asked between other decisions: before each effect, mostly with the same answer."""

COUNTERFACTUALS = 3
"""Most counterfactuals that are printed of one decision; the JSON has all of them."""

TOTALS: Mapping[str, str] = {"risk.assess": "risk", "reach_gate.judge": "risk", "evidence_gate.judge": "confidence"}
"""Name of the sum of a policy's factors."""


class Step(Value):
    """One decision, or a row of looks with the same answer."""

    at: AwareDatetime
    """Time of the last one in the row."""
    first_at: AwareDatetime
    times: int = 1
    policy: str
    version: int
    question: str
    verdict: str
    choice: str
    answer: str
    why: str
    seen: str = ""
    """Findings of the last look, where the policy looks at live counts."""
    against: tuple[str, ...] = ()
    """Points against it, or still open."""
    held: tuple[str, ...] = ()
    """Points for it."""
    total: str = ""
    """Name of the sum of the factors: risk or confidence."""
    factors: tuple[Factor, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    counterfactuals: tuple[Counterfactual, ...] = ()
    """Smallest changes of facts that would have decided otherwise; first those that would have allowed it."""
    sequence: int
    """Number of the first record in the row."""


class Account(Value):
    """Account of a whole incident."""

    incident: str
    paragraph: str
    """Summary: the alert, the decisions, the running versions, the ending."""
    left: tuple[str, ...]
    """Commands and tasks that are left to people."""
    steps: tuple[Step, ...]


def account(records: tuple[Record, ...]) -> Account:
    """Return the account of the incident of these records."""
    return Account(
        incident=records[0].incident if records else "",
        paragraph=summary.paragraph(records),
        left=summary.left(records),
        steps=steps(records),
    )


def blocks(told: Account) -> Iterator[Block]:
    """Return the account as a document."""
    yield Heading(1, f"Incident {told.incident}")
    yield told.paragraph
    yield Items("Left to do", told.left)
    for number, step in enumerate(told.steps, start=1):
        yield Heading(3, f"{number}. {step.question}")
        yield from _decision(step)


def _decision(step: Step) -> Iterator[Block]:
    when = f"{step.at:%H:%M:%S}"
    if step.times > 1:
        when = f"{step.first_at:%H:%M:%S} to {when}, {step.times} times"
    yield f"{when} · {step.answer}. {capitalised(step.why)}"
    yield Items("saw", (step.seen,) if step.seen else ())
    # Its factors are those of the risk, which has a step of its own.
    if step.factors and step.policy != "reach_gate.judge":
        yield factors(step.factors, step.total)
    yield Items("against", step.against if step.why != "; ".join(step.against) else ())
    yield Items("for", step.held)
    yield Items("not done", tuple(_not_done(item) for item in step.alternatives))
    yield Items("otherwise", tuple(map(counterfactual_line, step.counterfactuals[:COUNTERFACTUALS])))


def factors(weighted: tuple[Factor, ...], name: str) -> Table:
    """Return weighted factors as a table, with their sum under the given name."""
    rows = (
        (
            wording.plain(factor.name),
            share(factor.value),
            share(factor.weight),
            share(factor.contribution),
            sentence(factor.note),
        )
        for factor in weighted
    )
    return Table(("factor", "value", "weight", "contribution", "note"), (*rows, (name, "", "", total(weighted), "")))


def _not_done(item: Alternative) -> str:
    named = (("for it", item.pros), ("against it", item.cons))
    return "; ".join(
        (
            f"{wording.plain(item.name)}: {sentence(item.why_not)}",
            *(f"{name}: {', '.join(map(sentence, found))}" for name, found in named if found),
        )
    )


def steps(records: tuple[Record, ...]) -> tuple[Step, ...]:
    """Return every decision in order, with each row of equal looks as one step."""
    rows: list[list[tuple[Record, Decided]]] = []
    scored: Mapping[str, JsonValue] | None = None
    weighed: dict[int, Mapping[str, JsonValue] | None] = {}
    for record in records:
        event = record.event
        if not isinstance(event, Decided):
            continue
        # The gate Reach judges the risk that was scored before it, and its counterfactuals need those facts.
        if event.decision.policy == "risk.assess":
            scored = event.facts
        weighed[record.sequence] = scored
        row = _row_of(rows, event.decision)
        if row is None:
            rows.append(row := [])
        row.append((record, event))
    return tuple(_step(row, weighed[row[-1][0].sequence]) for row in rows)


def _row_of(rows: list[list[tuple[Record, Decided]]], decision: Decision) -> list[tuple[Record, Decided]] | None:
    """Return the row that a decision belongs to: the last one, or the last of its policy where it is in `BETWEEN`."""
    own = (row for row in reversed(rows) if row[-1][1].decision.policy == decision.policy)
    last = next(own, None) if decision.policy in BETWEEN else rows[-1] if rows else None
    return last if last and _same(last[-1][1].decision, decision) else None


def _same(one: Decision, other: Decision) -> bool:
    return one.policy in LOOKS and (one.policy, one.choice, one.verdict.kind) == (
        other.policy,
        other.choice,
        other.verdict.kind,
    )


def _step(row: list[tuple[Record, Decided]], scored: Mapping[str, JsonValue] | None) -> Step:
    record, event = row[-1]
    decision = event.decision
    return Step(
        at=record.at,
        first_at=row[0][0].at,
        times=len(row),
        policy=decision.policy,
        version=decision.version,
        question=wording.question(decision.policy),
        verdict=decision.verdict.kind,
        choice=decision.choice,
        answer=_answer(decision),
        why=_why(decision),
        seen=narrative.seen(decision.policy, event.facts),
        against=_against(decision),
        held=_held(decision),
        total=TOTALS.get(decision.policy, "total") if decision.factors else "",
        factors=decision.factors,
        alternatives=decision.alternatives,
        counterfactuals=_flips(decision, event.facts, scored),
        sequence=row[0][0].sequence,
    )


def _answer(decision: Decision) -> str:
    if decision.policy == "risk.assess":
        return f"{total(decision.factors)} of 1"
    return wording.answer(decision.policy, decision.choice, decision.verdict.kind)


def _why(decision: Decision) -> str:
    """Return the reason in words."""
    if decision.policy == "risk.assess":
        return "Most of it comes from " + ", ".join(
            f"{wording.plain(factor.name)} ({share(factor.contribution)}: {sentence(factor.note)})"
            for factor in sorted(decision.factors, key=lambda item: (-item.contribution, item.name))[:3]
            if factor.contribution
        )
    # A list of names says less than the phrases under it.
    if decision.policy in ("triage.assess", "verify.judge") and any(not item.held for item in decision.constraints):
        return "; ".join(_against(decision))
    return sentence(decision.verdict.reason)


def _against(decision: Decision) -> tuple[str, ...]:
    """Return the constraints that did not hold; a ranking of remedies says it in its alternatives instead."""
    if decision.policy == "remedies.rank":
        return ()
    return tuple(_phrase(decision, index) for index, item in enumerate(decision.constraints) if not item.held)


def _held(decision: Decision) -> tuple[str, ...]:
    if decision.policy == "remedies.rank":
        return ()
    found = [index for index, item in enumerate(decision.constraints) if item.held]
    # Nobody reads a long list of rules that all hold; the JSON of the record has each.
    if len(found) > MOST_HELD and len(found) == len(decision.constraints):
        return (f"all {len(found)} of its rules hold",)
    return tuple(_phrase(decision, index) for index in found)


def _phrase(decision: Decision, index: int) -> str:
    item = decision.constraints[index]
    return shown(wording.constraint(item.name, held=item.held, detail=sentence(item.detail)), 240)


def _flips(
    decision: Decision, facts: Mapping[str, JsonValue], scored: Mapping[str, JsonValue] | None
) -> tuple[Counterfactual, ...]:
    """Return the counterfactuals of this decision: first those that would have allowed what was not."""
    own = scored if decision.policy == "reach_gate.judge" else None
    try:
        found = search.recorded(decision.policy, decision.version, facts, own)
    # Facts of an older version may have other fields; an account must not fail because of them.
    except ValidationError:
        return ()
    return tuple(
        sorted(found, key=lambda counterfactual: decision.verdict.kind != "allow" and counterfactual.verdict != "allow")
    )


def counterfactual_line(counterfactual: Counterfactual) -> str:
    """Return a counterfactual as a sentence."""
    turns = " and ".join(
        f"{turn.variation} had been “{turn.after}” instead of “{turn.before}”" for turn in counterfactual.turns
    )
    return f"if {turns}, {wording.BECOMES[counterfactual.verdict]}"
