"""What paying costs, through the service's own interface."""

import asyncio

import pytest
from services.payment import app
from shopkit import testing

MEMBER = {"id": "c1", "email": "a@example.org", "country": "DE", "membership": {"tier": "gold", "since": "2021-05-01"}}


def ask(body, score=10):
    fraud = testing.FakePeer({"/scores": {"score": score, "reasons": []}})
    return asyncio.run(testing.post(app.build(fraud, testing.FakePeer({})), "/quotes", body)), fraud


def quote(customer, amount=10_000, method="card", **rest):
    return {"customer": customer, "amount_cents": amount, "currency": "EUR", "method": method, **rest}


def member(tier):
    return {**MEMBER, "membership": {"tier": tier, "since": "2021-05-01"}}


@pytest.mark.parametrize(
    ("tier", "fee", "parts"), [("silver", 270, 3), ("gold", 200, 6), ("staff", 0, 1), ("platinum", 320, 1)]
)
def test_a_member_pays_on_the_terms_of_the_tier(tier, fee, parts):
    answer, _ = ask(quote(member(tier)))
    assert answer.status_code == 200
    assert answer.json()["fee_cents"] == fee
    assert len(answer.json()["instalments"]) == parts


def test_a_guest_pays_on_standard_terms():
    answer, fraud = ask(quote(None))
    assert answer.json() == {
        "amount_cents": 10_000,
        "fee_cents": 320,
        "total_cents": 10_320,
        "currency": "EUR",
        "instalments": [{"number": 1, "amount_cents": 10_320}],
    }
    assert fraud.asked[0][1]["customer_id"] is None


def test_the_method_adds_its_surcharge():
    assert ask(quote(member("silver"), method="invoice"))[0].json()["fee_cents"] == 270 + 150


def test_instalments_add_up_to_the_total():
    price = ask(quote(member("gold"), amount=9_999))[0].json()
    assert sum(part["amount_cents"] for part in price["instalments"]) == price["total_cents"]
    assert price["fee_cents"] == 200


def test_a_risky_amount_is_paid_at_once():
    assert len(ask(quote(member("gold")), score=75)[0].json()["instalments"]) == 1


def test_fraud_is_told_who_pays_how_much():
    _, fraud = ask(quote(MEMBER, amount=700))
    assert fraud.asked == [
        ("/scores", {"customer_id": "c1", "country": "DE", "amount_cents": 700, "currency": "EUR"})
    ]


@pytest.mark.parametrize(
    "broken", [{"currency": "XXX"}, {"method": "gold bars"}, {"amount_cents": -1}, {"amount_cents": "12"}, {"customer": 3}]
)
def test_what_cannot_be_priced_is_refused(broken):
    answer, fraud = ask({**quote(MEMBER), **broken})
    assert answer.status_code == 422
    assert not fraud.asked
