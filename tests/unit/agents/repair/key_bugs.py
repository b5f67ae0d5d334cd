"""Keys that are missing, misspelt, renamed or of another form."""

from tests.unit.agents.repair.bench import Bug

KEY_BUGS = (
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
)
