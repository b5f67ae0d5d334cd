"""The live timeline: one line per thing that happened, for a person who watches."""

from datetime import datetime
from functools import partial

from pydantic import JsonValue
from rich.console import Console
from rich.markup import escape
from rich.syntax import Syntax
from rich.table import Table

from graph.console import observer
from graph.reports import canary_lines as canary
from graph.reports import durations, effect_words, spending
from graph.reports import journal_reader as journal
from graph.reports.prose import shown
from graph.reports.report import headline, place
from graph.reports.vocabulary import sentence, share
from incident.decision import Decision
from incident.evidence import ErrorGroup, Signals, Traits
from incident.record import (
    Acted,
    Answered,
    Closed,
    Controlled,
    Decided,
    Diagnosed,
    Gathered,
    Intended,
    Moved,
    Proposed,
    Proved,
    Received,
    Record,
    Reviewed,
    Told,
)
from incident.remedy import Patch
from tools.records.record_folder import RecordFolder

QUIET = (
    "triage.assess",
    "assertions.check",
    "patch_rules.inspect",
    "retry.next",
    "autonomy.may_act",
    "conflicts.judge",
)
"""Policies whose decision is told only when it stops something."""

COLOURS = {"allow": "green", "hold": "yellow", "deny": "red"}


class Timeline:
    """Prints records as they are written."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._started: datetime | None = None

    def __call__(self, record: Record) -> None:  # noqa: C901, PLR0912 (one flat case per kind of record)
        """Tell one record."""
        self._started = self._started or record.at
        event = record.event
        match event:
            case Received():
                self._say(record, "world", escape(f"{event.world}; autonomy {event.autonomy}; model {event.model}"))
                for alert in event.payload.firing():
                    self._say(record, "alert", f"[bold]{escape(shown(alert.name))}[/] {escape(_labels(alert.labels))}")
            case Moved():
                self._say(record, "state", f"[bold cyan]{event.before} → {event.after}[/]")
            case Gathered():
                self._gathered(record, event)
            case Diagnosed():
                for hypothesis in event.diagnosis.hypotheses[:2]:
                    self._say(record, "cause", f"[bold]{escape(place(hypothesis))}[/]")
                    self._say(record, "", escape(shown(hypothesis.explanation, 200)))
            case Proposed():
                self._proposed(record, event)
            case Proved():
                for check in event.proof.checks:
                    colour = {"passed": "green", "failed": "red", "unknown": "yellow"}[check.outcome]
                    self._say(
                        record,
                        "proof",
                        f"[{colour}]{check.outcome}[/] {check.name}: {escape(shown(check.detail, 110))}",
                    )
            case Reviewed():
                said = "; ".join(event.review.objections) or "no objection"
                self._say(record, "review", escape(f"{said} ({event.review.model})"))
            case Decided():
                self._decided(record, event.facts, event.decision)
            case Intended():
                self._say(
                    record,
                    "effect",
                    f"[bold]{escape(event.target)}[/] {escape(shown(effect_words.told(event.change), 160))}",
                )
            case Acted():
                if event.result != "done":
                    self._say(record, "effect", escape(f"{event.result}: {shown(event.detail, 120)}"))
            case Controlled():
                self._say(record, "person", escape(f"{event.action} by {event.by}: {event.reason}"))
            case Told():
                self._say(record, "told", escape(f"{event.channel}{'' if event.delivered else ' (not delivered)'}"))
            case Answered():
                calls, used = ", ".join(event.tool_calls), spending.brief(event)
                self._say(record, "model", escape(shown(f"{event.agent}: {event.steps} steps, {calls}", 140)))
                for text in (*event.passed_over, *([event.why] if event.why else []), *([used] if used else [])):
                    self._say(record, "", escape(shown(text, 200)))
            case Closed():
                self._say(record, "end", f"[bold]{event.ending.outcome}[/]: {escape(event.ending.reason)}")

    def _gathered(self, record: Record, event: Gathered) -> None:
        for item in event.dossier.evidence:
            fact = item.fact
            match fact:
                case Signals():
                    text = f"{fact.requests} requests, {100 * fact.error_rate:.1f} % errors until {fact.end:%H:%M:%S}"
                case ErrorGroup():
                    at = fact.signature
                    text = f"{fact.count} × {at.exception} at {at.path}:{at.line} in {at.function} on {at.route}"
                case Traits():
                    told = ", ".join(fact.traits) or "nothing"
                    text = (
                        f"{fact.route}: {told} sets {fact.failing} failing apart from {fact.healthy} healthy requests"
                    )
                case _:
                    continue
            self._say(record, item.id, escape(shown(text, 200)))
        for gap in event.dossier.gaps:
            self._say(record, "gap", f"[yellow]{escape(gap.sought)}: {escape(gap.reason)}[/]")

    def _proposed(self, record: Record, event: Proposed) -> None:
        remedy = event.remedy
        if not isinstance(remedy, Patch):
            self._say(record, "remedy", escape(f"{remedy.kind}: {remedy.model_dump(exclude={'kind'})}"))
            return
        self._say(record, "patch", f"[bold]{escape(remedy.summary)}[/] ({escape(remedy.template or 'model')})")
        own = "\n".join(_own_diff(remedy))
        self._console.print(Syntax(own, "diff", theme="ansi_dark", background_color="default"))

    def _decided(self, record: Record, facts: dict[str, JsonValue], decision: Decision) -> None:
        verdict = decision.verdict
        if decision.policy in QUIET and verdict.kind == "allow":
            return
        if decision.policy == "risk.assess":
            for factor in decision.factors:
                note = f"{factor.name} {share(factor.value)} × {share(factor.weight)} = {share(factor.contribution)}"
                self._say(record, "risk", f"[dim]{note}  {escape(shown(sentence(factor.note), 70))}[/]")
        if decision.policy == "canary.judge":
            self._say(record, "canary", f"{escape(canary.line(facts))} {_toned(decision)}")
            return
        if decision.policy == "verify.judge":
            self._say(record, "verify", f"{escape(canary.reading(facts))} {_toned(decision)}")
            return
        colour = COLOURS[verdict.kind]
        choice = f" [bold]{decision.choice}[/]" if decision.choice not in ("", verdict.kind) else ""
        self._say(
            record, "gate", f"[{colour}]{decision.policy}[/]{choice}: {escape(shown(sentence(verdict.reason), 170))}"
        )

    def _say(self, record: Record, name: str, text: str) -> None:
        passed = (record.at - (self._started or record.at)).total_seconds()
        self._console.print(f"[dim]{passed:7.1f} s[/]  {name:<8}{text}", soft_wrap=True, highlight=False)


def close(console: Console | None, folder: RecordFolder) -> None:
    """The end of the display, if there is one; what goes wrong with it is said and ends nothing."""
    if console is not None:
        show = partial(finish, console)
        observer.shown("the end could not be shown", lambda: show(folder.lines(), str(folder.folder)))


def finish(console: Console, lines: tuple[bytes, ...], folder: str) -> None:
    """The table of where the time went, the headline, and where the records lie."""
    summary(console, journal.load(lines))
    console.print(f"records: {folder} (report.md, decisions.jsonl, trace.jsonl)", soft_wrap=True, highlight=False)


def summary(console: Console, records: tuple[Record, ...]) -> None:
    """Print where the time went, and the headline."""
    parts = durations.parts(records)
    if parts:
        table = Table(title="from the first bad request to verified", title_justify="left")
        for column in ("part", "seconds", "floor", "what the floor is"):
            table.add_column(column, justify="right" if column in ("seconds", "floor") else "left")
        for part in parts:
            floor = "" if part.floor is None else f"{part.floor:.1f}"
            table.add_row(part.name, f"{part.seconds:.1f}", floor, part.why)
        console.print(table)
    console.print(f"[bold]{escape(headline(records))}[/]", soft_wrap=True)


def _toned(decision: Decision) -> str:
    tone = {"hold": "dim", "watch": "dim", "extend": "yellow", "roll_back": "bold red", "ask": "bold yellow"}
    return f"[{tone.get(decision.choice, 'bold green')}]{decision.choice}[/]: {escape(shown(sentence(decision.verdict.reason), 110))}"


def _labels(labels: dict[str, str]) -> str:
    return shown(", ".join(f"{key}={value}" for key, value in labels.items() if key != "alertname"), 160)


def _own_diff(patch: Patch) -> list[str]:
    """The diff of the patched file alone; the added test is in ``patch.diff``."""
    lines: list[str] = []
    keep = False
    for line in patch.diff.splitlines():
        if line.startswith("diff "):
            keep = False
        elif line.startswith("--- "):
            keep = line.endswith(patch.path)
        if keep:
            lines.append(line)
    return lines
