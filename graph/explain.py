"""Why each decision was taken: ``python -m graph.explain INCIDENT``."""

import argparse
import os

from graph import entry, records, settings, story, wiring
from graph.reopen import row


def main() -> int:
    """Entry point."""
    parser = entry.Parser(prog="graph.explain", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("incident", help="id of the incident")
    parser.add_argument("--last", action="store_true", help="only the newest decision")
    parser.add_argument("--json", action="store_true", help="print the decisions as JSON")
    return entry.main(parser, explain)


def explain(arguments: argparse.Namespace) -> int:
    """Print the decisions of an incident from its journal."""
    shared = wiring.books(settings.load(os.environ))
    journal = wiring.journal(shared, row(shared, arguments.incident).id)
    found = story.told(records.load(journal.lines()))
    chosen = found[-1:] if arguments.last else found
    if arguments.json:
        entry.emit(
            [{"at": record.at.isoformat(), **decision.model_dump(mode="json")} for record, decision, _ in chosen]
        )
    else:
        entry.write("\n".join(line for told in chosen for line in story.lines(*told)) or "nothing was decided yet")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
