"""Alerts of which a person has to say what service they are about: nothing is opened for them, and somebody is told."""

from collections.abc import Sequence

from graph.setup import stores
from incident.ending import Ending, Outcome
from tools import attempt

HOW = "send it with labels that agree, or name in SUTURE_SERVICE_LABELS the label to believe first"


def asked(shared: stores.Stores, questions: Sequence[str]) -> Ending:
    """Return the ending of alerts that are a question, and tell people, once for each question."""
    said = "; ".join(questions)
    ending = f"a person has to say which service it is: {said}; {HOW}"
    now = shared.clock.now()
    # A store that does not answer keeps nobody from being told.
    seen = attempt.run(lambda: shared.incidents.first_seen([f"question: {one}" for one in questions], now))
    if not isinstance(seen, Exception) and now not in seen.values():
        return Ending(outcome=Outcome.ESCALATED, reason=ending)
    delivered = shared.notify.tell("alerts that name no single service are left to you", {"reason": ending})
    if not any(arrived for _, arrived in delivered):
        ending = f"{ending}; and nobody could be told"
    return Ending(outcome=Outcome.ESCALATED, reason=ending)
