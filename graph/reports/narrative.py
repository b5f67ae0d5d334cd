"""Lines for each record of an incident: the timeline shows them one by one, the report under headings.  Pure."""

from collections.abc import Iterator, Mapping
from typing import Literal

from pydantic import JsonValue, ValidationError

from graph.reports import canary_lines, effect_words, failure, spending, steering
from graph.reports import seen as before
from graph.reports.vocabulary import counted, sentence, share
from incident.alert import Alert, Payload
from incident.decision import Decision
from incident.diagnosis import Hypothesis
from incident.evidence import Dossier, ErrorGroup, Signals, Traits
from incident.past import Past
from incident.record import (
    Acted,
    Answered,
    Closed,
    Controlled,
    Decided,
    Diagnosed,
    Gathered,
    Intended,
    Judged,
    Moved,
    Proposed,
    Proved,
    Received,
    Record,
    Recovered,
    Reviewed,
    Steered,
    Told,
)
from incident.remedy import Patch, Remedy
from incident.templates import TemplateChange
from incident.unplaced import UnplacedErrors
from incident.value import Value

QUIET = (
    "triage.assess",
    "assertions.check",
    "search.next",
    "patch_rules.inspect",
    "retry.next",
    "autonomy.may_act",
    "conflicts.judge",
)
"""Policies whose decision is shown only when it stops something."""

LOOKS = {"canary.judge": "canary", "verify.judge": "verify"}
"""Policies that look at live counts, with the label of their looks."""

Tone = Literal["", "good", "unsure", "bad", "quiet", "strong"]


class Line(Value):
    """One line about a record."""

    label: str
    """Subject in one word; empty where it continues the line before."""
    head: str = ""
    """Most important word or name of it."""
    text: str
    tone: Tone = ""
    """Tone of the head."""

    @property
    def said(self) -> str:
        """The head and the text."""
        return f"{self.head}{': ' if self.head and self.text else ''}{self.text}"


LISTED = 10
"""Alerts of one incident that are listed; the others are counted."""


def labelled(alert: Alert) -> str:
    """Return an alert's labels: what it is about in its sender's own words, which may not be what the incident is about."""
    return ", ".join(f"{key}={value}" for key, value in alert.labels.items() if key != "alertname")


def _alerts(payload: Payload) -> Iterator[Line]:
    firing = payload.firing()
    for alert in firing[:LISTED]:
        yield Line(label="alert", head=alert.name, text=labelled(alert), tone="strong")
    if more := len(firing[LISTED:]) + payload.beside:
        yield Line(label="alert", text=f"and {more} more alerts of services that belong together")


def lines(record: Record) -> Iterator[Line]:  # noqa: C901, PLR0912 (one flat case per kind of record)
    """Yield the lines of one record."""
    match event := record.event:
        case Received():
            yield Line(label="world", text=f"{event.world}; autonomy {event.autonomy}; model {event.model}")
            yield from _alerts(event.payload)
        case Moved():
            yield Line(label="state", head=f"{event.before} → {event.after}", text="", tone="strong")
        case Gathered():
            yield from _gathered(event.dossier)
        case Diagnosed():
            for hypothesis in event.diagnosis.hypotheses[:2]:
                yield Line(label="suspect", head=place(hypothesis), text=hypothesis.explanation, tone="strong")
        case Proposed():
            yield _proposed(event)
        case Proved():
            for check in event.proof.checks:
                yield Line(
                    label="proof",
                    head=check.outcome,
                    text=f"{check.name}: {check.detail}",
                    tone=_CHECKED[check.outcome],
                )
        case Reviewed():
            said = "; ".join(event.review.objections) or "no objection"
            yield Line(label="review", text=f"{said} ({event.review.model}) {event.review.comment}".strip())
        case Decided():
            yield from _decided(event.facts, event.decision)
        case Intended():
            yield Line(label="effect", head=event.target, text=effect_words.told(event.change), tone="strong")
        case Acted():
            yield Line(label="effect", text=f"{event.result}: {event.detail}")
        case Recovered():
            read, bound = event.measurement, event.condition
            said = f"{read.value:g} of {read.samples} samples, not {bound.comparison} {bound.threshold:g}"
            yield Line(label="verify", head="recovered", text=said, tone="good")
        case Controlled():
            yield Line(label="person", text=f"{event.action} by {event.by} (as {event.os_user}): {event.reason}")
        case Steered():
            yield Line(label="steering", text=steering.said(event.word))
        case Judged():
            why = f": {event.because}" if event.because else ""
            yield Line(label="person", text=f"called {event.verdict} by {event.by} (as {event.os_user}){why}")
        case Told():
            missed = "" if event.delivered else " (not delivered)"
            yield Line(label="told", text=f"{event.channel}: {event.text}{missed}")
        case Answered():
            steps = counted(event.steps, "step", "steps")
            yield Line(label="model", text=f"{event.agent}: {steps}, {', '.join(event.tool_calls)}")
            for text in filter(None, (*event.passed_over, event.why, spending.brief(event))):
                yield Line(label="", text=text)
        case Closed():
            first, *rest = event.ending.lines or (event.ending.reason,)
            yield Line(label="end", head=event.ending.outcome.value, text=first, tone="strong")
            for text in rest:
                yield Line(label="", text=text)


_CHECKED: Mapping[str, Tone] = {"passed": "good", "failed": "bad", "unknown": "unsure"}
_VERDICTS: Mapping[str, Tone] = {"allow": "good", "hold": "unsure", "deny": "bad"}
_CHOICES: Mapping[str, Tone] = {
    "hold": "quiet",
    "watch": "quiet",
    "extend": "unsure",
    "roll_back": "bad",
    "ask": "unsure",
}


def _gathered(dossier: Dossier) -> Iterator[Line]:
    for item in dossier.evidence:
        match fact := item.fact:
            case Signals():
                text = f"{fact.requests} requests, {100 * fact.error_rate:.1f} % errors until {fact.end:%H:%M:%S}"
            case ErrorGroup():
                at = fact.signature
                text = f"{fact.count} × {at.exception} at {at.path}:{at.line} in {at.function} on {at.route}"
            case UnplacedErrors():
                text = failure.unplaced(fact)
            case TemplateChange():
                then = (
                    f"{fact.since} in {fact.since_seconds:.0f} s, {fact.before} in {fact.before_seconds:.0f} s before"
                )
                text = f"lines {fact.change}, {then}: {fact.template}"
            case Traits():
                told = ", ".join(fact.traits) or "nothing"
                text = f"{fact.route}: {told} sets {fact.failing} failing apart from {fact.healthy} healthy requests"
            case Past():
                text = before.told(fact)
            case _:
                continue
        yield Line(label=item.id, text=text)
    for gap in dossier.gaps:
        yield Line(label="gap", head=gap.sought, text=gap.reason, tone="unsure")


def _proposed(event: Proposed) -> Line:
    if isinstance(patch := event.remedy, Patch):
        return Line(label="patch", head=patch.summary, text=patch.template or "model", tone="strong")
    return Line(label="remedy", head=remedied(event.remedy), text="", tone="strong")


def remedied(remedy: Remedy) -> str:
    """Return a remedy in words."""
    if isinstance(remedy, Patch):
        return f"patch {remedy.function} in {remedy.path} ({remedy.summary})"
    details = ", ".join(
        f"{name.replace('_', ' ')} {value}" for name, value in remedy.model_dump(exclude={"kind"}).items()
    )
    return f"{remedy.kind.replace('_', ' ')} ({details})"


def _decided(facts: Mapping[str, JsonValue], decision: Decision) -> Iterator[Line]:
    verdict = decision.verdict
    if decision.policy in QUIET and verdict.kind == "allow":
        return
    if decision.policy == "risk.assess":
        for factor in decision.factors:
            sum_of = f"{share(factor.value)} × {share(factor.weight)} = {share(factor.contribution)}"
            yield Line(label="risk", text=f"{factor.name} {sum_of}  {sentence(factor.note)}")
    if (label := LOOKS.get(decision.policy)) is not None:
        found = seen(decision.policy, facts)
        said = sentence(verdict.reason)
        text = f"{found}; {said}" if found else said
        yield Line(label=label, head=decision.choice, text=text, tone=_CHOICES.get(decision.choice, "good"))
        return
    choice = f" {decision.choice}" if decision.choice not in ("", verdict.kind) else ""
    yield Line(
        label="gate",
        head=f"{verdict.kind} {decision.policy}{choice}",
        text=sentence(verdict.reason),
        tone=_VERDICTS[verdict.kind],
    )


def seen(policy: str, facts: Mapping[str, JsonValue]) -> str:
    """Return the findings of a look at live counts; empty for other policies, and for records of another version."""
    try:
        match policy:
            case "canary.judge":
                return canary_lines.line(facts)
            case "verify.judge":
                return canary_lines.reading(facts)
            case _:
                return ""
    # Records of another version may hold other facts, and a report is written of them all the same.
    except (ValidationError, KeyError, TypeError):
        return ""


def place(hypothesis: Hypothesis) -> str:
    """Return the cause that a hypothesis blames, in words."""
    cause = hypothesis.cause
    match cause.kind:
        case "code":
            said = f"{cause.path}:{cause.line} in {cause.function} ({hypothesis.service})"
        case "deploy":
            said = f"deploy of {hypothesis.service} {cause.version} (before: {cause.previous})"
        case "config":
            said = f"configuration {cause.key} of {hypothesis.service}: {cause.old!r} became {cause.new!r}"
        case "dependency":
            said = f"dependency {cause.host} of {hypothesis.service}"
        case "resource":
            said = f"{cause.resource} of {hypothesis.service}"
        case "hang":
            said = f"hang of {cause.version} of {hypothesis.service}"
        case "unknown":
            said = f"unknown ({cause.reason})"
    return said
