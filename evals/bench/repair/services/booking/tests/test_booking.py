from datetime import date

from services.booking import app, prices, rooms, stays


def test_two_nights_cost_a_little_less():
    assert prices.total(10000, 2, {"name": "A", "loyalty": {"level": "gold"}}) == 17100


def test_the_cheapest_room_that_fits():
    assert rooms.cheapest(2) == "double"
    assert rooms.night_cents("double") == 11900


def test_a_quote():
    body = {"arrival": "2025-06-01", "departure": "2025-06-03", "guests": 1, "children": [4]}
    answer = app.quoted({**body, "guest": {"name": "A", "loyalty": {"level": "silver"}}})
    assert answer["nights"] == 2
    assert answer["child_cents"] == 3000


def test_late_cancellations_cost_more():
    assert prices.fee_percent(0) == 100
    assert prices.fee_percent(2) == 50


def test_days():
    assert stays.day("2025-06-01") == date(2025, 6, 1)
    assert stays.longest([{"arrival": "2025-06-01", "departure": "2025-06-04"}]) == 3


def test_the_first_free_day():
    taken = [{"arrival": "2025-06-01", "departure": "2025-06-04"}]
    assert stays.first_free(taken, "2025-06-02") == "2025-06-04"


def test_the_deposit():
    assert prices.deposit(10000, None) == 2000
    assert prices.deposit(10000, {"deposit": 10}) == 1000
