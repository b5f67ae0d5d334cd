"""Methods, coroutines, comprehensions, several lines.

Written after the templates, as a check of how far these carry: of these and of the others, 17 of 22 were mended at once.
"""

from tests.unit.agents.repair.bench import Bug

LATER_BUGS = (
    Bug(
        "async method, nested null",
        '''
SURCHARGE = {"express": 5, "standard": 0}
DEFAULT_METHOD = "standard"

class Client:
    async def get(self, path):
        return {"preferences": None, "id": 1}

class Quotes:
    def __init__(self): self.client = Client()

    async def quote(self, basket):
        """Price with shipping."""
        customer = await self.client.get("/customers/1")
        method = customer["preferences"]["shipping"]
        extra = SURCHARGE[method]
        return {"total": basket + extra, "method": method}
async def go(b): return await Quotes().quote(b)
''',
        "go(5)",
        '{"total": 5, "method": "standard"}',
        (),
        ("answer GET /customers/1.preferences:null",),
    ),
    Bug(
        "multi-line dict",
        """
ZONES = {"DE": 1, "FR": 2}
DEFAULT_ZONE = 9

def summary(order):
    return {
        "id": order["id"],
        "zone": ZONES.get(
            order["address"]["country"],
            DEFAULT_ZONE,
        ),
    }
""",
        'summary({"id": 1, "address": None})',
        '{"id": 1, "zone": 9}',
        (('summary({"id": 1, "address": {"country": "FR"}})', '{"id": 1, "zone": 2}'),),
        ("body.address:null",),
    ),
    Bug(
        "decimal wrap",
        '''
from decimal import Decimal
NO_DISCOUNT = Decimal("0")

def discount(customer, total):
    """Discount of the customer's contract, if there is one."""
    percent = Decimal(customer["contract"]["discount"])
    return total * percent / 100
''',
        'discount({"contract": None}, Decimal(50))',
        "Decimal(0)",
        (('discount({"contract": {"discount": "10"}}, Decimal(50))', "Decimal(5)"),),
        ("body.contract:null",),
    ),
    Bug(
        "comprehension skip",
        '''
def skus(lines):
    """Skus of the lines; lines without a product are left out."""
    return [line["product"]["sku"] for line in lines]
''',
        'skus([{"product": None}, {"product": {"sku": "a"}}])',
        '["a"]',
        (),
        ("body.lines[].product:null",),
    ),
    Bug(
        "helper takes optional",
        """
def rate(tier: str | None) -> int:
    return {"gold": 1}.get(tier, 3)

def fee(account):
    profile = account.get("profile")
    return rate(profile.get("tier")) * 2
""",
        "fee({})",
        "6",
        (('fee({"profile": {"tier": "gold"}})', "2"),),
    ),
    Bug(
        "stock as text",
        """
def free(answer, reserved):
    left = answer["on_hand"] - reserved
    return max(left, 0)
""",
        'free({"on_hand": "12"}, 4)',
        "8",
        (('free({"on_hand": 3}, 4)', "0"),),
    ),
    Bug(
        "date with guard",
        """
from datetime import date
LEAD = 3

def days(order, today):
    if not order.get("confirmed"):
        return LEAD
    ship = date.fromisoformat(order["ship_by"])
    return (ship - today).days
""",
        'days({"confirmed": True, "ship_by": None}, date(2024,1,1))',
        "3",
        (('days({"confirmed": True, "ship_by": "2024-01-05"}, date(2024,1,1))', "4"),),
        ("body.ship_by:null",),
    ),
    Bug(
        "f-string attr",
        """
class P:
    def __init__(s, name, company): s.name=name; s.company=company
class C:
    def __init__(s, name): s.name=name
def greet(person):
    if person.company.name:
        return f"Dear {person.name} of {person.company.name}"
    return f"Dear {person.name}"
""",
        'greet(P("A", None))',
        '"Dear A"',
        (('greet(P("A", C("X")))', '"Dear A of X"'),),
    ),
    Bug(
        "chained attr in and",
        """
class A: pass
def ok(user):
    return user.active and user.plan.level == "pro"
u = A(); u.active=True; u.plan=None
v = A(); v.active=True; v.plan=A(); v.plan.level="pro"
""",
        "bool(ok(u))",
        "False",
        (("ok(v)", "True"),),
    ),
    Bug(
        "loop continue guard",
        """
def total(lines):
    cents = 0
    for line in lines:
        if line.get("cancelled") or not line.get("quantity"):
            continue
        cents += line["price"]["cents"] * line["quantity"]
    return cents
""",
        'total([{"quantity": 2, "price": None}, {"quantity": 1, "price": {"cents": 5}}])',
        "5",
        (),
        ("body.lines[].price:null",),
    ),
)
