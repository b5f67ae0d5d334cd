"""Prices, through the service's own interface."""

import asyncio

import pytest
from services.pricing import app, vouchers
from shopkit import testing

BASKET = {"items": [{"sku": "TEA-001", "quantity": 2}, {"sku": "MUG-001", "quantity": 1}], "currency": "EUR"}
TEN = {"code": "TEN", "kind": "percent", "percent": 10, "minimum_cents": 2_000}
FIVE = {"code": "FIVE", "kind": "amount", "amount_cents": 500, "minimum_cents": 3_000}


def price(**changed):
    return asyncio.run(testing.post(app.build(), "/prices", {**BASKET, **changed}))


def test_a_basket_costs_the_sum_of_its_lines():
    assert price().json() == {
        "currency": "EUR",
        "subtotal_cents": 2_245,
        "discount_cents": 0,
        "total_cents": 2_245,
        "missing_cents": 0,
    }


@pytest.mark.parametrize(("currency", "subtotal"), [("GBP", 452 * 2 + 1_028), ("USD", 567 * 2 + 1_291)])
def test_other_currencies_are_rounded_per_unit(currency, subtotal):
    assert price(currency=currency).json()["subtotal_cents"] == subtotal


def test_many_of_one_article_are_cheaper():
    assert price(items=[{"sku": "TEA-001", "quantity": 10}]).json()["subtotal_cents"] == 5_250 - 262


def test_a_percentage_is_rounded_down():
    assert price(voucher=TEN).json()["discount_cents"] == 224


def test_a_voucher_does_not_count_below_its_minimum():
    answer = price(voucher=FIVE).json()
    assert (answer["discount_cents"], answer["missing_cents"]) == (0, 755)


def test_an_amount_is_taken_off():
    assert price(voucher={**FIVE, "minimum_cents": 2_245}).json()["total_cents"] == 1_745


def test_no_voucher_takes_more_than_half():
    assert vouchers.discount_cents({**FIVE, "amount_cents": 5_000}, 4_000) == 2_000
    assert vouchers.discount_cents({**TEN, "percent": 80}, 4_000) == 2_000


@pytest.mark.parametrize(
    "broken",
    [
        {"currency": "XXX"},
        {"items": [{"sku": "TEA-001", "quantity": 0}]},
        {"items": [{"sku": "TEA-001"}]},
        {"voucher": "TEN"},
        {"voucher": {"kind": "percent"}},
    ],
)
def test_what_cannot_be_priced_is_refused(broken):
    assert price(**broken).status_code == 422


def test_an_unknown_article_has_no_price():
    assert price(items=[{"sku": "HAT-001", "quantity": 1}]).status_code == 404


def test_one_article_can_be_asked_for():
    answer = asyncio.run(testing.get(app.build(), "/prices/TEA-002?currency=GBP"))
    assert answer.json() == {"sku": "TEA-002", "currency": "GBP", "unit_cents": 516}
