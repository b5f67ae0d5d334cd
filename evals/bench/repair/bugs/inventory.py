"""Bugs in the inventory service."""

from pydantic import JsonValue

from evals.bench.repair.planted import BUGSINPY, DEFECTS4J, PYTER, SSTUBS, TBAR, Bug, Request, Traffic, post

SPRING: JsonValue = {"code": "L1", "expires": "2025-04-30", "quantity": 4}
SUMMER: JsonValue = {"code": "L2", "expires": "2025-08-31", "quantity": 20}
WINTER: JsonValue = {"code": "L3", "expires": "2025-12-31", "quantity": 0}


def _order(wanted: JsonValue, *batches: JsonValue) -> Request:
    return post("/allocations", wanted=wanted, batches=list(batches))


def _day(*moves: tuple[str, JsonValue], receipts: tuple[tuple[int, int], ...] = ((10, 250),)) -> Request:
    return post(
        "/ledgers",
        opening=12,
        moves=[{"kind": kind, "quantity": quantity} for kind, quantity in moves],
        receipts=[{"quantity": quantity, "cents": cents} for quantity, cents in receipts],
        last_cents=240,
    )


def _label(digits: str = "400638133393", tag: str = "E2-0007", zone: str = "cold") -> Request:
    return post("/labels", digits=digits, tag=tag, zone=zone)


def _wish(supplier: JsonValue, needed_on: str = "2025-03-20") -> Request:
    return post("/replenishments", supplier=supplier, needed_on=needed_on)


TRAFFIC = Traffic(
    service="inventory",
    healthy=(
        _order(3, SPRING, SUMMER),
        _order(10, SUMMER, SPRING, WINTER),
        _order(24, SPRING, SUMMER),
        _order(0, SPRING),
        _day(("in", 10), ("out", 4)),
        _day(("out", 2), ("return", 1), ("scrap", 1), receipts=((10, 250), (5, 280))),
        _day(receipts=((1, 199),)),
        _label(),
        _label("501234567890", "E2-0003", "hall-1"),
        _label("978020137962", "E1-0009", "yard"),
        _wish({"country": "AT", "days": 3}),
        _wish({"country": "JP", "days": 21}, "2025-05-02"),
        _wish({"country": "PL", "days": 0}),
    ),
)

BUGS = (
    Bug(
        name="inventory-too-few-pieces",
        kind="condition not specific enough",
        study=f"{SSTUBS}: more specific if; {TBAR} FP3",
        service="inventory",
        path="picking.py",
        function="allocate",
        right="while wanted > 0 and queue:",
        wrong="while wanted > 0:",
        failing=_order(30, SPRING, SUMMER),
        hidden=(_order(5), _order(1, WINTER), _order(25, SUMMER, WINTER, SPRING)),
    ),
    Bug(
        name="inventory-cartons",
        kind="another type not handled",
        study=f"{PYTER}; {TBAR} FP1: insert a cast checker",
        service="inventory",
        path="picking.py",
        function="pieces",
        right="    if isinstance(quantity, dict):\n"
        '        return quantity["cartons"] * quantity["of"] + quantity.get("loose", 0)\n'
        "    return int(quantity)\n",
        wrong="    return int(quantity)\n",
        failing=_order({"cartons": 2, "of": 6}, SPRING, SUMMER),
        hidden=(
            _order({"cartons": 1, "of": 6, "loose": 5}, SPRING, SUMMER),
            _day(("in", {"cartons": 3, "of": 12}), ("out", {"cartons": 0, "of": 12, "loose": 7})),
            _order({"cartons": 0, "of": 6}, SPRING),
        ),
    ),
    Bug(
        name="inventory-kit",
        kind="null dereference",
        study=f"{PYTER}; {TBAR} FP2",
        service="inventory",
        path="picking.py",
        function="lead_days",
        right="    if supplier is None:\n        return ASSEMBLY_DAYS\n",
        wrong="",
        failing=_wish(None),
        hidden=(_wish(None, "2025-03-01"), _wish(None, "2025-01-01"), _wish({"country": "US", "days": 0})),
    ),
    Bug(
        name="inventory-shelf-counted",
        kind="case left out",
        study=f"{DEFECTS4J}: conditional block; {BUGSINPY}",
        service="inventory",
        path="stock.py",
        function="moved",
        right='        case "count":\n            return quantity\n',
        wrong="",
        failing=_day(("out", 2), ("count", 9)),
        hidden=(
            _day(("count", 12)),
            _day(("count", 0), ("in", 5)),
            _day(("in", 3), ("count", 14), ("out", 4), ("count", 11)),
        ),
    ),
    Bug(
        name="inventory-nothing-received",
        kind="division by zero",
        study=f"{TBAR} FP2; PAR (Kim et al., ICSE 2013)",
        service="inventory",
        path="stock.py",
        function="average_cents",
        right="    if quantity == 0:\n        return last_cents\n",
        wrong="",
        failing=_day(("out", 2), receipts=()),
        hidden=(
            _day(("out", 2), receipts=((0, 300), (0, 310))),
            _day(receipts=((0, 300),)),
            _day(("in", 1), receipts=((0, 300), (1, 200))),
        ),
    ),
    Bug(
        name="inventory-check-digit-nought",
        kind="wrong arithmetic at the edge",
        study=f"{TBAR} FP11: mutate operators; {DEFECTS4J}: arithmetic expression",
        service="inventory",
        path="labels.py",
        function="ean",
        right="DIGITS[(10 - weighted % 10) % 10]",
        wrong="DIGITS[10 - weighted % 10]",
        failing=_label("400638133006"),
        hidden=(_label("000000000000"), _label("123456789104"), _label("123456789105")),
    ),
    Bug(
        name="inventory-tag-with-letters",
        kind="argument left out",
        study=f"{SSTUBS}: same function, more arguments",
        service="inventory",
        path="labels.py",
        function="serial",
        right="int(number, 16)",
        wrong="int(number)",
        failing=_label(tag="E2-00A7"),
        hidden=(_label(tag="E2-001F"), _label(tag="E2-0010"), _label(tag="E1-beef")),
    ),
    Bug(
        name="inventory-keeper-further-out",
        kind="return left out",
        study=f"{TBAR} FP12: mutate a return statement; {BUGSINPY}",
        service="inventory",
        path="labels.py",
        function="keeper",
        right="    return keeper(AROUND[zone])\n",
        wrong="    keeper(AROUND[zone])\n",
        failing=_label(zone="cold-a"),
        hidden=(_label(zone="dry"), _label(zone="cage"), _label(zone="cold-b", tag="E2-0001")),
    ),
)
