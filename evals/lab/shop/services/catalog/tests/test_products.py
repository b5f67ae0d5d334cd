"""Products, through the service's own interface."""

import asyncio

import pytest
from services.catalog import app
from shopkit import testing


def get(path):
    return asyncio.run(testing.get(app.build(), path))


def test_a_product_is_described_with_its_relatives():
    answer = get("/products/TEA-004").json()
    assert (answer["name"], answer["category"]) == ("Sencha", "tea")
    assert answer["related"][0] == "TEA-002"


def test_an_unknown_product_is_not_found():
    assert get("/products/HAT-001").status_code == 404


def test_a_category_comes_in_pages():
    first = get("/products").json()
    assert (first["page"], first["pages"], len(first["products"])) == (1, 3, 10)
    assert len(get("/products?page=3").json()["products"]) == 4


def test_every_word_must_be_found():
    assert [product["sku"] for product in get("/products?category=tea&search=green organic").json()["products"]] == [
        "TEA-005"
    ]
    assert get("/products?search=unobtainable").json() == {"page": 1, "pages": 1, "products": []}


@pytest.mark.parametrize("page", ["0", "-1", "two"])
def test_a_page_is_a_number_from_one_on(page):
    assert get(f"/products?page={page}").status_code == 422
