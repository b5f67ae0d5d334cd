"""Taking the money."""

import asyncio

from services.payment import app, charges, instalments
from shopkit import errors, testing

MEMBER = {"id": "c1", "country": "FR", "membership": {"tier": "silver", "since": "2020-01-01"}}
BODY = {"order_id": "o-1", "customer": MEMBER, "amount_cents": 5_000, "currency": "EUR", "method": "card"}


def pay(body, score=10, ledger=None):
    fraud = testing.FakePeer({"/scores": {"score": score, "reasons": []}})
    ledger = ledger or testing.FakePeer({"/entries": {"entry_id": "e-1"}})
    return asyncio.run(testing.post(app.build(fraud, ledger), "/charges", body)), ledger


def test_a_charge_is_entered_and_answered():
    answer, ledger = pay(BODY)
    assert answer.status_code == 200
    assert answer.json()["status"] == "paid"
    assert answer.json()["entry_id"] == "e-1"
    assert answer.json()["total_cents"] == 5_150
    (_, entry), = ledger.asked
    assert entry["charge_id"] == answer.json()["charge_id"]


def test_an_entry_balances():
    _, ledger = pay(BODY)
    lines = ledger.asked[0][1]["lines"]
    assert sum(line["cents"] if line["side"] == "debit" else -line["cents"] for line in lines) == 0


def test_a_guest_is_charged_on_standard_terms():
    assert pay({**BODY, "customer": None})[0].json()["fee_cents"] == 175


def test_a_blocked_customer_is_declined_and_nothing_is_entered():
    answer, ledger = pay(BODY, score=95)
    assert (answer.status_code, answer.json()["status"]) == (402, "declined")
    assert not ledger.asked


def test_the_same_order_has_the_same_charge():
    assert charges.charge_id("o-1") == charges.charge_id("o-1") != charges.charge_id("o-2")


def test_a_failing_ledger_is_a_bad_gateway():
    answer, _ = pay(BODY, ledger=testing.FakePeer({"/entries": errors.UpstreamFailed("ledger", "answered 500")}))
    assert answer.status_code == 502


def test_an_order_id_is_required():
    assert pay({key: value for key, value in BODY.items() if key != "order_id"})[0].status_code == 422


def test_small_totals_are_not_split():
    assert instalments.allowed({"instalments": 6}, "low", 2_500) == 2
    assert instalments.allowed({"instalments": 6}, "low", 900) == 1
