"""Scores, through the service's own interface."""

import asyncio

import pytest
from services.fraud import app
from shopkit import testing

PAYMENT = {"customer_id": "c1", "country": "DE", "amount_cents": 4_000, "currency": "EUR"}


@pytest.fixture(autouse=True)
def fast_model(monkeypatch):
    monkeypatch.setenv("MODEL_MS", "0")


def score(**changed):
    return asyncio.run(testing.post(app.build(), "/scores", {**PAYMENT, **changed})).json()


@pytest.mark.parametrize(
    ("changed", "expected", "reasons"),
    [
        ({}, 5, []),
        ({"customer_id": None, "country": None}, 15, ["guest"]),
        ({"country": "GB"}, 30, ["abroad", "foreign currency"]),
        ({"country": "US", "currency": "USD"}, 15, ["abroad"]),
        ({"amount_cents": 100_000}, 30, ["large amount"]),
        ({"amount_cents": 2_000_000, "customer_id": None, "country": "US", "currency": "EUR"}, 100, None),
    ],
)
def test_each_finding_adds_its_points(changed, expected, reasons):
    answer = score(**changed)
    assert answer["score"] == expected
    assert reasons is None or answer["reasons"] == reasons


def test_a_payment_without_an_amount_is_refused():
    answer = asyncio.run(testing.post(app.build(), "/scores", {"customer_id": None}))
    assert answer.status_code == 422


def test_rules_explain_themselves():
    rules = asyncio.run(testing.get(app.build(), "/rules")).json()["rules"]
    assert {"name": "unknown_customer", "why": "Guests have no history."} in rules
