"""None and wrong types among operands, arguments and members."""

from tests.unit.agents.repair.bench import Bug

OPERAND_BUGS = (
    Bug(
        "loop over a null list",
        """
def total(order):
    result = 0
    for line in order["lines"]:
        result += line["cents"]
    return result
""",
        'total({"lines": None})',
        "0",
        (('total({"lines": [{"cents": 5}]})', "5"),),
        ("body.lines:null",),
    ),
    Bug(
        "sum over a null list in a comprehension",
        """
def points(player):
    return sum(game["points"] for game in player.get("games"))
""",
        "points({})",
        "0",
        (('points({"games": [{"points": 2}]})', "2"),),
    ),
    Bug(
        "length of nothing",
        """
def has_notes(visit):
    if len(visit["notes"]) > 0:
        return True
    return False
""",
        'has_notes({"notes": None})',
        "False",
        (('has_notes({"notes": ["x"]})', "True"),),
        ("body.notes:null",),
    ),
    Bug(
        "membership in nothing",
        """
def may_edit(user, page):
    return "editor" in user["roles"] or user["id"] == page["owner"]
""",
        'may_edit({"roles": None, "id": 1}, {"owner": 1})',
        "True",
        (('may_edit({"roles": ["editor"], "id": 2}, {"owner": 1})', "True"),),
    ),
    Bug(
        "null summand",
        '''
def gross(line):
    """Net plus shipping; lines without shipping cost the net."""
    return line["net"] + line["shipping"]
''',
        'gross({"net": 5, "shipping": None})',
        "5",
        (('gross({"net": 5, "shipping": 2})', "7"),),
        ("body.shipping:null",),
    ),
    Bug(
        "null factor with a default constant",
        """
DEFAULT_QUANTITY = 1

def cost(line):
    return line["cents"] * line["quantity"]
""",
        'cost({"cents": 5, "quantity": None})',
        "5",
        (('cost({"cents": 5, "quantity": 3})', "15"),),
        ("body.quantity:null",),
    ),
    Bug(
        "null compared with a limit",
        """
def over_limit(card, amount):
    if amount > card["limit"]:
        return True
    return False
""",
        'over_limit({"limit": None}, 5)',
        "False",
        (('over_limit({"limit": 4}, 5)', "True"),),
        ("body.limit:null",),
    ),
    Bug(
        "number as text in a sum",
        """
def total(lines):
    result = 0
    for line in lines:
        result = result + line["cents"]
    return result
""",
        'total([{"cents": 5}, {"cents": "7"}])',
        "12",
        (('total([{"cents": 1}])', "1"),),
    ),
    Bug(
        "number as text in a comparison",
        """
def is_bulk(order):
    return order["units"] >= 100
""",
        'is_bulk({"units": "120"})',
        "True",
        (('is_bulk({"units": 3})', "False"),),
    ),
    Bug(
        "decimal as text in a product",
        """
from decimal import Decimal

VAT = Decimal("0.25")

def tax(item):
    return item["net"] * VAT
""",
        'tax({"net": "10.00"})',
        'Decimal("2.50")',
        (('tax({"net": Decimal("4")})', 'Decimal("1")'),),
    ),
    Bug(
        "binary float beside a decimal",
        """
from decimal import Decimal

VAT = Decimal("0.25")

def tax(item):
    return item["net"] * VAT
""",
        'tax({"net": 10.5})',
        'Decimal("2.625")',
        (('tax({"net": Decimal("4")})', 'Decimal("1")'),),
    ),
    Bug(
        "number joined to text",
        """
def reference(order):
    return "R-" + order["number"]
""",
        'reference({"number": 17})',
        '"R-17"',
        (('reference({"number": "18"})', '"R-18"'),),
    ),
    Bug(
        "numbers among joined texts",
        """
def tags(item):
    return ",".join(item["tags"])
""",
        'tags({"tags": ["a", 2]})',
        '"a,2"',
        (('tags({"tags": ["a"]})', '"a"'),),
    ),
)
