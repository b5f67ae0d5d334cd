"""Booking, through the service's own interface."""

import asyncio

from services.ledger import app, books, entries
from shopkit import testing

LINES = [
    {"account": "receivable", "side": "debit", "cents": 120},
    {"account": "merchant", "side": "credit", "cents": 100},
    {"account": "fees", "side": "credit", "cents": 20},
]
BODY = {"charge_id": "ch-1", "currency": "EUR", "lines": LINES}


def test_a_balanced_entry_is_booked():
    answer = asyncio.run(testing.post(app.build(), "/entries", BODY))
    assert answer.status_code == 201
    assert answer.json() == {"entry_id": entries.entry_id("ch-1"), "cents": 120}


def test_an_unbalanced_entry_is_refused():
    answer = asyncio.run(testing.post(app.build(), "/entries", {**BODY, "lines": LINES[:2]}))
    assert answer.status_code == 422


def test_an_unknown_account_is_refused():
    lines = [{**LINES[0], "account": "pocket"}, *LINES[1:]]
    assert asyncio.run(testing.post(app.build(), "/entries", {**BODY, "lines": lines})).status_code == 422


def test_a_repeated_entry_counts_once():
    application = app.build()

    async def twice():
        for _ in range(2):
            await testing.post(application, "/entries", BODY)
        return await testing.get(application, "/accounts/fees")

    assert asyncio.run(twice()).json() == {"account": "fees", "balance": -20}


def test_old_entries_are_forgotten_but_not_their_money():
    kept = books.Books()
    for number in range(books.REMEMBERED + 1):
        kept.book(entries.Entry(f"e-{number}", "EUR", (entries.Line("fees", -1), entries.Line("receivable", 1))))
    assert kept.balance("fees") == -books.REMEMBERED - 1


def test_an_unknown_account_has_no_balance():
    assert asyncio.run(testing.get(app.build(), "/accounts/pocket")).status_code == 404
