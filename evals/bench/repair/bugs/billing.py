"""Bugs in the billing service."""

from pydantic import JsonValue

from evals.bench.repair.planted import BUGSINPY, DEFECTS4J, PYTER, SSTUBS, TBAR, TSSB, Bug, Request, Traffic, post


def _invoice(**changed: JsonValue) -> Request:
    body: dict[str, JsonValue] = {
        "plan": "team",
        "seats": 12,
        "usage": ["api:120", "api:30"],
        "issued": "2025-03-01",
        "customer": {"country": "DE"},
        "terms": "net30",
    }
    return post("/invoices", **(body | changed))


def _prorate(days: int, left: int = 0, plan: str = "start") -> Request:
    return post("/prorations", plan=plan, seats=4, days=days, left=left)


def _pay(paid: int, *cents: int) -> Request:
    invoices: list[JsonValue] = [{"id": f"i{number}", "cents": each} for number, each in enumerate(cents, start=1)]
    return post("/payments", invoices=invoices, paid_cents=paid)


def _meters(*units: JsonValue) -> Request:
    return post("/meters", readings=[{"units": each} for each in units])


def _remind(*invoices: JsonValue) -> Request:
    return post("/reminders", invoices=list(invoices))


TRAFFIC = Traffic(
    service="billing",
    healthy=(
        _invoice(),
        _invoice(customer={"country": "FR", "vat_id": "FR12"}, terms="net14"),
        _invoice(plan="start", seats=1, usage=["api:50"], customer={"country": "NL"}),
        _invoice(coupon={"percent": 10}, seats=30),
        _prorate(30, 10),
        _prorate(31, 31, "team"),
        _pay(250, 100, 200),
        _pay(50, 100),
        _pay(299, 100, 100, 100),
        _meters(3, 4),
        _meters(0),
        _remind({"number": 7}, {"number": 8, "reference": ""}),
        _remind({"number": 12}),
    ),
)

BUGS = (
    Bug(
        name="billing-all-seats",
        kind="null operand",
        study=f"{PYTER}: unsupported operand NoneType",
        service="billing",
        path="plans.py",
        function="extra_seats",
        right="    if included is None:\n        return 0\n    return",
        wrong="    return",
        failing=_invoice(plan="enterprise"),
        hidden=(_invoice(plan="enterprise", seats=400), _prorate(30, 3, "enterprise")),
    ),
    Bug(
        name="billing-no-days",
        kind="division by zero",
        study=f"{TBAR} FP2; PAR (Kim et al., ICSE 2013)",
        service="billing",
        path="plans.py",
        function="day_cents",
        right="return cents // days if days else 0",
        wrong="return cents // days",
        failing=_prorate(0),
        hidden=(_prorate(0, 5), _prorate(0, 0, "team"), _prorate(28, 1)),
    ),
    Bug(
        name="billing-metric-with-colon",
        kind="values to unpack",
        study=f"{BUGSINPY}; {SSTUBS}: same function, more arguments",
        service="billing",
        path="usage.py",
        function="metered",
        right='metric, units = line.rsplit(":", 1)',
        wrong='metric, units = line.split(":")',
        failing=_invoice(usage=["eu:api:7"]),
        hidden=(_invoice(usage=["eu:api:70", "api:300", "eu:api:1"]), _invoice(usage=["storage:5", "eu:api:2"])),
    ),
    Bug(
        name="billing-units-as-text",
        kind="number as text",
        study=f"{PYTER}: type conversion; {TSSB}: function around an expression",
        service="billing",
        path="usage.py",
        function="counted",
        right='sum(int(reading["units"]) for reading in readings)',
        wrong='sum(reading["units"] for reading in readings)',
        failing=_meters(3, "12"),
        hidden=(_meters("7"), _meters("1", 2, "3"), _meters("0", "0")),
    ),
    Bug(
        name="billing-nothing-free",
        kind="missing key",
        study=f"{BUGSINPY}; {TBAR} FP2",
        service="billing",
        path="usage.py",
        function="cents",
        right="free = FREE_UNITS.get(metric, NO_FREE_UNITS)",
        wrong="free = FREE_UNITS[metric]",
        failing=_invoice(usage=["storage:5"]),
        hidden=(_invoice(usage=["storage:1", "api:101"]), _invoice(usage=["eu:api:9"], seats=1)),
    ),
    Bug(
        name="billing-fraction-of-percent",
        kind="mixed number types",
        study=f"{PYTER}: Decimal and float; {TSSB}: function around an expression",
        service="billing",
        path="tax.py",
        function="discounted",
        right='Decimal(100) - Decimal(str(coupon["percent"]))',
        wrong='Decimal(100) - coupon["percent"]',
        failing=_invoice(coupon={"percent": 12.5}),
        hidden=(_invoice(coupon={"percent": 0.5}, seats=11), _invoice(coupon={"percent": 33.3}, plan="start", seats=3)),
    ),
    Bug(
        name="billing-no-terms",
        kind="null dereference",
        study=f"{PYTER}; {TBAR} FP2",
        service="billing",
        path="payments.py",
        function="due",
        right="days = STANDARD_DAYS if terms is None else PAYMENT_DAYS[terms.lower()]",
        wrong="days = PAYMENT_DAYS[terms.lower()]",
        failing=_invoice(terms=None),
        hidden=(_invoice(terms=None, issued="2025-12-20"), _invoice(terms="NET30")),
    ),
    Bug(
        name="billing-own-reference",
        kind="wrong function name",
        study=f"{SSTUBS}: wrong function name",
        service="billing",
        path="payments.py",
        function="label",
        right="({invoice['reference'].strip()})",
        wrong="({invoice['reference'].trim()})",
        failing=_remind({"number": 9, "reference": " PO-7 "}),
        hidden=(
            _remind({"number": 1, "reference": "x  "}, {"number": 2}),
            _remind({"number": 3, "reference": "  a b"}),
        ),
    ),
    Bug(
        name="billing-all-paid",
        kind="loop runs past the end",
        study=f"{DEFECTS4J}: loop condition; {TBAR} FP6",
        service="billing",
        path="payments.py",
        function="settle",
        right="""    for invoice in invoices:
        if invoice["cents"] > left:
            break
        left -= invoice["cents"]
        settled.append(invoice["id"])
""",
        wrong="""    at = 0
    while invoices[at]["cents"] <= left:
        left -= invoices[at]["cents"]
        settled.append(invoices[at]["id"])
        at += 1
""",
        failing=_pay(300, 100, 200),
        hidden=(_pay(1000, 100), _pay(0, 0), _pay(99, 100, 1)),
    ),
)
