"""Resume incidents that a crash or a restart left unfinished: ``python -m graph.resume [INCIDENT] [--watch SECONDS]``.

Without an incident it finds all whose process is gone and gives each one a process of its own.  The exit
code is that of the worst ending, as in ``graph.run``; 5 also for an incident that could not be resumed.
"""

import argparse
import os

from graph.config import settings
from graph.console import cli, observer
from graph.reports import outcome, timeline
from graph.runtime import driver, resumption, scanner, settlement
from graph.runtime.interrupts import interruptible
from graph.setup import stores, worlds
from graph.setup.lab import LEASE
from graph.setup.renewal import renewed
from tools import program


def main() -> int:
    """Entry point."""
    parser = cli.Parser(prog=program.called("resume"), description=(__doc__ or "").splitlines()[0])
    parser.add_argument("incident", nargs="?", help="only this one, in this process")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--once", action="store_true", help="look once and wait for the endings (the default)")
    how.add_argument("--watch", type=seconds, metavar="SECONDS", help="go on looking, this often")
    parser.add_argument("--jobs", type=int, default=4, metavar="N", help="incidents at once (default 4)")
    parser.add_argument("--json", action="store_true", help="print JSON: one document, or one line each with --watch")
    return cli.main(parser, resume, acts=True)


def seconds(text: str) -> float:
    """Return a time between two looks.  Raises ValueError."""
    found = float(text)
    if not 0 < found <= 86_400:
        raise ValueError(text)
    return found


def resume(arguments: argparse.Namespace) -> int:
    """Resume one incident here, or each unfinished one in a process of its own."""
    chosen = settings.load(os.environ)
    shared = stores.connect(chosen)
    settlement.settle(shared)
    if arguments.incident is None:
        return scanner.scan(shared, chosen, arguments)
    row = stores.row(shared, arguments.incident)
    screen = None if arguments.json else cli.console()
    listener = observer.silent if screen is None else timeline.Timeline(screen)
    world, fitted = worlds.again(shared, chosen, row)
    with renewed(world, LEASE, active=True) as keep_alive, interruptible(shared, row.id):
        work = driver.Driver(fitted, shared, world, listener, keep_alive)
        ended = resumption.taken_up(shared, work, row)
    timeline.close(screen, stores.folder(shared, row.id))
    return outcome.tell(arguments, [ended], ended[0])


if __name__ == "__main__":
    raise SystemExit(main())
