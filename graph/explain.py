"""Explain each decision of an incident: ``python -m graph.explain INCIDENT``, or ``--diff A B`` to compare two."""

import argparse
import os
from collections.abc import Iterable

from graph.config import settings
from graph.console import cli
from graph.reports import account, document, journal_reader
from graph.reports import compare as comparing
from graph.setup import stores
from incident.errors import BadInput
from incident.record import Record
from incident.value import Value
from tools import program


def main() -> int:
    """Entry point."""
    parser = cli.Parser(prog=program.called("explain"), description=(__doc__ or "").splitlines()[0])
    parser.add_argument("incident", nargs="?", help="id of the incident")
    parser.add_argument("--diff", nargs=2, metavar=("A", "B"), help="compare two incidents instead")
    parser.add_argument("--last", action="store_true", help="only the newest decision")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON")
    form.add_argument("--markdown", action="store_true", help="print Markdown")
    return cli.main(parser, explain)


def explain(arguments: argparse.Namespace) -> int:
    """Explain an incident, or compare two, from their journals."""
    shared = stores.connect(settings.load(os.environ))
    if arguments.diff:
        return compare(arguments, *(read(shared, incident) for incident in arguments.diff))
    if not arguments.incident:
        raise BadInput(
            "incident", "", f"name an incident, or two of them with --diff; {program.called('list')} shows them"
        )
    told(arguments, read(shared, arguments.incident), last=arguments.last)
    return 0


def read(shared: stores.Stores, incident: str) -> tuple[Record, ...]:
    """Return the records of a known incident, as they were chained.  Raises BadInput, Tampered."""
    known = stores.row(shared, incident).id
    before = shared.audit.find("record", known)
    lines = stores.folder(shared, known).lines()
    journal_reader.unchanged(lines, before, known)
    # Another process may be writing, so the chain is read again for lines that came after the first look.
    after = shared.audit.find("record", known)
    journal_reader.unchanged(lines, after[: len(lines)], known)
    journal_reader.complete(lines, after, known)
    return journal_reader.load(lines)


def told(arguments: argparse.Namespace, found: tuple[Record, ...], *, last: bool) -> None:
    """Print the account of an incident, or of its newest decision."""
    whole = account.account(found)
    if last:
        whole = whole.model_copy(update={"steps": whole.steps[-1:]})
    printed(arguments, whole, account.blocks(whole))


def compare(arguments: argparse.Namespace, one: tuple[Record, ...], other: tuple[Record, ...]) -> int:
    """Print the differences between two incidents."""
    found = comparing.compare(one, other)
    printed(arguments, found, comparing.blocks(found))
    return 0


def printed(arguments: argparse.Namespace, found: Value, blocks: Iterable[document.Block]) -> None:
    """Print it as JSON, or as a document."""
    if arguments.json:
        cli.emit(found.model_dump(mode="json"))
    else:
        cli.write(document.markdown(blocks) if arguments.markdown else document.text(blocks))


if __name__ == "__main__":
    raise SystemExit(main())
