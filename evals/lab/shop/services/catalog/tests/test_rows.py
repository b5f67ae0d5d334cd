"""Products as rows, the cache in front of them, and the flag."""

import asyncio
import sqlite3

import pytest
from services.catalog import products, rows, search
from shopkit import cache, flags


@pytest.fixture
def file(tmp_path, monkeypatch):
    path = tmp_path / "catalog.db"
    monkeypatch.setenv("DATABASE_FILE", str(path))
    return path


def test_a_product_is_what_its_row_says(file):
    async def run():
        first = await rows.Rows().find("TEA-004")
        with sqlite3.connect(file) as connection:
            connection.execute("UPDATE products SET name = 'Sencha, new harvest' WHERE sku = 'TEA-004'")
        return first, await rows.Rows().find("TEA-004")

    first, second = asyncio.run(run())
    assert first == products.load()["TEA-004"]
    assert second.name == "Sencha, new harvest"


def test_a_product_without_a_row_is_not_there(file):
    assert asyncio.run(rows.Rows().find("HAT-001")) is None


def test_the_cache_keeps_the_newest_and_asks_once():
    kept = cache.Cache(room=2, seconds=60)
    asked = []

    async def run():
        for key in ("a", "a", "b", "c", "a"):

            async def fetch(key=key):
                asked.append(key)
                return key

            await kept.get(key, fetch)

    asyncio.run(run())
    assert asked == ["a", "b", "c", "a"]


def test_an_entry_that_is_too_old_is_fetched_again():
    kept = cache.Cache(room=2, seconds=0)

    async def run():
        async def fetch():
            return object()

        return await kept.get("a", fetch) is await kept.get("a", fetch)

    assert asyncio.run(run()) is False


def test_a_flag_without_a_file_is_off():
    assert flags.enabled("related-by-category") is False


def test_relatives_may_be_of_the_same_category_only():
    shelf = products.load()
    assert {shelf[sku].category for sku in search.alike(shelf, shelf["TEA-003"])} == {"tea"}
