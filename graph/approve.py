"""Answer a waiting incident and go on with it: ``python -m graph.approve INCIDENT --as NAME``."""

import argparse
import os
from datetime import timedelta

from graph import drive, entry, reopen, run, settings, telling, timeline, wiring
from graph.interrupting import interruptible, os_user
from graph.renewing import renewed
from incident.control import Approval
from incident.errors import BadInput


def main() -> int:
    """Entry point."""
    parser = entry.Parser(prog="graph.approve", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("incident", help="id of a waiting incident, as graph.list shows it")
    parser.add_argument("--as", dest="name", required=True, help="who decides; recorded beside the system's user")
    parser.add_argument("--reject", action="store_true", help="refuse the plan instead of approving it")
    parser.add_argument("--reason", default="", help="why, for the record")
    parser.add_argument("--json", action="store_true", help="print the ending as JSON instead of the timeline")
    return entry.main(parser, answer, acts=True)


def answer(arguments: argparse.Namespace) -> int:
    """Bind the answer to the plan that was asked about, and let the gate judge it."""
    chosen = settings.load(os.environ)
    shared = wiring.books(chosen)
    row = reopen.row(shared, arguments.incident)
    if row.status != "waiting":
        raise BadInput("incident", row.id, f"it is {row.outcome or row.status}; only a waiting one can be answered")
    world, fitted = reopen.world(shared, chosen, row)
    screen = None if arguments.json else entry.console()
    listener = telling.silent if screen is None else timeline.Timeline(screen)
    with renewed(world, 120.0, active=True) as keep_alive, interruptible(shared, row.id):
        work = drive.Drive(fitted, shared, world, listener, keep_alive)
        asked = work.question(row)
        now = shared.clock.now()
        said = Approval(
            plan_digest=str(asked["plan"]),
            base=str(asked["base"]),
            approved=not arguments.reject,
            by=arguments.name,
            os_user=os_user(),
            reason=arguments.reason,
            at=now,
            expires_at=now + timedelta(seconds=chosen.approval_seconds),
        )
        shared.incidents.approve(row.id, said)
        shared.audit.append(now, said.by, "answered", {"incident": row.id, **said.model_dump(mode="json")})
        taken = shared.incidents.take_approval(row.id, said.plan_digest, said.base, now)
        if taken is None:
            raise BadInput("incident", row.id, "its question was answered by somebody else just now")
        ended = work.resume(row, taken.model_dump(mode="json"))
    timeline.close(screen, wiring.journal(shared, row.id))
    return run.tell(arguments, [ended], ended[0])


if __name__ == "__main__":
    raise SystemExit(main())
