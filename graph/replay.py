"""Recompute every decision of an incident from its record: ``python -m graph.replay INCIDENT``.

The record itself is checked first: every line against the audit chain, every file against the
digests that were sealed at the close.  Exit code 1 means a difference, and the first one is printed.
"""

import argparse
import os
from collections import Counter

from graph.config import settings
from graph.console import cli
from graph.reports import journal_reader
from graph.setup import stores
from incident.errors import Tampered
from incident.record import Decided
from policies import registry
from tools import ports, program

DIFFERS = 1


def main() -> int:
    """Entry point."""
    parser = cli.Parser(prog=program.called("replay"), description=(__doc__ or "").splitlines()[0])
    parser.add_argument("incident", help="id of the incident")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return cli.main(parser, replay)


def replay(arguments: argparse.Namespace) -> int:
    """Check the record, decide everything again, compare codes and numbers."""
    shared = stores.connect(settings.load(os.environ))
    known = stores.row(shared, arguments.incident)
    journal = stores.folder(shared, known.id)
    try:
        unchanged(shared.audit, journal, known.id)
        same, notes = decided_again(journal)
    except Tampered as error:
        return said(arguments, known.id, str(error), 0, [])
    return said(arguments, known.id, "", same, notes)


def unchanged(audit: ports.Audit, journal: ports.RecordFolder, incident: str) -> None:
    """Compare the record with the audit chain.  Raises Tampered naming the first difference."""
    audit.verify()
    chained, lines = audit.find("record", incident), journal.lines()
    journal_reader.unchanged(lines, chained, incident)
    if len(lines) > len(chained):
        raise Tampered(f"line {len(chained) + 1} of {incident}'s decisions.jsonl was never chained")
    sealed = audit.find("sealed", incident)
    if not sealed:
        return
    files = sealed[-1]["files"]
    present = journal.digests()
    if not isinstance(files, dict):
        raise Tampered("the sealed digests cannot be read")
    for name in sorted({*files, *present}):
        if files.get(name) != present.get(name):
            raise Tampered(f"{name} is not the file that was sealed")


def decided_again(journal: ports.RecordFolder) -> tuple[int, list[str]]:
    """Decide again; return the number of equal decisions, and a sentence for each other version of a policy.

    Raises Tampered naming the first decision that differs.
    """
    same, others = 0, Counter[str]()
    for record in journal_reader.load(journal.lines()):
        if not isinstance(record.event, Decided):
            continue
        decision = record.event.decision
        again = registry.replay(decision.policy, decision.version, record.event.facts)
        if isinstance(again, str):
            others[again] += 1
        elif again.canonical() != decision.canonical():
            raise Tampered(
                f"record {record.sequence}: {decision.policy} decides {_difference(again.model_dump(), decision.model_dump())}"
            )
        else:
            same += 1
    return same, [f"{how}; decisions not compared: {count}" for how, count in others.items()]


def _difference(now: dict[str, object], then: dict[str, object]) -> str:
    name = next(key for key in then if now.get(key) != then[key])
    return f"{name} {str(now.get(name))[:120]!r} where the record has {str(then[name])[:120]!r}"


def said(arguments: argparse.Namespace, incident: str, difference: str, same: int, notes: list[str]) -> int:
    """Print the result, and return the exit code."""
    if arguments.json:
        cli.emit({"incident": incident, "same": same, "difference": difference, "notes": list(notes)})
    elif difference:
        cli.write(f"{incident}: {difference}")
    else:
        for note in notes:
            cli.write(note)
        cli.write(f"{incident}: the record is unchanged, and {same} decisions come out the same, code by code")
    return DIFFERS if difference else 0


if __name__ == "__main__":
    raise SystemExit(main())
