"""Stock and reservations, through the service's own interface."""

import asyncio

import pytest
from services.inventory import app, holds, stock
from shopkit import testing

ORDER = {"order_id": "o-1", "items": [{"sku": "MUG-006", "quantity": 1}]}


def available(application):
    return testing.get(application, "/stock/TEA-001")


def test_a_level_leaves_the_safety_stock():
    answer = asyncio.run(testing.get(app.build(), "/stock/TEA-001")).json()
    assert answer["available"] == max(0, stock.load()["TEA-001"].on_hand // stock.PALLET - stock.SAFETY)
    assert answer["warehouse"] == stock.load()["TEA-001"].warehouse


def test_a_reservation_lowers_the_level():
    application = app.build()

    async def run():
        before = await available(application)
        reserved = await testing.post(application, "/reservations", ORDER)
        return before.json()["available"] - (await available(application)).json()["available"], reserved

    lowered, reserved = asyncio.run(run())
    assert lowered == 0
    assert reserved.status_code == 201
    assert reserved.json()["warehouses"] == ["harbour"]


def test_a_hold_ends_by_itself():
    kept = holds.Holds(seconds=10)
    kept.hold("TEA-001", 2, now=100.0)
    kept.hold("TEA-001", 1, now=105.0)
    assert [kept.held("TEA-001", now) for now in (100.0, 109.9, 110.0, 115.0)] == [3, 3, 1, 0]


def test_more_than_there_is_cannot_be_reserved():
    order = {**ORDER, "items": [{"sku": "TEA-001", "quantity": 1_000_000}]}
    answer = asyncio.run(testing.post(app.build(), "/reservations", order))
    assert answer.status_code == 422
    assert "left" in answer.json()["error"]


@pytest.mark.parametrize("items", [[], [{"sku": "TEA-001"}], [{"sku": "TEA-001", "quantity": 0}]])
def test_a_broken_order_is_refused(items):
    assert asyncio.run(testing.post(app.build(), "/reservations", {**ORDER, "items": items})).status_code == 422


def test_an_unknown_article_is_not_found():
    assert asyncio.run(testing.get(app.build(), "/stock/HAT-001")).status_code == 404
