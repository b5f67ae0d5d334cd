"""Small functions as they stand in ordinary services, each with one slip of a published kind.

The right answers follow from the code, its constants, its docstring or its schema, as a reader sees it.
Kinds: BugsInPy (Widyasari et al. 2020), PyTER (Oh and Oh 2022), TBar (Liu et al. 2019), PAR (Kim et al. 2013).
"""

from tests.unit.agents.repair.bench import Bug

BUGS = (
    Bug(
        "null object before a lookup with a default",
        '''
RATES = {"gold": 10, "silver": 5}
NO_DISCOUNT = 0

def discount(account, total):
    """Percent off for the account's level."""
    level = account["programme"]["level"]
    return total * RATES.get(level, NO_DISCOUNT) // 100
''',
        'discount({"programme": None}, 200)',
        "0",
        (
            ('discount({"programme": {"level": "gold"}}, 200)', "20"),
            ('discount({"programme": {"level": "x"}}, 200)', "0"),
        ),
        ("body.account.programme:null",),
    ),
    Bug(
        "null object whose default a constant names",
        '''
WEIGHTS = {"parcel": 3, "letter": 1}
DEFAULT_KIND = "parcel"

def weight(item):
    """Charged weight of an item."""
    kind = item["packaging"]["kind"]
    return WEIGHTS[kind] * item["count"]
''',
        'weight({"packaging": None, "count": 2})',
        "6",
        (('weight({"packaging": {"kind": "letter"}, "count": 2})', "2"),),
        ("body.packaging:null",),
    ),
    Bug(
        "null object whose default the docstring names",
        '''
TARIFFS = {"basic": 100, "night": 60, "industry": 80}

def tariff(meter, hours):
    """Price of the hours; meters without a contract are billed at the basic tariff."""
    plan = meter["contract"]["plan"]
    return TARIFFS[plan] * hours
''',
        'tariff({"contract": None}, 2)',
        "200",
        (('tariff({"contract": {"plan": "night"}}, 2)', "120"),),
        ("body.contract:null",),
    ),
    Bug(
        "null object whose default the schema names",
        """
FEES = {"web": 2, "phone": 5, "branch": 7}

def fee(order):
    return FEES[order["origin"]["channel"]]
""",
        'fee({"origin": None})',
        "2",
        (('fee({"origin": {"channel": "branch"}})', "7"),),
        ("body.origin:null",),
        ('{"properties": {"origin": {"type": ["object", "null"]}, "channel": {"type": "string", "default": "web"}}}',),
    ),
    Bug(
        "null object in a condition",
        '''
def needs_check(user, amount):
    """Large amounts are checked; so are users on watch."""
    if amount > 1000:
        return True
    if user["flags"]["watch"] == "yes":
        return True
    return False
''',
        'needs_check({"flags": None}, 10)',
        "False",
        (('needs_check({"flags": {"watch": "yes"}}, 10)', "True"), ('needs_check({"flags": None}, 5000)', "True")),
        ("body.user.flags:null",),
    ),
    Bug(
        "null attribute in a condition",
        """
class Shelf:
    def __init__(self, label): self.label = label
class Item:
    def __init__(self, shelf): self.shelf = shelf

def is_cold(item):
    if item.shelf.label == "cold":
        return True
    return False
""",
        "is_cold(Item(None))",
        "False",
        (('is_cold(Item(Shelf("cold")))', "True"),),
    ),
    Bug(
        "method of a null text",
        """
def initials(person):
    first = person["first"].strip()
    last = person["last"].strip()
    return (first[:1] + last[:1]).upper()
""",
        'initials({"first": "ada", "last": None})',
        '"A"',
        (('initials({"first": "ada", "last": "byron"})', '"AB"'),),
        ("body.last:null",),
    ),
    Bug(
        "chained get without a default in the middle",
        """
DEFAULT_LANGUAGE = "en"

def language(request):
    return request.get("settings").get("language", DEFAULT_LANGUAGE)
""",
        "language({})",
        '"en"',
        (('language({"settings": {"language": "fr"}})', '"fr"'),),
    ),
    Bug(
        "null object after an existing guard for the outer one",
        '''
BASE_PRICE = 50

def price(trip):
    """Price of a trip in cents; trips without a zone cost the base price."""
    if trip.get("zone") is None:
        return BASE_PRICE
    fare = trip["fare"]["cents"]
    return fare + 10
''',
        'price({"zone": 1, "fare": None})',
        "50",
        (('price({"zone": 1, "fare": {"cents": 5}})', "15"), ('price({"zone": None, "fare": {"cents": 5}})', "50")),
        ("body.fare:null",),
    ),
    Bug(
        "missing key that other code of the file reads with a default",
        """
def label(row):
    return row.get("currency", "EUR") + " " + row["name"]

def amount(row):
    return f'{row["cents"] / 100:.2f} {row["currency"]}'
""",
        'amount({"cents": 250})',
        '"2.50 EUR"',
        (('amount({"cents": 250, "currency": "USD"})', '"2.50 USD"'),),
    ),
    Bug(
        "missing key with a default in the schema",
        '''
def pages(query):
    """How many pages a result has."""
    size = query["page_size"]
    return -(-query["hits"] // size)
''',
        'pages({"hits": 45})',
        "3",
        (('pages({"hits": 45, "page_size": 45})', "1"),),
        (),
        ('{"properties": {"page_size": {"type": "integer", "default": 20}}}',),
    ),
    Bug(
        "missing key with a default constant",
        """
TIMEOUT_DEFAULT = 30

def deadline(job, now):
    return now + job["timeout"]
""",
        "deadline({}, 100)",
        "130",
        (('deadline({"timeout": 5}, 100)', "105"),),
    ),
    Bug(
        "missing key that flows into a condition",
        """
def is_urgent(ticket):
    return ticket["priority"] == "high" or ticket["age"] > 10
""",
        'is_urgent({"age": 12})',
        "True",
        (('is_urgent({"age": 1, "priority": "high"})', "True"), ('is_urgent({"age": 1, "priority": "low"})', "False")),
    ),
    Bug(
        "unknown key of a table with an entry for everything else",
        """
LABELS = {"new": "New", "done": "Done", "other": "In progress"}

def label(task):
    return LABELS[task["state"]]
""",
        'label({"state": "paused"})',
        '"In progress"',
        (('label({"state": "done"})', '"Done"'),),
    ),
    Bug(
        "unknown key of a table with a default constant",
        """
MULTIPLIERS = {"express": 3, "economy": 1}
DEFAULT_MULTIPLIER = 2

def cost(parcel):
    return parcel["base"] * MULTIPLIERS[parcel["speed"]]
""",
        'cost({"base": 5, "speed": "pigeon"})',
        "10",
        (('cost({"base": 5, "speed": "express"})', "15"),),
    ),
    Bug(
        "key in another case",
        """
ZONES = {"north": 1, "south": 2}

def zone(address):
    return ZONES[address["region"]]
""",
        'zone({"region": "NORTH"})',
        "1",
        (('zone({"region": "south"})', "2"),),
    ),
    Bug(
        "number as a text key",
        """
TIERS = {1: "one", 2: "two"}

def tier(row):
    return TIERS[row["tier"]]
""",
        'tier({"tier": "2"})',
        '"two"',
        (('tier({"tier": 1})', '"one"'),),
    ),
    Bug(
        "renamed field of an answer",
        '''
def available(stock):
    """Units that can be sold."""
    return stock["quantity_available"] - stock["reserved"]
''',
        'available({"available_quantity": 5, "reserved": 2})',
        "3",
        (),
        ("answer GET /stock/7.available_quantity:number",),
    ),
    Bug(
        "renamed field while the old one still comes",
        """
def city(address):
    return address["zipCode"] + " " + address["city"]
""",
        'city({"zip_code": "123", "city": "X"})',
        '"123 X"',
        (('city({"zipCode": "9", "city": "Y"})', '"9 Y"'),),
        ("body.zip_code:string",),
        (),
        ("zipCode", "city"),
    ),
    Bug(
        "misspelt key that other code of the file has right",
        """
def total(invoice):
    return invoice["net_amount"] + invoice["tax"]

def summary(invoice):
    return f"{invoice['number']}: {invoice['net_ammount']}"
""",
        'summary({"number": 7, "net_amount": 5, "tax": 1})',
        '"7: 5"',
    ),
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
