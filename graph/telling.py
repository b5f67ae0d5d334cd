"""Tells people how an incident stands, and journals whether that worked."""

from contextlib import suppress

from graph.desk import Desk
from graph.prose import answering
from graph.state import Case
from incident.ending import Ending
from incident.errors import Tampered, Unavailable
from incident.record import Record, Told


def tell(desk: Desk, case: Case, node: str, ending: Ending, plan: str = "") -> bool:
    """Tell every channel, with the plan that a person is asked about.  False when none took it."""
    subject = f"{case.service}: {ending.outcome}"
    delivered = desk.notify.tell(
        subject,
        {
            "incident": case.incident,
            "service": case.service,
            "alert": case.alert.name,
            "outcome": ending.outcome.value,
            "reason": ending.reason,
            **({"plan": plan, "answer": answering(case.incident, plan)} if plan else {}),
        },
    )
    # That it cannot be recorded must not make us tell it again and again; `close` fails on the same record.
    with suppress(Unavailable, Tampered):
        for channel, arrived in delivered:
            desk.scribe.write(node, Told(channel=channel, delivered=arrived, text=subject))
    return any(arrived for _, arrived in delivered)


def silent(_record: Record) -> None:
    """The listener that tells nobody."""
