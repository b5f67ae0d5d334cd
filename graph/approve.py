"""Answer a waiting incident and go on with it: ``python -m graph.approve INCIDENT --as NAME``."""

import argparse
import os
from collections.abc import Mapping
from datetime import timedelta

from pydantic import JsonValue

from graph import drive, entry, reopen, resuming, run, settings, telling, timeline, verifying, wiring
from graph.interrupting import interruptible, os_user
from graph.renewing import renewed
from incident.control import Approval
from incident.errors import BadInput
from incident.evidence import Missing
from tools import ports


def main() -> int:
    """Entry point."""
    parser = entry.Parser(prog="graph.approve", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("incident", help="id of a waiting incident, as graph.list shows it")
    parser.add_argument("--as", dest="name", required=True, help="who decides; recorded beside the system's user")
    parser.add_argument("--reject", action="store_true", help="refuse the plan instead of approving it")
    parser.add_argument("--reason", default="", help="why, for the record")
    parser.add_argument(
        "--verify-by",
        default="",
        metavar="RULE",
        help="a rule of the world that tells whether it helped, where the alert has none",
    )
    parser.add_argument("--json", action="store_true", help="print the ending as JSON instead of the timeline")
    return entry.main(parser, answer)


def answer(arguments: argparse.Namespace) -> int:
    """Bind the answer to the plan that was asked about, and let the gate judge it."""
    chosen = settings.load(os.environ)
    shared = wiring.books(chosen)
    row = reopen.row(shared, arguments.incident)
    if row.status != "waiting":
        raise BadInput("incident", row.id, f"it is {row.outcome or row.status}; only a waiting one can be answered")
    world, fitted = reopen.world(shared, chosen, row)
    leave = resuming.narrowed(fitted, row, shared.marks)
    if not arguments.reject and (leave.dry_run or leave.autonomy in ("observe", "propose")):
        how = "as a dry run" if leave.dry_run else f"with autonomy {leave.autonomy}"
        raise BadInput("incident", row.id, f"it goes on {how}, which no answer can widen; act by hand, or reject it")
    screen = None if arguments.json else entry.console()
    listener = telling.silent if screen is None else timeline.Timeline(screen)
    with renewed(world, 120.0, active=True) as keep_alive, interruptible(shared, row.id):
        work = drive.Drive(fitted, shared, world, listener, keep_alive)
        asked = work.question(row)
        checked(arguments, world, asked)
        now = shared.clock.now()
        said = Approval(
            plan_digest=str(asked["plan"]),
            base=str(asked["base"]),
            approved=not arguments.reject,
            by=arguments.name,
            os_user=os_user(),
            reason=arguments.reason,
            verify_by=arguments.verify_by,
            at=now,
            expires_at=now + timedelta(seconds=chosen.approval_seconds),
        )
        shared.incidents.approve(row.id, said)
        shared.audit.append(now, said.by, "answered", {"incident": row.id, **said.model_dump(mode="json")})
        taken = shared.incidents.take_approval(row.id, said.plan_digest, said.base, now)
        if taken is None:
            raise BadInput("incident", row.id, "its question was answered by somebody else just now")
        ended = work.resume(row, taken.model_dump(mode="json"))
    if screen is not None:
        folder = wiring.journal(shared, row.id)
        timeline.finish(screen, folder.lines(), str(folder.folder))
    return run.tell(arguments, [ended], ended[0])


def checked(arguments: argparse.Namespace, world: ports.World, asked: Mapping[str, JsonValue]) -> None:
    """Refuse an approval under which nothing could tell whether the change helped.  Raises BadInput."""
    unserved, service = str(asked.get("unserved", "")), str(asked.get("service", ""))
    if arguments.verify_by and (arguments.reject or not unserved):
        raise BadInput(
            "--verify-by", arguments.verify_by, "leave it out: it is for an approval where the alert has no rule"
        )
    if arguments.reject or not unserved:
        return
    if not arguments.verify_by:
        raise BadInput("--verify-by", "", f"name a rule that the world serves about {service}, because {unserved}")
    found = verifying.named(world.metrics, arguments.verify_by, service)
    if isinstance(found, Missing):
        raise BadInput(
            "--verify-by", arguments.verify_by, f"name a rule that the world serves about {service} ({found.reason})"
        )


if __name__ == "__main__":
    raise SystemExit(main())
