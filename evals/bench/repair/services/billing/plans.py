"""The plans."""

PLANS = {
    "start": {"cents": 1900, "included": 3, "seat_cents": 500},
    "team": {"cents": 4900, "included": 10, "seat_cents": 400},
    "enterprise": {"cents": 19900, "included": None, "seat_cents": 0},
}
"""`included` is how many seats the price includes; None: all of them."""


def extra_seats(plan: str, seats: int) -> int:
    """Seats to be paid beside the plan's price."""
    included = PLANS[plan]["included"]
    if included is None:
        return 0
    return max(0, seats - included)


def seats_cents(plan: str, seats: int) -> int:
    """What a plan costs with so many seats."""
    return PLANS[plan]["cents"] + extra_seats(plan, seats) * PLANS[plan]["seat_cents"]


def day_cents(cents: int, days: int) -> int:
    """A price by the day, rounded down; 0 for a period without days."""
    return cents // days if days else 0
