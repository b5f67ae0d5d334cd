"""Notices to people about an incident, and the record of their delivery."""

from graph.context import Context
from graph.reports.prose import answering
from graph.state import Case
from incident.ending import Ending
from incident.record import Told
from tools import attempt, text


def tell(context: Context, case: Case, node: str, ending: Ending, plan: str = "") -> bool:
    """Send a notice to every channel, with the plan that a person is asked about.  False when none took it.

    A whole ending is told in its three lines.
    """
    subject = f"{case.service}: {ending.outcome}"
    said = attempt.run(
        lambda: context.notify.tell(
            subject,
            {
                "incident": case.incident,
                "service": case.service,
                "alert": text.normalise(case.alert.name, 200),
                "outcome": ending.outcome.value,
                "reason": ending.reason,
                **({"lines": list(ending.lines)} if ending.lines else {}),
                **({"plan": plan, "answer": answering(case.incident, plan)} if plan else {}),
            },
        )
    )
    delivered = () if isinstance(said, Exception) else said
    # A record that fails must not repeat the notice again and again; `close` fails on the same record.
    attempt.failure(lambda: _recorded(context, node, delivered, subject, ending.lines))
    if not any(arrived for _, arrived in delivered):
        return False
    context.progress.told = ending.outcome
    return True


def _recorded(
    context: Context, node: str, delivered: tuple[tuple[str, bool], ...], subject: str, lines: tuple[str, ...]
) -> None:
    for channel, arrived in delivered:
        context.journal.write(node, Told(channel=channel, delivered=arrived, text=subject, lines=lines))
