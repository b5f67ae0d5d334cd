"""The report that an on-call engineer reads first: a function of the journal alone."""

from graph.reports import durations, spending
from graph.reports import journal_reader as journal
from graph.reports.prose import answering, factor_lines, seconds, shown, verdict_mark
from graph.reports.vocabulary import sentence
from incident.decision import Decision
from incident.diagnosis import Hypothesis
from incident.ending import Outcome
from incident.evidence import Evidence
from incident.record import (
    Acted,
    Closed,
    Controlled,
    Diagnosed,
    Gathered,
    Intended,
    Proposed,
    Proved,
    Received,
    Record,
    Reviewed,
    Told,
)
from incident.remedy import Patch, RollBack
from policies.diagnosis import assertions
from tools import ports, program

GATES = ("evidence_gate.judge", "proof_gate.judge", "reach_gate.judge", "gates.open")


def write(folder: ports.RecordFolder) -> None:
    """Write ``report.md`` and, when a patch was proposed, ``patch.diff``."""
    records = journal.load(folder.lines())
    patch = _patch(records)
    if patch is not None:
        folder.write("patch.diff", patch.diff.encode())
    folder.write("report.md", render(records).encode())


def render(records: tuple[Record, ...]) -> str:
    """The report as Markdown."""
    sections = (
        [f"# {headline(records)}", ""],
        _summary(records),
        _cause(records),
        _remedy(records),
        _gates(records),
        _canary(records),
        _effects(records),
        _rejected(records),
        spending.lines(records),
        _people(records),
        _next(records),
    )
    return "\n".join(line for section in sections for line in section).rstrip() + "\n"


def headline(records: tuple[Record, ...]) -> str:
    """One sentence: the ending, the world, what runs now, and what main still lacks."""
    received, closed = journal.last(records, Received), journal.last(records, Closed)
    world = received.world if received else "an unknown world"
    if closed is None:
        return f"In progress in {world}"
    service = _service(records)
    text = f"{closed.ending.outcome.value.capitalize()} in {world}: {service}"
    if closed.running:
        text += f" runs {closed.running}"
    if closed.ending.outcome is Outcome.HEALED:
        text += _still_to_do(records)
    return text


def _still_to_do(records: tuple[Record, ...]) -> str:
    """What a heal leaves to people: main is never written."""
    proposed = journal.last(records, Proposed)
    if proposed is None:
        return ""
    if isinstance(proposed.remedy, Patch):
        return f"; main still has the bug, so merge the fix: git merge suture/{records[0].incident}"
    if isinstance(proposed.remedy, RollBack):
        return f"; main still holds what {proposed.remedy.from_version} brought, so mend it before the next release"
    return ""


def _summary(records: tuple[Record, ...]) -> list[str]:
    received, closed = journal.last(records, Received), journal.last(records, Closed)
    if received is None:
        return []
    alert = received.payload.alerts[0]
    rows = [
        ("incident", records[0].incident),
        ("alert", f"{shown(alert.name)} on {shown(_service(records))} since {alert.starts_at.isoformat()}"),
        ("world", received.world),
        ("ending", f"**{closed.ending.outcome.value}**: {shown(closed.ending.reason)}" if closed else "in progress"),
        ("autonomy", received.autonomy),
        ("model", received.model),
    ]
    lines = ["| | |", "| --- | --- |", *(f"| {name} | {value} |" for name, value in rows), ""]
    found = durations.parts(records)
    if found:
        lines += ["| part | seconds | floor | why |", "| --- | --- | --- | --- |"]
        lines += [f"| {part.name} | {seconds(part.seconds)} | {seconds(part.floor)} | {part.why} |" for part in found]
        lines.append("")
    return lines


def _cause(records: tuple[Record, ...]) -> list[str]:
    diagnosed, gathered = journal.last(records, Diagnosed), journal.last(records, Gathered)
    if diagnosed is None or gathered is None:
        return []
    evidence = {item.id: item for item in gathered.dossier.evidence}
    lines = ["## Cause", ""]
    for number, hypothesis in enumerate(diagnosis_order(records), start=1):
        lines.append(f"{number}. {place(hypothesis)}: {shown(hypothesis.explanation)}")
        lines += [f"   - {_cited(evidence[name])}" for name in hypothesis.evidence if name in evidence]
    for gap in gathered.dossier.gaps:
        lines.append(f"- missing: {gap.sought} ({gap.reason})")
    return [*lines, ""]


def diagnosis_order(records: tuple[Record, ...]) -> tuple[Hypothesis, ...]:
    """The hypotheses of the last diagnosis, the ones that survived first."""
    diagnosed = journal.last(records, Diagnosed)
    checked = journal.decisions(records, "assertions.check")
    if diagnosed is None:
        return ()
    everything = diagnosed.diagnosis.hypotheses
    result = assertions.POLICY.read(checked[-1][1]) if checked else None
    order = result.kept if result else ()
    return tuple(everything[index] for index in (*order, *(i for i in range(len(everything)) if i not in order)))


def place(hypothesis: Hypothesis) -> str:
    """Where a hypothesis puts the blame, in words."""
    cause = hypothesis.cause
    match cause.kind:
        case "code":
            return f"`{cause.path}:{cause.line}` in `{cause.function}` ({hypothesis.service})"
        case "deploy":
            return f"deploy of {hypothesis.service} {cause.version} (before: {cause.previous})"
        case "config":
            return f"configuration {cause.key} of {hypothesis.service}: {cause.old!r} became {cause.new!r}"
        case "dependency":
            return f"dependency {cause.host} of {hypothesis.service}"
        case "resource":
            return f"{cause.resource} of {hypothesis.service}"
        case "unknown":
            return f"unknown ({shown(cause.reason)})"


def _cited(item: Evidence) -> str:
    fact = item.fact.model_dump(mode="json", exclude={"kind", "frames", "start", "end"}, exclude_none=True)
    text = ", ".join(f"{name} {value}" for name, value in fact.items() if value not in ("", [], {}))
    return f"{item.id} ({item.source}, {item.origin.value}) {item.fact.kind}: {shown(text, 240)}"


def _remedy(records: tuple[Record, ...]) -> list[str]:
    proposed, proved, reviewed = (
        journal.last(records, Proposed),
        journal.last(records, Proved),
        journal.last(records, Reviewed),
    )
    if proposed is None:
        return []
    lines = ["## Remedy", "", f"{proposed.remedy.kind.replace('_', ' ')}: {_summary_of(proposed)}", ""]
    if isinstance(proposed.remedy, Patch):
        lines += ["```diff", proposed.remedy.diff.rstrip(), "```", ""]
    if proved is not None:
        lines += ["| proof | outcome | detail |", "| --- | --- | --- |"]
        lines += [f"| {c.name} | {c.outcome} | {shown(c.detail, 200)} |" for c in proved.proof.checks]
        lines.append("")
    if reviewed is not None:
        said = "; ".join(reviewed.review.objections) or "no objection"
        lines += [f"Review ({reviewed.review.model}): {said}. {shown(reviewed.review.comment)}", ""]
    return lines


def _summary_of(proposed: Proposed) -> str:
    if isinstance(proposed.remedy, Patch):
        return shown(proposed.remedy.summary)
    return ", ".join(f"{name} {value}" for name, value in proposed.remedy.model_dump(exclude={"kind"}).items())


def _gates(records: tuple[Record, ...]) -> list[str]:
    risk = journal.decisions(records, "risk.assess")
    lines = ["## Gates", ""] if risk else []
    if risk:
        lines += factor_lines(risk[-1][1].factors, "risk")
    for policy in GATES:
        for _, decision in journal.decisions(records, policy)[-1:]:
            lines.append(f"- {verdict_mark(decision)} {policy}: {shown(sentence(decision.verdict.reason))}")
    return [*lines, ""] if lines else []


def _canary(records: tuple[Record, ...]) -> list[str]:
    looks = journal.decisions(records, "canary.judge")
    if not looks:
        return []
    lines = ["## Canary", "", "| at | decision | why |", "| --- | --- | --- |"]
    previous: Decision | None = None
    for record, decision in looks:
        if previous is None or decision.choice != previous.choice or decision.choice != "hold":
            lines.append(
                f"| {record.at:%H:%M:%S} | {decision.choice} | {shown(sentence(decision.verdict.reason), 160)} |"
            )
        previous = decision
    verified = journal.decisions(records, "verify.judge")
    for record, decision in verified[-1:]:
        lines.append(
            f"| {record.at:%H:%M:%S} | verify: {decision.choice} | {shown(sentence(decision.verdict.reason), 160)} |"
        )
    return [*lines, ""]


def _effects(records: tuple[Record, ...]) -> list[str]:
    intended = {event.key: event for _, event in journal.events(records, Intended)}
    rows = [
        f"| {record.at:%H:%M:%S} | {intended[event.key].target} | {intended[event.key].change.get('kind', 'commit')} "
        f"| {event.result} | {shown(event.detail, 100)} |"
        for record, event in journal.events(records, Acted)
        if event.key in intended
    ]
    head = ["## Effects", "", "| at | target | change | result | detail |", "| --- | --- | --- | --- | --- |"]
    return [*head, *rows, ""] if rows else []


def _rejected(records: tuple[Record, ...]) -> list[str]:
    ranked = journal.decisions(records, "remedies.rank")
    lines = [
        f"- {item.name}: {shown(sentence(item.why_not))}" for item in (ranked[-1][1].alternatives if ranked else ())
    ]
    failed = [event.proof for _, event in journal.events(records, Proved) if event.proof.outcome == "failed"]
    for number, proof in enumerate(failed, start=1):
        why = "; ".join(
            f"{check.name} ({shown(check.detail, 120)})" for check in proof.checks if check.outcome == "failed"
        )
        lines.append(f"- candidate {number} failed its proof: {why}")
    return ["## Considered and not done", "", *lines, ""] if lines else []


def _people(records: tuple[Record, ...]) -> list[str]:
    lines = [
        f"- {record.at:%H:%M:%S} {event.action} by {shown(event.by)} (as {event.os_user}): {shown(event.reason)}"
        for record, event in journal.events(records, Controlled)
    ]
    lines += [
        f"- {record.at:%H:%M:%S} told {event.channel}: {shown(event.text)}{'' if event.delivered else ' (not delivered)'}"
        for record, event in journal.events(records, Told)
    ]
    return ["## People", "", *lines, ""] if lines else []


def _next(records: tuple[Record, ...]) -> list[str]:
    closed, incident = journal.last(records, Closed), records[0].incident
    if closed is None:
        return []
    lines = [f"- why each decision: `{program.called('explain')} {incident}`"]
    match closed.ending.outcome:
        case Outcome.HEALED if _patch(records) is not None:
            lines.insert(0, f"- merge the fix: `git merge suture/{incident}` in the service's repository")
        case Outcome.WAITING:
            plan = journal.asked(records)
            way = answering(incident, plan) if plan else f"{program.called('approve')} {incident} --as NAME --reject"
            lines.insert(0, f"- decide: `{way} [--reason TEXT]`")
        case Outcome.ROLLED_BACK | Outcome.REJECTED | Outcome.ESCALATED | Outcome.NO_ACTION | Outcome.HEALED:
            pass
    return ["## Next", "", *lines]


def _service(records: tuple[Record, ...]) -> str:
    gathered, received = journal.last(records, Gathered), journal.last(records, Received)
    if gathered is not None:
        return gathered.dossier.service
    labels = received.payload.alerts[0].labels if received else {}
    return labels.get("service") or labels.get("job") or "a service"


def _patch(records: tuple[Record, ...]) -> Patch | None:
    proposed = journal.last(records, Proposed)
    return proposed.remedy if proposed is not None and isinstance(proposed.remedy, Patch) else None
