"""Silence of a service: one that answers nobody, its own scrapes included.  Pure.

Limits: a service without its own metrics, logs and spans is never silent; one that was removed on purpose looks the
same, and then a change says so; where the last sample is seconds old nothing is missing yet.
"""

from incident.decision import because
from incident.observed import Heard, Observed
from policies.suspects import scores
from policies.suspects.scores import Reading, Score

WHOLE = 0.5
"""Part of the services that must still be heard: when all are silent, it is the store of telemetry that is gone."""


def read(observed: Observed) -> Reading:
    """Score services that were heard before and are not any more."""
    if not any(_last(heard) for heard in observed.heard):
        return scores.silence("silence", because("nobody_heard"))
    end, stale = observed.looked.end, observed.windows.stale.total_seconds()
    known = [heard for heard in observed.heard if _last(heard)]
    quiet = [heard for heard in known if any(at < end - stale for at in _last(heard))]
    whole = [heard for heard in quiet if all(at < end - stale for at in _last(heard))]
    if len(whole) > WHOLE * len(known):
        return scores.silence("silence", because("all_are_silent", services=len(whole)))
    return scores.reading("silence", (_score(heard, observed) for heard in quiet))


def _last(heard: Heard) -> tuple[float, ...]:
    return tuple(at for at in (heard.metrics, heard.logs, heard.spans) if at is not None)


def _score(heard: Heard, observed: Observed) -> Score:
    end, stale = observed.looked.end, observed.windows.stale.total_seconds()
    last = max(_last(heard))
    gone = last < end - stale
    # Logs and spans pause by themselves where nobody calls; a scrape that fails does not.
    unscraped = heard.metrics is not None and heard.metrics < end - stale
    share = 1.0 if gone and unscraped else 0.6 if unscraped else 0.0
    return Score(
        suspect=scores.service(heard.service),
        strength=scores.strength(share),
        why=because("silent_since" if gone else "not_scraped_since", seconds=round(end - (heard.metrics or last), 1)),
    )
