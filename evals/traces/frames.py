"""An incident's records as pandas frames, one row per thing, times in seconds since the first record.

Each frame has its columns also when it has no rows, so that what plots it need not ask.
"""

import math
from collections.abc import Iterable, Iterator, Mapping

import pandas as pd
from pydantic import JsonValue, TypeAdapter, ValidationError

from graph.reports import journal_reader as journal
from graph.reports.vocabulary import sentence
from incident.evidence import Measurement, Missing
from incident.record import Acted, Closed, Decided, Intended, Moved, Proved, Record
from policies.rollout import canary as judge

_READINGS: TypeAdapter[tuple[tuple[str, Measurement | Missing], ...]] = TypeAdapter(
    tuple[tuple[str, Measurement | Missing], ...]
)


def timeline(records: tuple[Record, ...]) -> pd.DataFrame:
    """Every record: seconds, at, node, kind, and what it was in a few words."""
    rows = [(_seconds(records, record), record.at, record.node, record.event.kind, _what(record)) for record in records]
    return _frame(rows, ("seconds", "at", "node", "kind", "what"))


def phases(records: tuple[Record, ...]) -> pd.DataFrame:
    """The states of the incident: name, from, to (both in seconds) and how long."""
    columns = ("phase", "start", "end", "seconds")
    moves = [(_seconds(records, record), event) for record, event in journal.events(records, Moved)]
    if not moves:
        return _frame((), columns)
    starts = [(0.0, moves[0][1].before), *((at, event.after) for at, event in moves)]
    ends = [*(at for at, _ in starts[1:]), _seconds(records, records[-1])]
    rows = [(str(state), start, stop, stop - start) for (start, state), stop in zip(starts, ends, strict=True)]
    return _frame(rows, columns)


def decisions(records: tuple[Record, ...]) -> pd.DataFrame:
    """Every decision: when, by which policy, with which verdict, choice and reason."""
    rows = [
        (
            _seconds(records, record),
            record.sequence,
            event.decision.policy,
            event.decision.version,
            event.decision.verdict.kind,
            event.decision.choice,
            sentence(event.decision.verdict.reason),
        )
        for record, event in journal.events(records, Decided)
    ]
    return _frame(rows, ("seconds", "sequence", "policy", "version", "verdict", "choice", "reason"))


def factors(records: tuple[Record, ...]) -> pd.DataFrame:
    """Every factor of the last confidence and the last risk: its value, weight and contribution, as shares of 1."""
    rows = [
        (
            policy,
            factor.name,
            factor.value / 10_000,
            factor.weight / 10_000,
            factor.contribution / 10_000,
            sentence(factor.note),
        )
        for policy in ("evidence_gate.judge", "risk.assess")
        for _, decision in journal.decisions(records, policy)[-1:]
        for factor in decision.factors
    ]
    return _frame(rows, ("policy", "factor", "value", "weight", "contribution", "note"))


def canary(records: tuple[Record, ...]) -> pd.DataFrame:
    """The canary's evidence at each look, in long form: e-value of each question and where its bar stands."""
    rows: list[tuple[object, ...]] = []
    for record, event in journal.events(records, Decided):
        if event.decision.policy != "canary.judge":
            continue
        result = judge.POLICY.read(event.decision)
        if result is not None:
            at, seen = _seconds(records, record), result.evidence
            rows += [(at, event.decision.choice, seen.weight, *row) for row in _evidence(seen)]
    return _frame(rows, ("seconds", "choice", "weight", "side", "question", "e_value", "bar"))


def _evidence(seen: judge.Seen) -> Iterator[tuple[str, str, float, float]]:
    for question, log in seen.alarm_log.items():
        yield "alarm", question, _power(log), _power(seen.harm_at_log)
    for question, log in seen.promotion_log.items():
        yield "promotion", question, _power(log), _power(seen.promotion_at_log)


def _power(log: float) -> float:
    """The e-value of a logarithm, kept within what a float and an axis can show."""
    return math.exp(max(-50.0, min(50.0, log)))


def arms(records: tuple[Record, ...]) -> pd.DataFrame:
    """Counts on both versions at each look, cumulative: requests and errors of canary and stable."""
    rows: list[tuple[object, ...]] = []
    for record, event in journal.events(records, Decided):
        look = event.facts.get("look") if event.decision.policy == "canary.judge" else None
        if not isinstance(look, dict):
            continue
        for arm in ("canary", "stable"):
            counts = look.get(arm)
            if isinstance(counts, dict):
                rows.append((_seconds(records, record), arm, counts.get("requests"), counts.get("errors")))
    return _frame(rows, ("seconds", "arm", "requests", "errors"))


def verification(records: tuple[Record, ...]) -> pd.DataFrame:
    """The alert's own condition at each reading, with its threshold and what was decided then."""
    rows: list[tuple[object, ...]] = []
    for record, event in journal.events(records, Decided):
        if event.decision.policy != "verify.judge":
            continue
        condition = event.facts.get("condition")
        threshold = condition.get("threshold") if isinstance(condition, dict) else None
        measured = _last_reading(event.facts)
        if measured is not None:
            at = _seconds(records, record)
            rows.append((at, measured.value, measured.samples, measured.firing, threshold, event.decision.choice))
    return _frame(rows, ("seconds", "value", "samples", "firing", "threshold", "choice"))


def _last_reading(facts: Mapping[str, JsonValue]) -> Measurement | None:
    try:
        found = _READINGS.validate_python(facts.get("readings"))
    except ValidationError:
        return None
    return found[-1][1] if found and isinstance(found[-1][1], Measurement) else None


def rejected(records: tuple[Record, ...]) -> pd.DataFrame:
    """Rejected options: other remedies, other explanations, and candidates that failed their proof."""
    rows: list[tuple[object, ...]] = []
    for record, event in journal.events(records, Decided):
        rows += [
            (
                _seconds(records, record),
                event.decision.policy,
                item.name,
                sentence(item.why_not),
                "; ".join(map(sentence, item.pros)),
                "; ".join(map(sentence, item.cons)),
            )
            for item in event.decision.alternatives
        ]
    for record, proved in journal.events(records, Proved):
        failed = [check for check in proved.proof.checks if check.outcome == "failed"]
        if failed:
            why = "; ".join(f"{check.name}: {check.detail}" for check in failed)
            rows.append(
                (_seconds(records, record), "proof", f"candidate {proved.proof.remedy_digest[:8]}", why, "", "")
            )
    return _frame(rows, ("seconds", "by", "what", "why_not", "pros", "cons"))


def constraints(records: tuple[Record, ...]) -> pd.DataFrame:
    """Every constraint of every decision, and whether it held."""
    rows = [
        (_seconds(records, record), event.decision.policy, item.name, item.held, sentence(item.detail))
        for record, event in journal.events(records, Decided)
        for item in event.decision.constraints
    ]
    return _frame(rows, ("seconds", "policy", "constraint", "held", "detail"))


def _seconds(records: tuple[Record, ...], record: Record) -> float:
    return round((record.at - records[0].at).total_seconds(), 3)


def _frame(rows: Iterable[tuple[object, ...]], columns: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame.from_records(list(rows), columns=list(columns))


def _what(record: Record) -> str:
    match record.event:
        case Decided(decision=decision):
            return f"{decision.policy}: {decision.choice or decision.verdict.kind}"
        case Moved(before=before, after=after):
            return f"{before} → {after}"
        case Intended(target=target, change=change):
            return f"{change.get('kind', 'commit')} on {target}"
        case Acted(result=result, detail=detail):
            return f"{result}: {detail}"
        case Closed(ending=ending):
            return f"{ending.outcome}: {ending.reason}"
        case event:
            return event.kind
