"""How soon a ticket is to be answered, and who is on duty."""

from datetime import date, datetime, timedelta

HOURS = {
    "basic": {"low": 40, "normal": 16, "urgent": 4},
    "plus": {"low": 24, "normal": 8, "urgent": 2},
}
"""Opening hours until the first answer, by the customer's plan."""

OPEN = {0: (8, 18), 1: (8, 18), 2: (8, 18), 3: (8, 18), 4: (8, 16)}
"""Opening and closing hour by weekday; Monday is 0."""

CREWS = ("north", "south", "river", "hill")
"""They take turns by the week."""
FIRST_MONDAY = date(2025, 1, 6)
"""When the first crew began."""


def answer_within(ticket, customer):
    """Opening hours until the first answer; a contract comes before the plan."""
    plan, priority = customer["plan"], ticket["priority"]
    contract = customer.get("contract")
    if contract:
        return contract["hours"][priority]
    return HOURS[plan][priority]


def due(opened: datetime, hours: int) -> datetime:
    """When so many opening hours have passed."""
    at, left = opened, timedelta(hours=hours)
    while True:
        if at.weekday() in OPEN:
            opens, closes = (at.replace(hour=hour, minute=0) for hour in OPEN[at.weekday()])
            start = max(at, opens)
            if start + left <= closes:
                return start + left
            left -= max(closes - start, timedelta(0))
        at = (at + timedelta(days=1)).replace(hour=0, minute=0)


def crew(day: date) -> str:
    """Which crew is on duty on a day."""
    weeks = (day - FIRST_MONDAY).days // 7
    return CREWS[weeks % len(CREWS)]
