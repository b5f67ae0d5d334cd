"""Go on with what a crash or a restart left unfinished: ``python -m graph.resume [INCIDENT] [--watch SECONDS]``.

Without an incident it looks for all whose process is gone and gives each one a process of its own.  Exit
code: that of the worst ending, as ``graph.run`` has them; 5 too for an incident that could not be resumed.
"""

import argparse
import os

from graph import attempt, drive, entry, reopen, resuming, run, scanning, settings, settling, telling, timeline, wiring
from graph.example import LEASE
from graph.interrupting import interruptible, os_user
from graph.renewing import renewed
from incident.control import Control
from incident.ending import Ending, Outcome
from incident.errors import Unsure
from tools.ports import Row


def main() -> int:
    """Entry point."""
    parser = entry.Parser(prog="graph.resume", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("incident", nargs="?", help="only this one, in this process")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--once", action="store_true", help="look once and wait for the endings (the default)")
    how.add_argument("--watch", type=seconds, metavar="SECONDS", help="go on looking, this often")
    parser.add_argument("--jobs", type=int, default=4, metavar="N", help="incidents at once (default 4)")
    parser.add_argument("--json", action="store_true", help="print JSON: one document, or one line each with --watch")
    return entry.main(parser, resume, acts=True)


def seconds(text: str) -> float:
    """A time between two looks.  Raises ValueError."""
    found = float(text)
    if not 0 < found <= 86_400:
        raise ValueError(text)
    return found


def resume(arguments: argparse.Namespace) -> int:
    """Resume one incident here, or each unfinished one in a process of its own."""
    chosen = settings.load(os.environ)
    shared = wiring.books(chosen)
    settling.settle(shared)
    if arguments.incident is None:
        return scanning.scan(shared, chosen, arguments)
    row = reopen.row(shared, arguments.incident)
    screen = None if arguments.json else entry.console()
    listener = telling.silent if screen is None else timeline.Timeline(screen)
    world, fitted = reopen.world(shared, chosen, row)
    with renewed(world, LEASE, active=True) as keep_alive, interruptible(shared, row.id):
        work = drive.Drive(resuming.narrowed(fitted, row), shared, world, listener, keep_alive)
        ended = taken_up(shared, work, row)
    timeline.close(screen, wiring.journal(shared, row.id))
    return run.tell(arguments, [ended], ended[0])


def taken_up(shared: wiring.Books, work: drive.Drive, row: Row) -> tuple[Ending, Row]:
    """Go on with it; where the books do not let us, what a dead process left of it is still taken back."""
    done = attempt.run(lambda: go_on(shared, work, row))
    if not isinstance(done, Exception):
        return done
    stopped = work.stop(row.id, done)
    if stopped is None:
        raise done
    return stopped


def go_on(shared: wiring.Books, work: drive.Drive, row: Row) -> tuple[Ending, Row]:
    """Claim the incident, chain that it was taken up again, and drive it to its end.

    One that was resumed too often from the same place is stopped in order: what it changed is taken back,
    by the same way that a person's abort goes.  Raises Unsure when that did not help either.
    """
    claimed = shared.incidents.claim(row, shared.holder)
    if claimed is None:
        return Ending(outcome=Outcome.NO_ACTION, reason=f"another process works on {row.id}"), row
    if claimed.status != "closed":
        place = work.place(row.id)
        _bounded(shared, row.id, resuming.tries(shared.audit, row.id, place))
        body = {"incident": row.id, "place": place, "holder": shared.holder, "os_user": os_user()}
        shared.audit.append(shared.clock.now(), "suture", "resumed", dict(body))
    return work.resume(claimed, None)


def _bounded(shared: wiring.Books, incident: str, tries: int) -> None:
    if tries < resuming.TRIES:
        return
    reason = f"resumed {tries} times from the same place"
    if tries >= 2 * resuming.TRIES:
        raise Unsure(f"{incident} was {reason} and could not even be stopped; a person must look")
    said = {"aborted": True, "by": "suture", "reason": reason, "at": shared.clock.now()}
    control = shared.incidents.control(incident)
    shared.incidents.set_control(incident, Control.model_validate({**control.model_dump(), "stop_all": False, **said}))


if __name__ == "__main__":
    raise SystemExit(main())
