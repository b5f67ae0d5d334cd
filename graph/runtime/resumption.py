"""Resumption of one incident in this process: claimed, chained, bounded, and ended when it cannot be resumed."""

from datetime import timedelta

from graph.config import leave
from graph.config.settings import Settings
from graph.console import identity
from graph.context import Context
from graph.runtime import abandonment, driver, remains, unfinished
from graph.setup import stores
from graph.state import Case
from incident.control import Control
from incident.ending import Ending
from incident.errors import Refused, Tampered, Unsure
from tools import attempt
from tools.ports import Audit, Row


def taken_up(shared: stores.Stores, work: driver.Driver, row: Row) -> tuple[Ending, Row]:
    """Resume an incident; when the stores fail, a change that a dead process left is still taken back.

    Raises the error when no change was left.
    """
    done = attempt.run(lambda: go_on(shared, work, row))
    if not isinstance(done, Exception):
        return done
    stopped = attempt.run(lambda: work.stop(row.id, done))
    if stopped is None or isinstance(stopped, Exception):
        # Held by a process that lives, it would keep every later alert from its service.
        attempt.failure(lambda: shared.incidents.release(row.id))
        raise done
    return stopped


def go_on(shared: stores.Stores, work: driver.Driver, row: Row) -> tuple[Ending, Row]:
    """Claim the incident, chain that it is resumed, and drive it to its end.

    An incident that was resumed too often from the same place is stopped in order: its change is taken back as after
    a person's abort.  Raises Unsure when that did not help either.  One whose own record does not verify is ended,
    because a later try would find the same.
    """
    claimed = shared.incidents.claim(row, shared.holder)
    if claimed is None:
        return driver.busy(shared, row.id)
    if claimed.status == "closed":
        return work.resume(claimed)
    shared.audit.verify()  # a broken chain is not this incident's fault, so it does not end it
    try:
        return _resumed(shared, work, claimed)
    except Tampered as error:
        return broken(shared, work.context(claimed), claimed, f"it cannot be resumed: {error}")


def broken(shared: stores.Stores, context: Context, claimed: Row, why: str) -> tuple[Ending, Row]:
    """End a claimed incident whose own record does not verify, after taking back its change."""
    try:
        taken = remains.take_back(context, claimed)
    finally:
        context.lease_keeper.release()
        context.tracer.close()
    return abandonment.end(shared, claimed, f"{why}; {taken}", taken)


def left(shared: stores.Stores, chosen: Settings, case: Case) -> tuple[Row, ...]:
    """Return other incidents of the case's service on which nobody works any more: they are finished first."""
    patience = timedelta(seconds=chosen.approval_seconds)
    found = unfinished.among(shared.incidents.rows(), shared.incidents.alive, shared.clock.now(), patience)
    return tuple(
        item.row
        for item in found
        if (item.row.world, item.row.service) == (case.world, case.service)
        and item.row.id != case.incident
        and item.row.status == "open"
    )


def _resumed(shared: stores.Stores, work: driver.Driver, claimed: Row) -> tuple[Ending, Row]:
    try:
        place = work.place(claimed.id)
    except Refused as error:
        raise Tampered(f"{error}") from error
    if leave.opening(claimed) is None and (claimed.opening or not place):
        raise Tampered("what it was opened with cannot be read")
    _bounded(shared, claimed.id, tries(shared.audit, claimed.id, place))
    body = {"incident": claimed.id, "place": place, "holder": shared.holder, "os_user": identity.account()}
    shared.audit.append(shared.clock.now(), "suture", "resumed", dict(body))
    return work.resume(claimed)


def _bounded(shared: stores.Stores, incident: str, tries: int) -> None:
    if tries < TRIES:
        return
    reason = f"resumed {tries} times from the same place"
    if tries >= 2 * TRIES:
        raise Unsure(f"{incident} was {reason} and could not even be stopped; a person must look")
    shared.incidents.set_control(
        incident, Control(aborted=True, by="suture", os_user=identity.account(), reason=reason, at=shared.clock.now())
    )


TRIES = 5
"""Resumptions from the same place before an incident is stopped in order: a crash that comes back each time is an
internal error, and the change is taken back rather than tried for ever."""


def tries(audit: Audit, incident: str, place: str) -> int:
    """Return the number of resumptions in a row from this place, which the chain keeps over restarts."""
    places = [str(body.get("place")) for body in audit.find("resumed", incident)]
    count = 0
    for known in reversed(places):
        if known != place:
            break
        count += 1
    return count
