"""None where the code expects a value."""

from tests.unit.agents.repair.bench import Bug

NULL_BUGS = (
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
)
