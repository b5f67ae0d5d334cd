"""The door, through the service's own interface."""

import asyncio

import pytest
from services.gateway import app
from shopkit import errors, testing

BASKET = {
    "customer": None,
    "country": "DE",
    "currency": "EUR",
    "method": "card",
    "items": [{"sku": "TEA-001", "quantity": 1}],
    "voucher": None,
}


def build(**answers):
    return app.build(
        testing.FakePeer({"/products/TEA-001": {"sku": "TEA-001", "name": "Assam"}}),
        testing.FakePeer({"/stock/TEA-001": answers.get("stock", {"sku": "TEA-001", "available": 500})}),
        testing.FakePeer({"/quotes": answers.get("quote", {"total_cents": 9}), "/orders": {"status": "placed"}}),
    )


def get(path, **answers):
    return asyncio.run(testing.get(build(**answers), path))


def post(path, body, **answers):
    return asyncio.run(testing.post(build(**answers), path, body))


def test_a_product_may_be_cached():
    answer = get("/products/TEA-001")
    assert answer.json()["name"] == "Assam"
    assert answer.headers["cache-control"] == "public, max-age=60"


@pytest.mark.parametrize(("available", "level", "left"), [(500, "many", None), (3, "few", 3), (0, "none", 0)])
def test_users_learn_the_number_only_of_few(available, level, left):
    answer = get("/stock/TEA-001", stock={"sku": "TEA-001", "available": available}).json()
    assert (answer["level"], answer["left"]) == (level, left)


def test_a_quote_is_never_cached():
    answer = post("/quotes", BASKET)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")


def test_an_order_needs_a_reference():
    assert post("/orders", BASKET).status_code == 422
    assert post("/orders", {**BASKET, "reference": "r1"}).status_code == 201


@pytest.mark.parametrize(
    "broken", [{"items": "x"}, {"items": [{"sku": "tea"}]}, {"country": "Germany"}, {"currency": 3}, {"items": [1]}]
)
def test_a_broken_basket_is_refused(broken):
    assert post("/quotes", {**BASKET, **broken}).status_code == 422


def test_a_sku_is_checked_before_anybody_is_asked():
    assert get("/stock/..%2Fhealthz").status_code in (404, 422)


def test_a_failing_checkout_is_a_bad_gateway():
    answer = post("/quotes", BASKET, quote=errors.UpstreamFailed("checkout", "answered 502"))
    assert answer.status_code == 502
    assert answer.json() == {"error": "a service behind this one failed"}


@pytest.mark.parametrize(
    ("answer", "rating"),
    [
        ({"sku": "TEA-001", "stars": 4.3, "reviews": 3}, {"stars": 4.3, "reviews": 3}),
        (errors.UpstreamFailed("ratings", "answered 500"), None),
        (errors.UpstreamRefused("ratings", 404, {}), None),
    ],
)
def test_a_product_is_shown_with_its_rating_or_without(answer, rating):
    application = app.build(
        testing.FakePeer({"/products/TEA-001": {"sku": "TEA-001", "name": "Assam"}}),
        testing.FakePeer({}),
        testing.FakePeer({}),
        testing.FakePeer({"/ratings/TEA-001": answer}),
    )
    found = asyncio.run(testing.get(application, "/products/TEA-001")).json()
    assert (found["name"], found["rating"]) == ("Assam", rating)


def test_without_reviews_there_are_none_to_read():
    assert get("/products/TEA-001/reviews").status_code == 404
