"""Edges: nothing there, one too many, a call that was not made, a wrong name."""

from tests.unit.agents.repair.bench import Bug

EDGE_BUGS = (
    Bug(
        "first of nothing beside an existing guard",
        '''
NOBODY = None

def newest(messages):
    """The newest message, or None."""
    if messages is None:
        return None
    return messages[0]
''',
        "newest([])",
        "None",
        (("newest([3, 2])", "3"),),
    ),
    Bug(
        "first of nothing with a default constant",
        """
DEFAULT_WAREHOUSE = "main"

def warehouse(stock):
    return stock["warehouses"][0]
""",
        'warehouse({"warehouses": []})',
        '"main"',
        (('warehouse({"warehouses": ["east"]})', '"east"'),),
        ("body.warehouses:empty-list",),
    ),
    Bug(
        "range one too long",
        """
def gaps(values):
    result = []
    for index in range(len(values)):
        result.append(values[index + 1] - values[index])
    return result
""",
        "gaps([1, 4, 9])",
        "[3, 5]",
    ),
    Bug(
        "largest of nothing",
        """
DEFAULT_PRIORITY = 5

def priority(tasks):
    return max(task["priority"] for task in tasks)
""",
        "priority([])",
        "5",
        (('priority([{"priority": 9}])', "9"),),
    ),
    Bug(
        "next of nothing in an optional result",
        """
def find(rows, key) -> dict | None:
    return next(row for row in rows if row["key"] == key)
""",
        'find([], "a")',
        "None",
        (('find([{"key": "a"}], "a")', '{"key": "a"}'),),
    ),
    Bug(
        "division by zero beside an existing answer",
        '''
def rate(done, failed):
    """Share of failures."""
    if failed == 0:
        return 0.0
    return failed / done
''',
        "rate(0, 3)",
        "0.0",
        (("rate(4, 1)", "0.25"),),
    ),
    Bug(
        "division by zero in a condition",
        """
def is_hot(shard):
    if shard["writes"] / shard["reads"] > 2:
        return True
    return False
""",
        'is_hot({"writes": 5, "reads": 0})',
        "False",
        (('is_hot({"writes": 9, "reads": 3})', "True"),),
    ),
    Bug(
        "forgotten await",
        """
async def load(key):
    return {"key": key}

async def name(key):
    row = load(key)
    return row["key"]
""",
        'name("a")',
        '"a"',
    ),
    Bug(
        "method named and not called",
        """
class Box:
    def size(self): return 4

def volume(box):
    return box.size * 2
""",
        "volume(Box())",
        "8",
    ),
    Bug(
        "misspelt attribute",
        """
class Order:
    def __init__(self): self.total_cents = 7

def show(order):
    return order.total_cnts
""",
        "show(Order())",
        "7",
    ),
    Bug(
        "misspelt variable",
        """
def ratio(width, height):
    return widht / height
""",
        "ratio(4, 2)",
        "2.0",
    ),
    Bug(
        "a get with a misspelt key",
        """
def street(customer):
    return customer.get("adress").get("street", "")
""",
        'street({"address": {"street": "Elm"}})',
        '"Elm"',
        (),
        ("body.address.street:string", "body.address:object"),
    ),
    Bug(
        "date of nothing in an optional result",
        """
from datetime import date

def due(invoice) -> date | None:
    return date.fromisoformat(invoice["due"])
""",
        'due({"due": None})',
        "None",
        (('due({"due": "2024-01-02"})', "date(2024, 1, 2)"),),
        ("body.due:null",),
    ),
)
