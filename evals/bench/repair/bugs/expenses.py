"""Bugs in the expenses service."""

from pydantic import JsonValue

from evals.bench.repair.planted import BUGSINPY, DEFECTS4J, PYTER, TBAR, TSSB, Bug, Request, Traffic, post


def _line(category: str, amount: str, day: str | None = "2025-03-03", **more: JsonValue) -> JsonValue:
    return {"category": category, "amount": amount, "date": day, **more}


def _drive(km: float, day: str = "2025-03-03") -> JsonValue:
    return {"category": "car", "km": km, "date": day}


def _claim(*lines: JsonValue, currency: str = "EUR", **rates: str) -> Request:
    return post("/claims", employee={"name": "Ann Lee"}, currency=currency, rates=dict(rates), lines=list(lines))


def _trip(start: str, end: str, country: str = "DE", grade: str = "staff", nights: tuple[int, ...] = (95,)) -> Request:
    return post("/trips", start=start, end=end, country=country, grade=grade, nights=list(nights))


TRAFFIC = Traffic(
    service="expenses",
    healthy=(
        _claim(_line("meal", "12.50"), _line("train", "48,00", "2025-03-02")),
        _claim(_line("hotel", "110.00", "2025-03-05"), _drive(120, "2025-03-04"), _line("meal", "41,20")),
        _claim(_line("meal", "30.00 USD"), _line("train", "18 USD"), USDEUR="0.92"),
        _claim(_line("hotel", "99.90"), _line("hotel", "-9.90", "2025-03-06"), _line("meal", "1,250.00")),
        _claim(_drive(17)),
        _trip("2025-03-03T07:00", "2025-03-03T19:30"),
        _trip("2025-03-03T07:00", "2025-03-05T12:00", "CH", "lead", (230, 180)),
        _trip("2025-03-03T07:00+01:00", "2025-03-04T16:00-05:00", "US", nights=(200,)),
        _trip("2025-03-03T22:00Z", "2025-03-04T06:00+01:00", nights=()),
    ),
)

_PARSING = """\
    figures = found["figures"].replace("'", "")
    if figures.rfind(",") > figures.rfind("."):
        figures = figures.replace(".", "").replace(",", ".")
    else:
        figures = figures.replace(",", "")
"""

_UNGROUPED = """\
    figures = found["figures"].replace("'", "")
    if figures.rfind(",") < figures.rfind("."):
        figures = figures.replace(",", "")
    figures = figures.replace(",", ".")
"""

BUGS = (
    Bug(
        name="expenses-grouped-by-points",
        kind="format not handled",
        study=f"{DEFECTS4J}: conditional block; {BUGSINPY}",
        service="expenses",
        path="money.py",
        function="parse",
        right=_PARSING,
        wrong=_UNGROUPED,
        failing=_claim(_line("hotel", "1.234,50")),
        hidden=(
            _claim(_line("hotel", "12.345,6 EUR"), _line("hotel", "-1.200,00 EUR", "2025-03-04")),
            _claim(_line("train", "1,234.50")),
            _claim(_line("train", "1'234'567,89"), _line("meal", "1.234.567,89")),
            _claim(_line("meal", "0,99"), _line("meal", "3.000,00 CHF"), CHFEUR="1.05"),
        ),
    ),
    Bug(
        name="expenses-pair-the-other-way",
        kind="case left out",
        study=f"{DEFECTS4J}: conditional block; {BUGSINPY}",
        service="expenses",
        path="money.py",
        function="rate",
        right="    if source + target in rates:\n"
        "        return Decimal(rates[source + target])\n"
        "    return 1 / Decimal(rates[target + source])\n",
        wrong="    return Decimal(rates[source + target])\n",
        failing=_claim(_line("meal", "30.00 USD"), EURUSD="1.08"),
        hidden=(
            _claim(_line("meal", "30.00 USD"), _line("hotel", "90,00 GBP"), EURUSD="1.25", GBPEUR="1.2"),
            _claim(_line("train", "5400 JPY"), _line("train", "27.10"), EURJPY="162.5"),
            _claim(_line("train", "80.00 EUR"), currency="CHF", CHFEUR="1.05"),
        ),
    ),
    Bug(
        name="expenses-half-a-kilometre",
        kind="number types mixed",
        study=f"{PYTER}: unsupported operand; {TSSB}: function around an expression",
        service="expenses",
        path="money.py",
        function="mileage",
        right="Decimal(str(km)) * KM_RATE",
        wrong="km * KM_RATE",
        failing=_claim(_drive(12.5)),
        hidden=(_claim(_drive(0.4), _drive(33.75)), _claim(_drive(99.9), _line("meal", "9.99")), _claim(_drive(0.0))),
    ),
    Bug(
        name="expenses-moment-without-offset",
        kind="naive and aware times",
        study=f"{PYTER}; {BUGSINPY}",
        service="expenses",
        path="policy.py",
        function="moment",
        right="    found = datetime.fromisoformat(text)\n"
        "    return found if found.tzinfo else found.replace(tzinfo=UTC)\n",
        wrong="    return datetime.fromisoformat(text)\n",
        failing=_trip("2025-03-03T07:30+01:00", "2025-03-04T18:00"),
        hidden=(
            _trip("2025-03-03T07:30", "2025-03-04T18:00-05:00", "US"),
            _trip("2025-03-03T23:30+02:00", "2025-03-04T05:45", nights=()),
            _trip("2025-03-03T07:30", "2025-03-03T18:00Z"),
        ),
    ),
    Bug(
        name="expenses-country-not-listed",
        kind="missing key",
        study=f"{BUGSINPY}; {TBAR} FP2",
        service="expenses",
        path="policy.py",
        function="night_ceiling",
        right="NIGHT_CEILING.get(country, NIGHT_CEILING[ELSEWHERE])",
        wrong="NIGHT_CEILING[country]",
        failing=_trip("2025-03-03T07:00", "2025-03-04T20:00", "PT", nights=(130,)),
        hidden=(
            _trip("2025-03-03T07:00", "2025-03-04T20:00", "SE", "lead", (149, 155)),
            _trip("2025-03-03T07:00", "2025-03-04T20:00", "JP", "lead", (300,)),
            _trip("2025-03-03T07:00", "2025-03-03T12:00", "PT", nights=(119, 121)),
        ),
    ),
    Bug(
        name="expenses-refund-cancels",
        kind="changed while iterated",
        study=f"{BUGSINPY}; {TSSB}: function around an expression",
        service="expenses",
        path="claims.py",
        function="totals",
        right="for category in list(sums):",
        wrong="for category in sums:",
        failing=_claim(_line("hotel", "80.00"), _line("hotel", "-80.00", "2025-03-06"), _line("meal", "11.00")),
        hidden=(
            _claim(_line("meal", "11.00"), _line("train", "5,00"), _line("train", "-5,00")),
            _claim(_line("meal", "0.00"), _line("train", "0"), _line("hotel", "0,00")),
            _claim(_line("meal", "8.00"), _drive(0), _line("train", "-3.00")),
        ),
    ),
    Bug(
        name="expenses-guests",
        kind="wrong attribute",
        study=f"{TSSB}: change of an attribute",
        service="expenses",
        path="claims.py",
        function="excess",
        right="heads += len(item.guests)",
        wrong="heads += len(item.guest)",
        failing=_claim(_line("entertainment", "131.00", guests=["Bo", "Cy"])),
        hidden=(
            _claim(_line("entertainment", "45.00", guests=[])),
            _claim(_line("entertainment", "300.00", guests=["Bo", "Cy", "Di", "Ed"]), _line("meal", "44.00")),
            _claim(_line("entertainment", "79.00", guests=["Bo"]), _line("entertainment", "52.00")),
        ),
    ),
    Bug(
        name="expenses-undated-line",
        kind="null compared",
        study=f"{PYTER}: '<' between NoneType and str",
        service="expenses",
        path="claims.py",
        function="chronological",
        right='key=lambda item: (item.date is None, item.date or "")',
        wrong="key=lambda item: item.date",
        failing=_claim(_line("meal", "12.50", None), _line("train", "48,00", "2025-03-02")),
        hidden=(
            _claim(_line("meal", "1", "2025-03-04"), _line("hotel", "2", None), _line("train", "3", "2025-03-02")),
            _claim(_line("meal", "1", None), _line("hotel", "2", None), _line("train", "3", "2025-03-02")),
            _claim(_line("meal", "1", None), _line("hotel", "2", None)),
        ),
    ),
)
