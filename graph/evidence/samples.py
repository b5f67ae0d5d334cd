"""Samples for a proof: the incident's own errors among all logged ones, and recorded successes."""

from graph.context import Context
from incident.capture import Capture
from incident.diagnosis import CodeCause, Hypothesis
from incident.evidence import Dossier, ErrorGroup, Missing, Signature

SAME, OTHERS = 20, 10
"""Recorded successes, of the failing route and of other routes, that a patch must answer as before."""


CLOSE = 0.2
"""Share of the most frequent error's count from which another one belongs to the incident, too."""


def signatures(hypothesis: Hypothesis, dossier: Dossier) -> tuple[Signature, ...]:
    """Return the incident's own errors: those raised in the blamed function, most frequent first.

    When no code is blamed, the most frequent one counts, and those close to it: a service has other errors on a
    good day.
    """
    groups = [item.fact for item in dossier.evidence if isinstance(item.fact, ErrorGroup)]
    if isinstance(hypothesis.cause, CodeCause):
        cause = hypothesis.cause
        # By function and not by line: one defect may raise at several lines of it.
        groups = [g for g in groups if (g.signature.path, g.signature.function) == (cause.path, cause.function)]
    else:
        most = max((group.count for group in groups), default=0)
        groups = [group for group in groups if group.count >= CLOSE * most]
    return tuple(group.signature for group in groups)


def healthy(context: Context, service: str, route: str, dossier: Dossier) -> tuple[Capture, ...]:
    """Return recorded successes: most of the failing route, some of other routes."""
    now = context.clock.now()
    recorded = context.world.captures.recorded(
        service, "ok", dossier.windows.recent(dossier.onset - dossier.windows.before, now), now
    )
    if isinstance(recorded, Missing):
        return ()
    same_route = [item for item in recorded if item.route == route]
    others = [item for item in recorded if item.route != route]
    return (*same_route[-SAME:], *others[-OTHERS:])
