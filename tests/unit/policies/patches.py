"""Patches of one function of a service called orders, for the tests of the patch rules."""

from incident.remedy import FileEdit, Patch

MODULE = '''\
"""Orders."""

import logging
import os
from decimal import Decimal

from orders.errors import BadOrder
from orders.web import Response

log = logging.getLogger(__name__)

STANDARD_TIER = "standard"
FREE_SHIPPING = Decimal("0")
STANDARD_RATE = Decimal("0.19")


def rate_of(country, rates):
    """Rate of a country."""
    return rates.get(country, STANDARD_RATE)


@traced
def tier_of(customer, order):
    """Tier of a customer."""
    validate(order)
    if order["total"] < 0:
        raise BadOrder("negative total")
    assert order["lines"]
    tier = customer["membership"]["tier"]
    if tier == "closed":
        log.warning("closed account %s", customer["id"])
        return STANDARD_TIER
    return tier


async def handle(request):
    """Answer a request."""
    body = await request.json()
    try:
        tier = tier_of(body["customer"], body["order"])
    except BadOrder as error:
        log.error("bad order: %s", error)
        return Response({"error": str(error)}, status_code=422)
    if tier is None:
        return Response({"error": "no tier"}, status_code=500)
    return Response({"tier": tier}, status_code=201)


class Cart:
    """A cart."""

    def total(self, lines):
        """Sum of the lines."""
        return sum(line["price"] for line in lines) / len(lines)
'''

TEST = """\
def test_a_guest_has_the_standard_tier():
    assert tier_of({"membership": None}, {"total": 1, "lines": [1]}) == "standard"
"""

LINE = '    tier = customer["membership"]["tier"]\n'
GUARD = '    tier = (customer["membership"] or {}).get("tier", STANDARD_TIER)\n'


def edited(old: str, new: str, *, module: str = MODULE) -> str:
    """The module with one piece replaced, which must be there exactly once."""
    assert module.count(old) == 1, old
    return module.replace(old, new)


def patch(
    after: str, function: str = "tier_of", *others: FileEdit, path: str = "orders/tiers.py", before: str | None = MODULE
) -> Patch:
    edits = (FileEdit(path=path, before=before, after=after), *others)
    return Patch(
        service="orders", base_commit="b" * 40, path=path, function=function, edits=edits, diff="", summary="guard"
    )


def added(path: str = "orders/tests/test_guests.py", text: str = TEST, before: str | None = None) -> FileEdit:
    return FileEdit(path=path, before=before, after=text)
