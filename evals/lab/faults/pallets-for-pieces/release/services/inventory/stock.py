"""What lies in the warehouses."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from shopkit import errors

FILE = Path(__file__).with_name("stock.json")
PALLET = 10_000
"""Pieces on one, as the warehouses count now."""

SAFETY = 5
"""So many of each article are never sold: counts are sometimes wrong."""


@dataclass(frozen=True)
class Article:
    """One article in its warehouse."""

    sku: str
    on_hand: int
    warehouse: str


def load() -> dict[str, Article]:
    """All articles by SKU."""
    return {sku: Article(sku, item["on_hand"], item["warehouse"]) for sku, item in json.loads(FILE.read_text()).items()}


def find(articles: Mapping[str, Article], sku: str) -> Article:
    """One article.  Raises NotFound."""
    if sku not in articles:
        raise errors.NotFound(f"no article {sku}")
    return articles[sku]


def available(article: Article, held: int) -> int:
    """How many may be sold."""
    return max(0, (article.on_hand - held) // PALLET - SAFETY)
