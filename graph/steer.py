"""Say where the cause lies, or not, while it runs: ``python -m graph.steer INCIDENT look|doubt TARGET --as NAME``.

TARGET is a service (``price``), a host (``outside rates.example``) or a change (``deploy v7 of price``), as the
report's table of suspects prints it.  The word is recorded and weighed; it opens nothing, and is not an order.
"""

import argparse
import os
import re
from collections.abc import Mapping
from typing import Literal

from graph.config import settings
from graph.console import cli, identity
from graph.reports import journal_reader, steering
from graph.setup import stores
from incident.errors import BadInput
from incident.steering import LONGEST, MOST, Steering
from incident.value import Value
from policies.suspects import changes
from tools import program, text

SPELLING = (
    "write a service (price), a host (outside rates.example) or a change (deploy v7 of price, config KEY of price)"
)

CHANGE = re.compile(r"(?P<kind>\S+)(?: (?!of )(?P<what>.+?))?(?: of (?P<service>\S+))?")

NAMED = ("deploy", "config", "flag")
"""Kinds of change of which a service has many: which one is meant must be said."""


class Target(Value):
    """Object of a word, as far as its spelling tells."""

    what: Literal["", "service", "outside", "change"]
    """Empty for a bare name, of a service or of a host outside."""
    name: str
    service: str = ""


def main() -> int:
    """Entry point."""
    return cli.main(parser(), lambda arguments: act(arguments, os.environ))


def parser() -> cli.Parser:
    """Return the arguments of the command."""
    made = cli.Parser(prog=program.called("steer"), description=(__doc__ or "").splitlines()[0])
    made.add_argument("incident", help=f"id of an incident that is not closed, as {program.called('list')} shows it")
    made.add_argument("said", choices=("look", "doubt"), help="look: the cause may lie there; doubt: it does not")
    made.add_argument("target", nargs="+", metavar="TARGET", help=SPELLING)
    made.add_argument("--as", dest="name", default="", help="who says so; recorded beside the system's user")
    made.add_argument("--because", default="", metavar="TEXT", help="why, for the record")
    made.add_argument("--json", action="store_true", help="print JSON")
    return made


def act(arguments: argparse.Namespace, environment: Mapping[str, str]) -> int:
    """Write the word down.  Raises BadInput."""
    by, target = identity.name(arguments.name), parsed(" ".join(arguments.target))
    shared = stores.connect(settings.load(environment))
    row = stores.row(shared, arguments.incident)
    if row.status == "closed":
        raise BadInput("incident", row.id, f"it is closed ({row.outcome}); there is nothing to steer")
    if len(shared.incidents.steering(row.id)) >= MOST:
        raise BadInput("incident", row.id, f"{MOST} words were said about it, and no more are taken; pause or abort it")
    seen = steering.seen(journal_reader.load(stores.folder(shared, row.id).lines()))
    word = Steering(
        said=arguments.said,
        what=target.what or ("outside" if target.name in seen.hosts - seen.services else "service"),
        name=target.name,
        service=target.service,
        because=identity.reason(arguments.because),
        by=by,
        os_user=identity.account(),
        at=shared.clock.now(),
    )
    known(word, seen, row.service)
    shared.incidents.steer(row.id, word)
    if arguments.json:
        cli.emit({"incident": row.id, "seen": seen.knows(word), **word.model_dump(mode="json")})
    else:
        cli.write(f"{row.id}: {steering.said(word)}")
        if not seen.knows(word):
            cli.say("nothing by that name is in its record so far; it is weighed as soon as something is")
    return 0


def parsed(given: str) -> Target:
    """Return what a text is about.  Raises BadInput for one that is spelled otherwise."""
    said = text.normalise(given, LONGEST)
    first, _, rest = said.partition(" ")
    if first == "outside" and rest:
        return Target(what="outside", name=rest)
    if first == "service" and rest and " " not in rest:
        return Target(what="service", name=rest)
    if said and not rest:
        return Target(what="", name=said)
    found = CHANGE.fullmatch(rest if first == "change" else said)
    if found is None or found["kind"] not in changes.KINDS:
        raise BadInput("TARGET", given, SPELLING)
    if found["kind"] in NAMED and not (found["what"] and found["service"]):
        raise BadInput("TARGET", given, f"say which {found['kind']}, and of which service: {SPELLING}")
    name = " ".join(filter(None, (found["kind"], found["what"])))
    return Target(what="change", name=name, service=found["service"] or "")


def known(word: Steering, seen: steering.Seen, own: str) -> None:
    """Refuse a service that the record would know.  Raises BadInput, naming those that it knows."""
    named = word.root if word.what != "outside" else ""
    if named and seen.complete and named not in {*seen.services, own}:
        there = ", ".join(sorted({*seen.services, own}))
        raise BadInput("TARGET", named, f"no such service is known, but {there}; a host is written: outside NAME")


if __name__ == "__main__":
    raise SystemExit(main())
