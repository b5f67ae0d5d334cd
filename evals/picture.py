"""The timeline of a recorded incident as an SVG picture, for documents."""

import io
import re
from collections.abc import Iterable

from rich.console import Console

from graph.reports import journal_reader, timeline
from incident.record import Decided, Record

EVERY = 3
"""Of looks and readings that only hold, every so manyth is drawn."""

LEFT_OUT = ("risk.assess", "evidence_gate.judge", "proof_gate.judge", "reach_gate.judge", "remedies.rank")
"""Decisions that a reader of the picture can do without."""

_FONTS = re.compile(r"@font-face \{.*?\}", re.DOTALL)


def draw(lines: Iterable[bytes]) -> str:
    """Draw the journal's lines as the live timeline shows them, shortened; names no font on another host."""
    console = Console(record=True, width=150, file=io.StringIO(), force_terminal=True)
    show = timeline.Timeline(console)
    journal = journal_reader.load(lines)
    for number, record in enumerate(journal):
        if _drawn(number, record):
            show(record)
    timeline.summary(console, journal)
    return _FONTS.sub("", console.export_svg(title="python -m graph.run alert.json"))


def _drawn(number: int, record: Record) -> bool:
    if not isinstance(record.event, Decided):
        return True
    decision = record.event.decision
    if decision.policy in LEFT_OUT:
        return False
    waits = decision.choice in ("hold", "watch", "extend")
    return number % EVERY == 0 if decision.policy in ("canary.judge", "verify.judge") and waits else True
