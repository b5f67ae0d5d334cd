"""Answer a waiting incident and go on with it: ``python -m graph.approve INCIDENT --plan DIGEST --as NAME``."""

import argparse
import os
from datetime import timedelta

from graph.config import leave as resuming
from graph.config import settings
from graph.config.settings import Settings
from graph.console import cli, identity, observer
from graph.evidence import verification
from graph.reports import outcome, timeline
from graph.runtime import driver
from graph.runtime import question as asking
from graph.runtime.interrupts import interruptible
from graph.setup import stores, worlds
from graph.setup.renewal import renewed
from incident.control import Approval
from incident.errors import BadInput, Conflict, SutureError
from incident.evidence import Missing
from tools import ports, program
from tools.ports import Row


def main() -> int:
    """Entry point."""
    parser = cli.Parser(prog=program.called("approve"), description=(__doc__ or "").splitlines()[0])
    parser.add_argument("incident", help=f"id of a waiting incident, as {program.called('list')} shows it")
    parser.add_argument(
        "--plan",
        default="",
        metavar="DIGEST",
        help=f"the plan that you have looked at, as {program.called('explain')} shows it; not needed with --reject",
    )
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
    return cli.main(parser, answer, acts=True)


def answer(arguments: argparse.Namespace) -> int:
    """Bind the answer to the plan that the person looked at, and let the gate judge it."""
    identity.name(arguments.name)
    chosen = settings.load(os.environ)
    shared = stores.connect(chosen)
    row = waiting(shared, stores.row(shared, arguments.incident))
    asked = question(shared, row, arguments)
    world, fitted = worlds.again(shared, chosen, row)
    checked(arguments, world, asked)
    leave = resuming.narrowed(fitted, resuming.believed(row, shared.audit), shared.marks)
    if not arguments.reject and (leave.dry_run or leave.autonomy in ("observe", "propose")):
        how = "as a dry run" if leave.dry_run else f"with autonomy {leave.autonomy}"
        raise BadInput("incident", row.id, f"it goes on {how}, which no answer can widen; act by hand, or reject it")
    screen = None if arguments.json else cli.console()
    listener = observer.silent if screen is None else timeline.Timeline(screen)
    with renewed(world, 120.0, active=True) as keep_alive, interruptible(shared, row.id):
        work = driver.Driver(fitted, shared, world, listener, keep_alive)
        ended = work.resume(given(shared, fitted, row, arguments))
    timeline.close(screen, stores.folder(shared, row.id))
    return outcome.tell(arguments, [ended], ended[0])


def waiting(shared: stores.Stores, row: Row) -> Row:
    """Return the row if it waits for an answer.  Raises BadInput naming who answered already."""
    if row.status == "waiting":
        return row
    before = shared.incidents.answered(row.id)
    who = "" if before is None else f"; {before.by} ({before.os_user}) answered it at {before.at:%Y-%m-%d %H:%M:%S} UTC"
    raise BadInput("incident", row.id, f"it is {row.outcome or row.status}{who}; only a waiting one can be answered")


def question(shared: stores.Stores, row: Row, arguments: argparse.Namespace) -> asking.Question:
    """Return the question that is open now, about the plan that was picked.  Raises BadInput when the answer is to another one."""
    asked = asking.asked(shared, row.id)
    if asked is None:
        raise BadInput("incident", row.id, "it asks nothing just now; run its alert again")
    if arguments.plan or not arguments.reject:
        asked = asking.named(arguments.plan, asked, row.id)
    if not asked.liftable and not arguments.reject:
        raise BadInput("incident", row.id, f"no approval opens this gate: {asked.question}")
    return asked


def given(shared: stores.Stores, chosen: Settings, row: Row, arguments: argparse.Namespace) -> Row:
    """Claim the incident and store the answer in its row.

    Raises BadInput when somebody else was quicker, or when something else is asked by now.
    """
    # Claimed first, so that the question cannot change between the look at it and the answer.
    claimed = shared.incidents.claim(row, shared.holder)
    if claimed is None:
        raise BadInput("incident", row.id, "somebody else is answering it or working on it just now")
    try:
        asked = question(shared, waiting(shared, claimed), arguments)
        return shared.incidents.answer(claimed, asked.id, approval(shared, chosen, asked, arguments))
    except Conflict as error:
        shared.incidents.release(row.id)
        raise BadInput("incident", row.id, f"{error}") from error
    except SutureError:
        shared.incidents.release(row.id)
        raise


def approval(
    shared: stores.Stores, chosen: Settings, asked: asking.Question, arguments: argparse.Namespace
) -> Approval:
    """Return the person's answer, with the time until which it is valid."""
    now = shared.clock.now()
    return Approval(
        plan_digest=asked.plan,
        base=asked.base,
        deed=asked.deed,
        approved=not arguments.reject,
        by=identity.name(arguments.name),
        os_user=identity.account(),
        reason=identity.reason(arguments.reason),
        verify_by=arguments.verify_by,
        at=now,
        expires_at=now + timedelta(seconds=chosen.approval_seconds),
    )


def checked(arguments: argparse.Namespace, world: ports.World, asked: asking.Question) -> None:
    """Refuse an approval without a rule that tells whether the change helped.  Raises BadInput."""
    unserved, service = asked.unserved, asked.service
    if arguments.verify_by and (arguments.reject or not unserved):
        raise BadInput(
            "--verify-by", arguments.verify_by, "leave it out: it is for an approval where the alert has no rule"
        )
    if arguments.reject or not unserved:
        return
    if not arguments.verify_by:
        raise BadInput("--verify-by", "", f"name a rule that the world serves about {service}, because {unserved}")
    found = verification.named(world.metrics, arguments.verify_by, service)
    if isinstance(found, Missing):
        raise BadInput(
            "--verify-by", arguments.verify_by, f"name a rule that the world serves about {service} ({found.reason})"
        )


if __name__ == "__main__":
    raise SystemExit(main())
