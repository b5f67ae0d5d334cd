from datetime import UTC, datetime

from services.feeds import app, items, merge

ITEM = {"guid": "g1", "title": "One", "published": "2025-03-01T10:00:00+00:00", "author": {"name": "Ann"}}


def test_an_item():
    assert items.key(ITEM) == "g1"
    assert items.author(ITEM) == "Ann"
    assert items.published(ITEM) == datetime(2025, 3, 1, 10, tzinfo=UTC)
    assert items.tag_line({"tags": ["a", "b"]}) == "a, b"


def test_views():
    assert items.views({"views": 3}) == 3
    assert items.views({"views": "12"}) == 12


def test_texts():
    assert items.body({"text": " hello "}) == "hello\n"


def test_repeats_are_left_out():
    assert merge.distinct([ITEM, ITEM]) == [ITEM]


def test_orders():
    later = {**ITEM, "published": "2025-03-02T10:00:00+00:00", "rank": 1}
    assert merge.newest([ITEM, later]) == [later, ITEM]
    assert merge.by_rank([{"rank": 2}, {"rank": 1}]) == [{"rank": 1}, {"rank": 2}]


def test_a_digest():
    assert merge.since([ITEM], "2025-03-01T00:00:00+00:00") == [ITEM]
    assert merge.mean_views([{"views": 3}, {"views": 4}]) == 3
    assert merge.header([ITEM], datetime(2025, 3, 1, tzinfo=UTC)) == "1 items until 2025-03-01"


def test_an_item_as_it_is_shown():
    assert app.shown(ITEM)["language"] == "en"
