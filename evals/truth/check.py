"""Check of one run: every sentence of its endings, notices and report that its record does not support."""

from collections.abc import Iterator
from typing import Literal

from evals.truth import endings, reports
from evals.truth.form import unsupported
from evals.truth.record import Run
from incident.value import Value

Place = Literal["ending", "notice", "report"]


class Doubt(Value):
    """One sentence that the record does not support."""

    incident: str
    place: Place
    sentence: str


class Checked(Value):
    """Sentences of one run."""

    incident: str
    texts: int
    """Texts that were read: endings, notices, and lines of the report."""
    doubts: tuple[Doubt, ...]


def check(run: Run) -> Checked:
    """Read every text of a run."""
    texts = 0
    doubts: list[Doubt] = []
    for place, pieces in (("ending", _endings(run)), ("notice", _notices(run)), ("report", reports.unsupported(run))):
        for found in pieces:
            texts += 1
            doubts += [Doubt(incident=run.incident, place=place, sentence=said) for said in found]
    return Checked(incident=run.incident, texts=texts, doubts=tuple(doubts))


def _endings(run: Run) -> Iterator[list[str]]:
    for index, event in enumerate(run.events):
        if event.kind != "closed":
            continue
        ending = event.body["ending"]
        then = run.until(index, ending["outcome"])
        lines = ending.get("lines") or [ending["reason"]]
        if " ".join(lines) != ending["reason"]:
            yield [ending["reason"]]
        for line in lines:
            yield unsupported(line, endings.FORMS, then)


def _notices(run: Run) -> Iterator[list[str]]:
    for notice in run.notices:
        outcome = notice.subject.rpartition(": ")[2]
        then = run.until(notice.after, outcome if outcome in OUTCOMES else "escalated")
        if len(notice.lines) != 3:
            yield [f"{notice.subject}: a notice of {len(notice.lines)} lines"]
        for line in notice.lines:
            yield unsupported(line, endings.FORMS, then)


OUTCOMES = ("healed", "no action", "rolled back", "rejected", "escalated", "waiting")
