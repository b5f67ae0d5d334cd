"""Finding products."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.catalog.products import Product, described
from shopkit import errors

PAGE = 10
RELATED = 3


def select(shelf: Mapping[str, Product], category: str | None, words: str | None) -> list[Product]:
    """The products of a category whose name or tags hold every word, by SKU."""
    wanted = (words or "").lower().split()
    found = [product for product in shelf.values() if category in (None, product.category)]
    return sorted((product for product in found if _holds(product, wanted)), key=lambda product: product.sku)


def page_number(text: str) -> int:
    """A page's number, from 1 on."""
    if not text.isdecimal() or int(text) < 1:
        raise errors.BadRequest("page must be a number from 1 on")
    return int(text)


def page_of(found: Sequence[Product], page: int) -> dict[str, Any]:
    """One page of a selection, and how many pages there are."""
    first = (page - 1) * PAGE
    return {
        "page": page,
        "pages": max(1, -(-len(found) // PAGE)),
        "products": [described(product) for product in found[first : first + PAGE]],
    }


def related(shelf: Mapping[str, Product], to: Product) -> list[str]:
    """SKUs of the products that share most tags with one, the closest first."""
    others = [product for product in shelf.values() if product.sku != to.sku]
    others.sort(key=lambda product: (-len(set(product.tags) & set(to.tags)), product.sku))
    return [product.sku for product in others[:RELATED]]


FEATURED = {"tea": "TEA-002", "coffee": "COF-007"}
"""The product that is shown first beside the others of its category.  A category without one shows the closest only."""


def alike(shelf: Mapping[str, Product], to: Product) -> list[str]:
    """SKUs of products of the same category: the featured one, then those that share most tags, at most RELATED."""
    same = {sku: product for sku, product in shelf.items() if product.category == to.category}
    first = FEATURED[to.category]
    return [first, *(sku for sku in related(same, to) if sku != first)][:RELATED]


def _holds(product: Product, words: Sequence[str]) -> bool:
    text = " ".join((product.name, *product.tags)).lower()
    return all(word in text for word in words)
