"""Usage for the gates: actions, tries, failures, recorded changes, and the error budget."""

from datetime import datetime, timedelta

from graph.config import leave
from graph.context import Context
from graph.evidence import counts
from graph.state import Case, State, gathered
from incident.ending import Outcome
from incident.errors import Unavailable
from incident.evidence import Change, Missing, Signals
from incident.value import Value
from policies import limits
from tools.ports import Row

HOUR, DAY = timedelta(hours=1), timedelta(days=1)

REACHES_BACK = 0.1
"""Share of the window within which the samples of an error budget must begin, or they cover a shorter time."""


class Used(Value):
    """Counts of earlier incidents in this world, each counted once however many writes it made."""

    actions_last_hour: int
    tries: int
    """Incidents of this alert, or of the same rule about the same service, within a day."""
    failures: int
    """Changes to this service within a day that did not end as healed."""


def used(context: Context, case: Case, now: datetime) -> Used:
    """Count the other incidents that changed the world, by their entries in the ledger."""
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
    """True when it was the same alert, or one of the same rule about the same service."""
    # A label more makes no new problem.
    known = leave.opening(row)
    name = known.case.alert.name if known else ""
    return row.fingerprint == case.alert.identity or (name, row.service) == (case.alert.name, case.service)


def _acted(context: Context, row: Row) -> bool:
    """True when the incident changed a service."""
    # A commit to a branch of its own changes nothing that runs.
    return any("step" in entry.intent for entry in context.ledger.entries(row.id))


def moves(context: Context, service: str, now: datetime) -> tuple[Change, ...]:
    """Return the recorded changes of the flap window, by us and by others.  Raises Unavailable."""
    return context.world.platform.history(service, now - timedelta(seconds=context.settings.limits.reach.flap_seconds))


def served(context: Context, service: str, objective: limits.Objective, now: datetime) -> Signals | Missing:
    """Return the service's signals over the window of its objective.

    Missing when the samples do not reach back to the window's start: an hour of errors says little about a month.
    """
    start = now - timedelta(seconds=objective.window_seconds)
    try:
        first = counts.signals(
            context.world.metrics, service, start, start + timedelta(seconds=REACHES_BACK * objective.window_seconds)
        )
        if isinstance(first, Missing) or first.requests == 0:
            return Missing(reason=f"the samples do not reach back to {start.isoformat(timespec='seconds')}")
        return counts.signals(context.world.metrics, service, start, now)
    except Unavailable as error:
        return Missing(reason=str(error))


def severity(state: State) -> float | None:
    """Return the share of the service's requests that failed since the onset; None when unknown."""
    dossier = gathered(state.inquiry)
    after = [
        item.fact
        for item in dossier.evidence
        if isinstance(item.fact, Signals) and item.fact.start >= dossier.onset and item.fact.requests
    ]
    return after[-1].error_rate if after else None
