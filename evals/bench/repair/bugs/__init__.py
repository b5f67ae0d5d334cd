"""All planted bugs, by service."""

from evals.bench.repair.bugs import billing, booking, content, feeds, fleet, scheduling, search
from evals.bench.repair.planted import Bug, Traffic

TRAFFIC: tuple[Traffic, ...] = (
    booking.TRAFFIC,
    billing.TRAFFIC,
    search.TRAFFIC,
    feeds.TRAFFIC,
    scheduling.TRAFFIC,
    content.TRAFFIC,
    fleet.TRAFFIC,
)

BUGS: tuple[Bug, ...] = (
    *booking.BUGS,
    *billing.BUGS,
    *search.BUGS,
    *feeds.BUGS,
    *scheduling.BUGS,
    *content.BUGS,
    *fleet.BUGS,
)


def traffic(service: str) -> Traffic:
    """What a service is asked on a good day, and afterwards by the hidden tests."""
    return next(one for one in TRAFFIC if one.service == service)
