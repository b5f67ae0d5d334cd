"""Bugs in the booking service."""

from pydantic import JsonValue

from evals.bench.repair.planted import BUGSINPY, PYTER, SSTUBS, TBAR, Bug, Request, Traffic, post

GOLD: JsonValue = {"name": "Ann Lee", "loyalty": {"level": "gold"}}
SILVER: JsonValue = {"name": "Bo Ek", "loyalty": {"level": "silver"}}
PLAIN: JsonValue = {"name": "Cy Dahl", "loyalty": None}


def _quote(departure: str = "2025-06-03", **changed: JsonValue) -> Request:
    body: dict[str, JsonValue] = {
        "arrival": "2025-06-01",
        "departure": departure,
        "guests": 2,
        "guest": GOLD,
        "children": [4],
    }
    return post("/quotes", **(body | changed))


def _cancel(cancelled: str, cents: int = 10000) -> Request:
    return post("/cancellations", cancelled=cancelled, arrival="2025-06-10", cents=cents)


def _taken(*days: tuple[str, str], wanted: str = "2025-06-02") -> Request:
    stays: list[JsonValue] = [{"arrival": first, "departure": last} for first, last in days]
    return post("/calendar", stays=stays, wanted=wanted)


TRAFFIC = Traffic(
    service="booking",
    healthy=(
        _quote(),
        _quote("2025-06-04", guests=1, guest=SILVER),
        _quote("2025-06-05", guests=4, children=[3, 7]),
        _quote("2025-06-02", agency={"deposit": 10}),
        _quote(guest={"name": "Di Fox", "loyalty": {"level": "bronze"}}),
        _cancel("2025-06-10"),
        _cancel("2025-06-08", 25000),
        _cancel("2025-06-01"),
        _taken(("2025-06-01", "2025-06-04"), ("2025-06-04", "2025-06-09")),
        _taken(("2025-06-01", "2025-06-02")),
    ),
)

BUGS = (
    Bug(
        name="booking-no-card",
        kind="null dereference",
        study=f"{PYTER}; {TBAR} FP2",
        service="booking",
        path="prices.py",
        function="loyalty_percent",
        right='    card = guest.get("loyalty") or {}\n    return LOYALTY_PERCENT.get(card.get("level"), NO_LOYALTY)\n',
        wrong='    level = guest["loyalty"]["level"]\n    return LOYALTY_PERCENT.get(level, NO_LOYALTY)\n',
        failing=_quote(guest=PLAIN),
        hidden=(_quote(guest=PLAIN, guests=1), _quote("2025-06-11", guest=PLAIN, children=[1, 2, 3])),
    ),
    Bug(
        name="booking-no-room",
        kind="first or best of nothing",
        study=f"{BUGSINPY}; {TBAR} FP3",
        service="booking",
        path="rooms.py",
        function="cheapest",
        right='key=lambda name: ROOMS[name]["cents"], default=WAITING_LIST)',
        wrong='key=lambda name: ROOMS[name]["cents"])',
        failing=_quote(guests=9),
        hidden=(_quote(guests=5), _quote("2025-06-09", guests=12, guest=SILVER)),
    ),
    Bug(
        name="booking-spoken-date",
        kind="swapped arguments",
        study=f"{SSTUBS}: same function, swapped arguments",
        service="booking",
        path="stays.py",
        function="day",
        right='datetime.strptime(text, "%d.%m.%Y")',
        wrong='datetime.strptime("%d.%m.%Y", text)',
        failing=_quote(arrival="1.6.2025"),
        hidden=(_quote("4.6.2025"), _quote("24.12.2025", arrival="22.12.2025"), _taken(("1.6.2025", "3.6.2025"))),
    ),
    Bug(
        name="booking-long-stay",
        kind="missing range check",
        study=f"{TBAR} FP3: insert a range checker",
        service="booking",
        path="prices.py",
        function="length_percent",
        right="LENGTH_PERCENT[min(nights, len(LENGTH_PERCENT)) - 1]",
        wrong="LENGTH_PERCENT[nights - 1]",
        failing=_quote("2025-06-08"),
        hidden=(_quote("2025-06-06"), _quote("2025-07-01", guests=4)),
    ),
    Bug(
        name="booking-fee-boundary",
        kind="wrong comparison operator",
        study=f"{SSTUBS}: change of a binary operator",
        service="booking",
        path="prices.py",
        function="fee_percent",
        right="if days_before < len(FEE_PERCENT):",
        wrong="if days_before <= len(FEE_PERCENT):",
        failing=_cancel("2025-06-06"),
        hidden=(_cancel("2025-06-06", 77), _cancel("2025-06-07"), _cancel("2025-06-05")),
    ),
    Bug(
        name="booking-children-left-out",
        kind="missing key",
        study=f"{BUGSINPY}; {TBAR} FP2",
        service="booking",
        path="app.py",
        function="quoted",
        right='children = body.get("children", [])',
        wrong='children = body["children"]',
        failing=post("/quotes", arrival="2025-06-01", departure="2025-06-03", guests=2, guest=SILVER),
        hidden=(
            post("/quotes", arrival="2025-06-01", departure="2025-06-04", guests=1, guest=GOLD),
            post("/quotes", arrival="2025-06-01", departure="2025-06-02", guests=7, guest=GOLD, agency=None),
        ),
    ),
    Bug(
        name="booking-without-children",
        kind="division by zero",
        study=f"{TBAR} FP2; PAR (Kim et al., ICSE 2013)",
        service="booking",
        path="prices.py",
        function="per_child",
        right="    if not children:\n        return 0\n    return",
        wrong="    return",
        failing=_quote(children=[]),
        hidden=(_quote("2025-06-09", children=[]), _quote(children=[], guests=4, guest=SILVER)),
    ),
    Bug(
        name="booking-agency-without-share",
        kind="condition not specific enough",
        study=f"{SSTUBS}: more specific if",
        service="booking",
        path="prices.py",
        function="deposit",
        right='if agency is not None and agency.get("deposit") is not None:',
        wrong="if agency is not None:",
        failing=_quote(agency={"deposit": None}),
        hidden=(_quote("2025-06-06", agency={"deposit": None}), _quote(agency={"deposit": 0}), _quote(agency=None)),
    ),
)
