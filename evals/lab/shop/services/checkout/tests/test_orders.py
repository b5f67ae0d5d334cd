"""Quotes and orders, through the service's own interface."""

import asyncio

import pytest
from services.checkout import app
from shopkit import errors, testing

CUSTOMER = {"id": "c1", "email": "a@example.org", "country": "FR", "membership": {"tier": "gold", "since": "2020-01-01"}}
BASKET = {
    "items": [{"sku": "TEA-001", "quantity": 2}],
    "customer": CUSTOMER,
    "country": "FR",
    "currency": "EUR",
    "method": "card",
    "voucher": None,
}
PRICES = {"subtotal_cents": 1_050, "discount_cents": 50, "total_cents": 1_000, "missing_cents": 0}
PAID = {"fee_cents": 38, "total_cents": 1_038, "instalments": [], "charge_id": "ch-1"}


class Shop:
    """Checkout among doubles."""

    def __init__(self, **changed):
        self.peers = {
            "pricing": testing.FakePeer({"/prices": changed.get("prices", PRICES)}),
            "payment": testing.FakePeer(
                {"/quotes": changed.get("quoted", PAID), "/charges": changed.get("charged", PAID)}
            ),
            "inventory": testing.FakePeer({"/reservations": changed.get("reserved", {"warehouses": ["north"]})}),
            "notify": testing.FakePeer({"/messages": changed.get("told", {"length": 9})}),
        }

    def post(self, path, **changed):
        return asyncio.run(testing.post(app.build(**self.peers), path, {**BASKET, **changed}))


def test_a_quote_puts_prices_and_fee_together():
    shop = Shop()
    assert shop.post("/quotes").json() == {
        "currency": "EUR",
        "goods_cents": 1_050,
        "discount_cents": 50,
        "fee_cents": 38,
        "total_cents": 1_038,
        "instalments": [],
        "hint_cents": 0,
    }
    assert shop.peers["payment"].asked[0][1]["amount_cents"] == 1_000


def test_an_order_is_reserved_paid_and_told():
    shop = Shop()
    answer = shop.post("/orders", reference="r1")
    assert answer.status_code == 201
    assert answer.json()["order_id"] == "o-r1"
    assert shop.peers["inventory"].asked[0][1]["order_id"] == "o-r1"
    (_, message), = shop.peers["notify"].asked
    assert (message["language"], message["values"]["total"]) == ("fr", "10.38 EUR")


def test_a_guest_is_not_told():
    shop = Shop()
    assert shop.post("/orders", reference="r1", customer=None).status_code == 201
    assert not shop.peers["notify"].asked


def test_a_declined_payment_is_answered_as_such():
    shop = Shop(charged=errors.UpstreamRefused("payment", 402, {"status": "declined"}))
    answer = shop.post("/orders", reference="r1")
    assert (answer.status_code, answer.json()["status"]) == (402, "declined")


def test_an_order_survives_a_message_that_does_not():
    assert Shop(told=errors.UpstreamFailed("notify", "answered 500")).post("/orders", reference="r1").status_code == 201


@pytest.mark.parametrize("path", ["/quotes", "/orders"])
def test_a_failing_payment_is_a_bad_gateway(path):
    failed = errors.UpstreamFailed("payment", "answered 500")
    assert Shop(quoted=failed, charged=failed).post(path, reference="r1").status_code == 502


def test_a_refused_basket_keeps_its_reason():
    refused = errors.UpstreamRefused("pricing", 404, {"error": "no price for HAT-001"})
    answer = Shop(prices=refused).post("/quotes")
    assert (answer.status_code, answer.json()) == (404, {"error": "no price for HAT-001"})


@pytest.mark.parametrize("broken", [{"items": []}, {"items": "all"}, {"reference": "a b"}])
def test_a_broken_basket_is_refused(broken):
    assert Shop().post("/orders", **{"reference": "r1", **broken}).status_code == 422
