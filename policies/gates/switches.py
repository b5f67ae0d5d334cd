"""The verdict of the switches that people set, for a step that obeys them."""

from incident.control import Control, Step
from incident.decision import Deny, Hold, Verdict, because


def verdict(control: Control, step: Step) -> Verdict | None:
    """Deny for the kill switch and an abort, Hold for a pause; None when no switch stops the step."""
    match control.stops(step):
        case None:
            return None
        case "pause":
            return Hold(reason=because("paused", by=control.by, why=control.reason))
        case "kill":
            return Deny(reason=because("kill_switch", by=control.by, why=control.reason))
        case "abort":
            return Deny(reason=because("aborted", by=control.by, why=control.reason))
