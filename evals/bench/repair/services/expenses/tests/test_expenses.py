from decimal import Decimal

import pytest
from services.expenses import claims, money, policy


@pytest.mark.parametrize(("text", "value"), [("12.50", "12.50"), ("9,90", "9.90"), ("7", "7"), ("-3.20", "-3.20")])
def test_amounts(text, value):
    assert money.parse(text, "EUR") == money.Money(Decimal(value), "EUR")


def test_no_amount():
    with pytest.raises(ValueError, match="not an amount"):
        money.parse("twelve", "EUR")


def test_foreign_amounts():
    paid = money.parse("10.00 USD", "EUR")
    assert money.converted(paid, "EUR", {"USDEUR": "0.92"}) == Decimal("9.20")


def test_mileage():
    assert money.mileage(120) == Decimal("36.00")


def test_totals():
    lines = [claims.Line("meal", Decimal(10)), claims.Line("train", Decimal(5)), claims.Line("meal", Decimal(2))]
    assert claims.totals(lines) == {"meal": Decimal(12), "train": Decimal(5)}


def test_chronological():
    lines = [claims.Line("meal", Decimal(1), "2025-03-04"), claims.Line("train", Decimal(2), "2025-03-03")]
    assert [item.category for item in claims.chronological(lines)] == ["train", "meal"]


def test_expensive_meals():
    assert claims.excess(claims.Line("meal", Decimal("41.50"))) == Decimal("1.50")
    assert claims.excess(claims.Line("train", Decimal(300))) == 0


def test_trips():
    assert policy.hours("2025-03-03T07:00", "2025-03-04T16:30") == 33.5
    assert policy.allowance(33.5) == 42
    assert policy.allowance(6) == 0
    assert policy.night_ceiling("CH", "lead") == 220
