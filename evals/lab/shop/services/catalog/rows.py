"""Products as editors left them: rows of a table, kept for a few seconds."""

import json
import sqlite3
from typing import Any

from services.catalog import products
from shopkit import cache, database, flight_recorder

SCHEMA = """
CREATE TABLE IF NOT EXISTS products (sku TEXT PRIMARY KEY, name TEXT, category TEXT, tags TEXT);
"""
ROOM = 500
SECONDS = 3.0

Row = dict[str, Any]


class Rows:
    """The table of products, which begins with those of products.json."""

    def __init__(self) -> None:
        self._database = database.Database(SCHEMA)
        self._cache: cache.Cache[Row | None] = cache.Cache(ROOM, SECONDS)
        self._begun = False

    async def find(self, sku: str) -> products.Product | None:
        """One product, or None."""
        row = await self._cache.get(sku, lambda: self._fetch(sku))
        row = flight_recorder.read("product", lambda: row)
        return None if row is None else product(row)

    async def _fetch(self, sku: str) -> Row | None:
        if not self._begun:
            await self._database.run(_begin)
            self._begun = True
        return await self._database.run(lambda connection: _select(connection, sku))


def product(row: Row) -> products.Product:
    """The product of a row; its tags are a JSON list."""
    return products.Product(row["sku"], row["name"], row["category"], tuple(json.loads(row["tags"])))


def _begin(connection: sqlite3.Connection) -> None:
    connection.executemany(
        "INSERT OR IGNORE INTO products VALUES (?, ?, ?, ?)",
        [(item.sku, item.name, item.category, json.dumps(item.tags)) for item in products.load().values()],
    )


def _select(connection: sqlite3.Connection, sku: str) -> Row | None:
    found = connection.execute("SELECT sku, name, category, tags FROM products WHERE sku = ?", (sku,)).fetchone()
    return None if found is None else dict(zip(("sku", "name", "category", "tags"), found, strict=True))
