"""The articles and how they are ranked."""

from typing import Any

from services.search.words import counts, words

ARTICLES = {
    "a1": {"title": "Pruning apple trees", "text": "Prune apple trees in winter. Old apple wood goes.", "year": 2021},
    "a2": {"title": "Apple cake", "text": "A cake of apple and cinnamon.", "year": 2019},
    "a3": {"title": "Winter in the garden", "text": "Cover roses, empty the water barrel.", "year": 2023},
    "a4": {"title": "Roses", "text": "Roses need sun. Prune roses in spring.", "year": 2020},
}
SORTS = {"title": "title", "newest": "year"}
NO_SCORE = 0.0


def score(article: dict[str, Any], terms: list[str]) -> float:
    """How often the terms stand in an article, for each of its words; NO_SCORE for one without words."""
    found = counts(article["title"] + " " + article["text"])
    total = sum(found.values())
    if not total:
        return NO_SCORE
    return round(sum(found.get(term, 0) for term in terms) / total, 4)


def best(scores: dict[str, float]) -> float:
    """The best score; NO_SCORE when there is none."""
    return max(scores.values(), default=NO_SCORE)


def ranked(query: str, articles: dict[str, dict[str, Any]]) -> dict[str, float]:
    """Scores of the articles in which a term of the query stands, the best first."""
    terms = words(query)
    scores = {key: score(article, terms) for key, article in articles.items()}
    hits = [key for key in scores if scores[key] > NO_SCORE]
    return {key: scores[key] for key in sorted(hits, key=lambda key: (-scores[key], key))}


def sort_field(name: str) -> str:
    """The field to sort by, whatever the case of the name."""
    return SORTS[name.lower()]


def allowed(article: dict[str, Any], filters: dict[str, int] | None) -> bool:
    """Whether an article passes the filters ``from`` and ``until`` (years); without filters every one does."""
    for name, year in (filters or {}).items():
        if name == "from" and article["year"] < year:
            return False
        if name == "until" and article["year"] > year:
            return False
    return True


def page(keys: list[str], number: int, size: int) -> list[str]:
    """One page of results, counted from 1; past the end it is empty."""
    start = (number - 1) * size
    return keys[start : start + size]


def neighbours(keys: list[str], key: str) -> list[str]:
    """The keys before and after one in a list; fewer at its ends."""
    at = keys.index(key)
    found = []
    if at > 0:
        found.append(keys[at - 1])
    if at < len(keys) - 1:
        found.append(keys[at + 1])
    return found
