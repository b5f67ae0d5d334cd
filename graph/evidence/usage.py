"""What was used up, for the gates: actions, tries, failures, moves back and forth, and the error budget."""

from datetime import datetime, timedelta

from graph.config import leave
from graph.context import Context
from graph.state import Case, State, gathered
from incident.ending import Outcome
from incident.errors import Unavailable
from incident.evidence import Change, Missing, Signals
from incident.value import Value
from policies import limits
from tools.ports import Row

HOUR, DAY = timedelta(hours=1), timedelta(days=1)

REACHES_BACK = 0.1
"""The samples of an error budget must begin within this share of its window, or they are of something shorter."""


class Used(Value):
    """Counts of earlier incidents in this world, each of which counts once however many writes it took."""

    actions_last_hour: int
    tries: int
    """At this alert, or at the same rule's about the same service, within a day."""
    failures: int
    """Of changes to this service, within a day: taken back, whatever the ending said."""


def used(context: Context, case: Case, now: datetime) -> Used:
    """Count the other incidents that changed the world, by what the ledger holds of them."""
    recent = [
        row
        for row in context.incidents.rows()
        if row.world == case.world and row.id != case.incident and now - row.changed_at < DAY and _acted(context, row)
    ]
    return Used(
        actions_last_hour=sum(now - row.changed_at < HOUR for row in recent),
        tries=sum(_same_alert(row, case) for row in recent),
        failures=sum(
            row.service == case.service and row.status == "closed" and row.outcome != Outcome.HEALED for row in recent
        ),
    )


def _same_alert(row: Row, case: Case) -> bool:
    """Whether it was the same alert, or one that only says more: another label makes no new trouble."""
    known = leave.opening(row)
    name = known.case.alert.name if known else ""
    return row.fingerprint == case.alert.identity or (name, row.service) == (case.alert.name, case.service)


def _acted(context: Context, row: Row) -> bool:
    """Whether the incident changed a service; a commit to a branch of its own changes nothing that runs."""
    return any("step" in entry.intent for entry in context.ledger.entries(row.id))


def moves(context: Context, service: str, now: datetime) -> tuple[Change, ...]:
    """The recorded changes of the flap window, by us and by others.  Raises Unavailable, which is waited for."""
    return context.world.platform.history(service, now - timedelta(seconds=context.settings.limits.reach.flap_seconds))


def served(context: Context, service: str, objective: limits.Objective, now: datetime) -> Signals | Missing:
    """What the service answered over the window of its objective.

    Missing when the samples do not reach back to the window's start: an hour of errors says little about a month.
    """
    start = now - timedelta(seconds=objective.window_seconds)
    try:
        first = context.world.metrics.signals(
            service, start, start + timedelta(seconds=REACHES_BACK * objective.window_seconds)
        )
        if isinstance(first, Missing) or first.requests == 0:
            return Missing(reason=f"the samples do not reach back to {start.isoformat(timespec='seconds')}")
        return context.world.metrics.signals(service, start, now)
    except Unavailable as error:
        return Missing(reason=str(error))


def severity(state: State) -> float | None:
    """Share of the service's requests that have failed since the onset; None when unknown."""
    dossier = gathered(state.inquiry)
    after = [
        item.fact
        for item in dossier.evidence
        if isinstance(item.fact, Signals) and item.fact.start >= dossier.onset and item.fact.requests
    ]
    return after[-1].error_rate if after else None
