"""Products, from products.json."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("products.json")


@dataclass(frozen=True)
class Product:
    """Something that is sold."""

    sku: str
    name: str
    category: str
    tags: tuple[str, ...]


def load() -> dict[str, Product]:
    """All products by SKU."""
    items = json.loads(FILE.read_text())
    return {item["sku"]: Product(item["sku"], item["name"], item["category"], tuple(item["tags"])) for item in items}


def described(product: Product) -> dict[str, Any]:
    """A product as it is answered."""
    return {
        "sku": product.sku,
        "name": product.name,
        "category": product.category,
        "tags": list(product.tags),
    }
