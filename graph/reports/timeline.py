"""Live timeline of an incident on a terminal: the lines of each record as it is written."""

from datetime import datetime
from functools import partial

from rich.console import Console
from rich.markup import escape
from rich.syntax import Syntax
from rich.table import Table

from graph.console import observer
from graph.reports import durations, narrative
from graph.reports import journal_reader as journal
from graph.reports.prose import shown
from graph.reports.report import headline
from incident.record import Acted, Proposed, Record
from incident.remedy import Patch
from tools import ports

STYLES: dict[narrative.Tone, str] = {
    "": "default",
    "good": "green",
    "unsure": "yellow",
    "bad": "red",
    "quiet": "dim",
    "strong": "bold",
}


class Timeline:
    """Prints records as they are written."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._started: datetime | None = None

    def __call__(self, record: Record) -> None:
        """Print one record; an effect that went as intended was printed when it was intended."""
        self._started = self._started or record.at
        if isinstance(record.event, Acted) and record.event.result == "done":
            return
        passed = (record.at - self._started).total_seconds()
        for line in narrative.lines(record):
            # Escaped: for rich a word in square brackets is markup.
            head = f"[{STYLES[line.tone]}]{escape(shown(line.head, 160))}[/] " if line.head else ""
            text = f"[dim]{passed:7.1f} s[/]  {line.label:<8}{head}{escape(shown(line.text, 600))}"
            self._console.print(text, soft_wrap=True, highlight=False)
        if isinstance(record.event, Proposed) and isinstance(patch := record.event.remedy, Patch):
            self._console.print(Syntax(_own_diff(patch), "diff", theme="ansi_dark", background_color="default"))


def close(console: Console | None, folder: ports.RecordFolder) -> None:
    """End the display, if there is one; an error is printed and ends nothing."""
    if console is not None:
        show = partial(finish, console)
        observer.shown("the end could not be shown", lambda: show(folder.lines(), str(folder.folder)))


def finish(console: Console, lines: tuple[bytes, ...], folder: str) -> None:
    """Print the durations, the headline, and the folder of the records."""
    summary(console, journal.load(lines))
    console.print(f"records: {folder} (report.md, decisions.jsonl, trace.jsonl)", soft_wrap=True, highlight=False)


def summary(console: Console, records: tuple[Record, ...]) -> None:
    """Print the durations and the headline."""
    if (spent := durations.table(records)).rows:
        table = Table(title="seconds since the estimated onset, part by part", title_justify="left")
        for column in spent.columns:
            table.add_column(column, justify="right" if column in ("seconds", "floor") else "left")
        for row in spent.rows:
            table.add_row(*row)
        console.print(table)
    console.print(f"[bold]{escape(headline(records))}[/]", soft_wrap=True)


def _own_diff(patch: Patch) -> str:
    """Return the diff of the patched file alone; the added test is in ``patch.diff``."""
    own, keep = "", False
    for line in patch.diff.splitlines(keepends=True):
        if line.startswith(("diff ", "--- ")):
            keep = line.startswith("--- ") and line.rstrip().endswith(patch.path)
        own += line if keep else ""
    return own.rstrip("\n")
