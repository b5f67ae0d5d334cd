"""Truth of what the incidents of a test told people: every sentence is checked against the record."""

from pathlib import Path

from evals.truth import check, record
from evals.truth.check import Doubt
from graph.reports import journal_reader, report
from incident.errors import Tampered


def doubts(place: Path) -> tuple[Doubt, ...]:
    """The unsupported sentences of all incidents below a folder; a record that does not read is another test's subject."""
    return tuple(doubt for folder in record.folders((place,)) for doubt in of(folder))


def of(folder: Path) -> tuple[Doubt, ...]:
    """The unsupported sentences of one incident; its report is rendered where none was written."""
    try:
        run = record.load(folder)
        records = journal_reader.load((folder / "decisions.jsonl").read_bytes().splitlines())
    except (ValueError, Tampered):
        return ()
    if run.last("closed") is not None and not run.report:
        run = run._replace(report=report.render(records))
    return check.check(run).doubts
