"""Say whether an ended incident was handled rightly: ``python -m graph.feedback INCIDENT --wrong|--right``.

The word is journaled, chained, and weighed when the same happens again.
"""

import argparse
import os
from collections.abc import Mapping

from graph.config import settings
from graph.console import cli, identity, observer
from graph.journal import Journal
from graph.reports import report
from graph.setup import stores
from incident.errors import BadInput
from incident.past import Word
from incident.record import Judged
from tools import program
from tools.ports import Row


def main() -> int:
    """Entry point."""
    return cli.main(parser(), lambda arguments: act(arguments, os.environ))


def parser() -> cli.Parser:
    """Return the arguments of the command."""
    made = cli.Parser(prog=program.called("feedback"), description=(__doc__ or "").splitlines()[0])
    made.add_argument("incident", help=f"id of an ended incident, as {program.called('list')} --all shows it")
    said = made.add_mutually_exclusive_group(required=True)
    said.add_argument("--right", dest="verdict", action="store_const", const="right", help="it was handled rightly")
    said.add_argument("--wrong", dest="verdict", action="store_const", const="wrong", help="it was not")
    made.add_argument("--because", default="", metavar="TEXT", help="why, for the record")
    made.add_argument(
        "--as",
        dest="name",
        default=None,
        help="who says so; the system's user, who is recorded in any case, if left out",
    )
    made.add_argument("--json", action="store_true", help="print JSON")
    return made


def act(arguments: argparse.Namespace, environment: Mapping[str, str]) -> int:
    """Journal the word, then remember it.  Raises BadInput."""
    by = identity.os_user() if arguments.name is None else identity.name(arguments.name)
    shared = stores.connect(settings.load(environment))
    row = stores.row(shared, arguments.incident)
    if row.status != "closed":
        raise BadInput("incident", row.id, f"it is {row.status}; say so when it has ended")
    word = Word(
        incident=row.id,
        verdict=arguments.verdict,
        because=identity.reason(arguments.because),
        by=by,
        os_user=identity.account(),
        at=shared.clock.now(),
    )
    recorded(shared, row, word)
    # Last: what is weighed is in the record.
    shared.memories.say(word)
    if arguments.json:
        cli.emit(word.model_dump(mode="json"))
    else:
        cli.write(f"{row.id} ({row.outcome}) is called {word.verdict} by {word.by}")
    return 0


def recorded(shared: stores.Stores, row: Row, word: Word) -> None:
    """Add the word to the incident's record and to the audit chain.  Raises Tampered for a record that was changed."""
    folder = stores.folder(shared, row.id)
    journal = Journal(row.id, folder, shared.audit, shared.clock, stores.redacted, observer.silent)
    with folder.alone():
        journal.settle()
        said = Judged(verdict=word.verdict, because=word.because, by=word.by, os_user=word.os_user)
        journal.write("feedback", said)
        report.write(folder)
        stores.seal(shared.audit, folder, row.id, word.at)


if __name__ == "__main__":
    raise SystemExit(main())
