"""More of what `later_bugs` has, and what is beyond the templates."""

from tests.unit.agents.repair.bench import Bug

LATEST_BUGS = (
    Bug(
        "elif chain default",
        """
def priority(ticket):
    if ticket["severity"] == "high":
        return 1
    elif ticket["customer"]["tier"] == "gold":
        return 2
    return 3
""",
        'priority({"severity": "low", "customer": None})',
        "3",
        (('priority({"severity": "low", "customer": {"tier": "gold"}})', "2"),),
        ("body.customer:null",),
    ),
    Bug(
        "sum with null member",
        '''
def weight(lines):
    """Total weight; digital goods weigh nothing."""
    return sum(line["weight"] for line in lines)
''',
        'weight([{"weight": None}, {"weight": 3}])',
        "3",
        (('weight([{"weight": 2}])', "2"),),
        ("body.lines[].weight:null",),
    ),
    Bug(
        "renamed upstream key in tolerant place",
        """
def eta(answer):
    days = answer["eta_days"]
    return days + 1 if days else 5
""",
        'eta({"days_eta": 3})',
        "4",
        (),
        (),
        (),
        ("days_eta", "carrier"),
    ),
    Bug(
        "camel key get default",
        """
def region(request):
    region = request["shippingRegion"]
    return region.upper()
""",
        'region({"shipping_region": "eu"})',
        '"EU"',
        (),
        ("body.shipping_region:string",),
    ),
    Bug(
        "list index of split",
        """
DEFAULT_DOMAIN = "local"
def domain(address):
    return address.split("@")[1].lower()
""",
        'domain("root")',
        '"local"',
        (('domain("a@B")', '"b"'),),
    ),
    Bug(
        "average",
        '''
def average(ratings):
    """Mean rating, or None for nothing rated."""
    if ratings is None:
        return None
    return sum(ratings) / len(ratings)
''',
        "average([])",
        "None",
        (("average([2,4])", "3"),),
    ),
    Bug(
        "int of none",
        """
DEFAULT_LIMIT = 20
def limit(query):
    return min(int(query.get("limit")), 100)
""",
        "limit({})",
        "20",
        (('limit({"limit": "7"})', "7"),),
    ),
    Bug(
        "json null list extend",
        """
def all_tags(items):
    tags = []
    for item in items:
        tags.extend(item["tags"])
    return tags
""",
        'all_tags([{"tags": None}, {"tags": ["a"]}])',
        '["a"]',
        (),
    ),
    Bug(
        "str format number",
        """
def code(order):
    return order["prefix"] + "-" + order["number"]
""",
        'code({"prefix": "A", "number": 5})',
        '"A-5"',
    ),
    Bug(
        "table key None via var",
        '''
HANDLING = {"fragile": 4, "standard": 1}
def handling(item):
    """Handling cost; items without a class are handled as standard."""
    kind = item.get("class")
    return HANDLING[kind]
''',
        "handling({})",
        "1",
        (('handling({"class": "fragile"})', "4"),),
    ),
    Bug(
        "join with null",
        """
def full_name(p):
    return " ".join([p["first"], p["middle"], p["last"]])
""",
        'full_name({"first":"A","middle":None,"last":"B"})',
        '"A B"',
        (),
        ("body.middle:null",),
    ),
)

BEYOND = (
    Bug(
        "object id instead of object",
        """
def owner(doc):
    return doc["owner"]["id"]
""",
        'owner({"owner": "u1"})',
        '"u1"',
        (('owner({"owner": {"id": "u2"}})', '"u2"'),),
    ),
)
"""What no template knows: a value of another shape than the code was written for."""
