"""Start of alerts whose sender says no time that can be believed: when we first saw them.

Such a time would be looked at for evidence that cannot be there.  It is replaced before an incident gets its identity,
and by the same time at each repeat.
"""

from datetime import datetime, timedelta

from incident.alert import YEARS, Alert, Payload
from tools import ports

AHEAD = timedelta(days=1)
"""Time by which a sender's clock may run ahead of ours."""


def believed(alert: Alert, now: datetime) -> bool:
    """True for a start between the year 2000 and a day from now."""
    return alert.starts_at.year >= YEARS[0] and alert.starts_at <= now + AHEAD


def dated(payload: Payload, incidents: ports.Incidents, now: datetime) -> Payload:
    """Return the payload with each start that cannot be believed replaced, and forget those of alerts that are over.

    Raises Unavailable.
    """
    odd = [alert for alert in payload.alerts if not believed(alert, now)]
    if over := [alert.identity for alert in odd if alert.status == "resolved"]:
        incidents.over(over)
    firing = [alert.identity for alert in odd if alert.status == "firing" and not alert.heartbeat]
    if not firing:
        return payload
    seen = incidents.first_seen(firing, now)
    alerts = (
        alert if believed(alert, now) else alert.model_copy(update={"starts_at": seen.get(alert.identity, now)})
        for alert in payload.alerts
    )
    return payload.model_copy(update={"alerts": tuple(alerts)})
