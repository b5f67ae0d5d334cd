"""All planted bugs, by service.

The development bugs shaped the repair templates and the prompts.  The held-out ones were written without sight of
either, and nothing may be fitted to them.  The handed ones are bugs of public projects, told again; judging was built
with them in sight.
"""

from evals.bench.repair.bugs import (
    billing,
    booking,
    content,
    expenses,
    feeds,
    fleet,
    hub,
    inventory,
    jobs,
    scheduling,
    search,
    tickets,
)
from evals.bench.repair.planted import Bug, Traffic

TRAFFIC: tuple[Traffic, ...] = (
    booking.TRAFFIC,
    billing.TRAFFIC,
    search.TRAFFIC,
    feeds.TRAFFIC,
    scheduling.TRAFFIC,
    content.TRAFFIC,
    fleet.TRAFFIC,
    expenses.TRAFFIC,
    inventory.TRAFFIC,
    tickets.TRAFFIC,
    jobs.TRAFFIC,
    hub.TRAFFIC,
)

DEVELOPMENT: tuple[Bug, ...] = (
    *booking.BUGS,
    *billing.BUGS,
    *search.BUGS,
    *feeds.BUGS,
    *scheduling.BUGS,
    *content.BUGS,
    *fleet.BUGS,
)

HELD_OUT: tuple[Bug, ...] = (*expenses.BUGS, *inventory.BUGS, *tickets.BUGS)

HANDED: tuple[Bug, ...] = (*jobs.BUGS, *hub.BUGS)

BUGS: tuple[Bug, ...] = (*DEVELOPMENT, *HELD_OUT, *HANDED)


def traffic(service: str) -> Traffic:
    """Requests to a service on a good day, which the hidden tests ask again."""
    return next(one for one in TRAFFIC if one.service == service)
