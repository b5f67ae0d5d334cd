"""Wait for a change that was written: the platform is asked until it is in force.

Nothing of the wait is kept: after a crash the same effect is found in the ledger, and waited for again.
"""

from graph.context import Context
from graph.state import Case
from incident.errors import Halted, Refused, Unsure
from tools.ports import Lease

SECONDS = 45.0
"""Seconds for a new process to answer; longer means that it hangs."""

PAUSE = 0.2
"""Seconds between questions."""


def wait(context: Context, case: Case, lease: Lease, effect: str, *, undoing: bool = False) -> None:
    """Return when the effect of this key is in force at the case's service.

    Raises Refused when it failed, Unsure when it is pending for too long, and, unless `undoing`, Halted when a person
    stops it and Fenced when the lease is lost.
    """
    deadline = context.clock.monotonic() + SECONDS
    while True:
        found = context.world.platform.settled(case.service, effect)
        match found.state:
            case "in force":
                return
            case "failed":
                raise Refused(f"the change of {case.service} was made and failed: {found.reason}")
            case "pending":
                pass
        if context.clock.monotonic() >= deadline:
            raise Unsure(f"the change of {case.service} was not in force after {SECONDS:.0f} s")
        if not undoing:
            context.lease_keeper.check(lease)
            _stopped(context, case)
        context.clock.sleep(PAUSE)


def _stopped(context: Context, case: Case) -> None:
    control = context.incidents.control(case.incident)
    if control.stops("change"):
        raise Halted(f"stopped by {control.by or 'nobody named'} while a change came into force")
