from decimal import Decimal

from services.billing import app, payments, plans, tax, usage


def test_seats_beyond_the_included_ones_cost():
    assert plans.seats_cents("start", 5) == 2900
    assert plans.seats_cents("start", 1) == 1900


def test_a_day():
    assert plans.day_cents(3000, 30) == 100


def test_units_beyond_the_free_ones_cost():
    assert usage.metered(["api:120", "api:5"]) == {"api": 125}
    assert usage.cents({"api": 125}) == 50


def test_readings_add_up():
    assert usage.counted([{"units": 3}, {"units": 4}]) == 7


def test_tax():
    assert tax.rate({"country": "DE"}) == Decimal(19)
    assert tax.tax_cents(1000, Decimal(19)) == 190


def test_a_coupon():
    assert tax.discounted(1000, {"percent": 10}) == 900
    assert tax.discounted(1000, None) == 1000


def test_payments():
    found = payments.settle([{"id": "a", "cents": 100}, {"id": "b", "cents": 200}], 250)
    assert found == {"settled": ["a"], "credit_cents": 150}
    assert payments.due("2025-01-01", "net30") == "2025-01-31"
    assert payments.label({"number": 7}) == "7"


def test_an_invoice():
    body = {"plan": "team", "seats": 10, "usage": ["api:100"], "issued": "2025-01-01", "terms": "net14"}
    answer = app.invoiced({**body, "customer": {"country": "FR"}})
    assert answer["net_cents"] == 4900
    assert answer["due"] == "2025-01-15"
