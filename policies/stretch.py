"""Limits stretched to an alert's rule: a limit of time is the least, and slow samples or a long `for` ask for more.

A watch of eight seconds proves nothing about a rule that looks at five minutes, and looks that are a minute apart can
never be five seconds fresh.  The factors leave the limits of the lab's profile as they are at the lab's rule.
"""

from incident.windows import Windows
from policies.limits import Canary, Limits, Remedies, Verify


def stretched(limits: Limits, windows: Windows) -> Limits:
    """Return the limits with each time at least as long as the rule asks for."""
    return limits.model_copy(
        update={
            "remedies": _remedies(limits.remedies, windows),
            "canary": _canary(limits.canary, windows),
            "verify": _verify(limits.verify, windows),
        }
    )


def _remedies(bounds: Remedies, windows: Windows) -> Remedies:
    slack = max(bounds.onset_slack_seconds, windows.stale.total_seconds())
    return bounds.model_copy(update={"onset_slack_seconds": slack})


def _canary(bounds: Canary, windows: Windows) -> Canary:
    alarm, step = windows.alarm.total_seconds(), windows.step_seconds
    return bounds.model_copy(
        update={
            "stage_deadline_seconds": max(bounds.stage_deadline_seconds, 4 * alarm),
            "dwell_seconds": max(bounds.dwell_seconds, 3 * step) if bounds.dwell_seconds else 0.0,
            "stale_seconds": max(bounds.stale_seconds, 5 * step),
        }
    )


def _verify(bounds: Verify, windows: Windows) -> Verify:
    alarm, step = windows.alarm.total_seconds(), windows.step_seconds
    # Longer than the alert itself waits, so that it would have fired again.
    again = windows.for_seconds + 3 * step
    return bounds.model_copy(
        update={
            "bake_seconds": max(bounds.bake_seconds, again),
            "watch_seconds": max(bounds.watch_seconds, 3 * alarm),
            "extension_seconds": max(bounds.extension_seconds, 3 * alarm) if bounds.extension_seconds else 0.0,
            "max_gap_seconds": max(bounds.max_gap_seconds, 4 * step),
            "sustained_seconds": max(bounds.sustained_seconds, again),
        }
    )
