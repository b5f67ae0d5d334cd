"""When an article leaves its warehouse."""

from services.inventory.stock import Article

DAYS = {"north": 1, "harbour": 2}
"""Days from order to dispatch, by warehouse."""


def days(article: Article) -> int:
    """In how many days an article leaves."""
    return DAYS[article.warehouse]


def slowest(articles: list[Article]) -> int:
    """In how many days everything has left."""
    return max(days(article) for article in articles)
