"""Days of dispatch."""

from services.inventory import dispatch, stock


def article(warehouse):
    return stock.Article("TEA-001", 10, warehouse)


def test_each_warehouse_has_its_days():
    assert dispatch.days(article("north")) == 1
    assert dispatch.days(article("harbour")) == 2


def test_an_order_waits_for_its_slowest_article():
    assert dispatch.slowest([article("north"), article("harbour")]) == 2
