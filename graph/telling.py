"""Tells people how an incident stands, and journals whether that worked."""

from contextlib import suppress

from graph.desk import Desk
from graph.state import Case
from incident.ending import Ending
from incident.errors import Tampered, Unavailable
from incident.record import Record, Told


def tell(desk: Desk, case: Case, node: str, ending: Ending) -> bool:
    """Tell every channel.  False when none took it."""
    subject = f"{case.service}: {ending.outcome}"
    delivered = desk.notify.tell(
        subject,
        {
            "incident": case.incident,
            "service": case.service,
            "alert": case.alert.name,
            "outcome": ending.outcome.value,
            "reason": ending.reason,
        },
    )
    # That it cannot be recorded must not make us tell it again and again; `close` fails on the same record.
    with suppress(Unavailable, Tampered):
        for channel, arrived in delivered:
            desk.scribe.write(node, Told(channel=channel, delivered=arrived, text=subject))
    return any(arrived for _, arrived in delivered)


def silent(_record: Record) -> None:
    """The listener that tells nobody."""
