import pytest
from services.jobs import access, files, logs, orders, showing
from services.jobs.errors import Denied, Problem


def test_move():
    store = files.Store({"a/b": 1})
    store.move("a/b", "a/c")
    assert store.files == {"a/c": 1}
    with pytest.raises(Problem):
        store.move("a/c", "a/c")


def test_placed():
    assert files.placed("/srv/a") == {"bucket": None, "name": "/srv/a"}


def test_copying():
    assert files.copying("t", [["a", "int"], ["b", "text"]], "s") == "COPY t (a,b) FROM 's'"
    assert files.copying("t", [], "s") == "COPY t  FROM 's'"


def test_metrics():
    assert showing.metrics(showing.Collector({})) == {"text": "", "headers": {}}


def test_parsed():
    assert showing.parsed("[[1, 2], [3]]") == ((1, 2), (3,))
    assert showing.parsed("((1, 2), (3,))") == ((1, 2), (3,))


def test_meter():
    assert showing.meter(5, 10, 2, 1) == {"done": 5, "total": 10, "rate": 2, "share": 0.5}
    assert showing.meter(5, 10, None, 1000)["done"] == 5000


def test_retried():
    assert showing.retried({"comment": ""}, 3, 2) == "  It is tried again in 3 seconds, 2 times at most."


def test_states():
    assert showing.states([{"state": "a"}, {"state": "b"}, {"state": "a"}]) == {"states": ["a", "b"]}
    assert showing.states("no top file") == {"errors": ["no top file"]}


def test_verified():
    installed = {"a": {"manifest": {"version": "1", "files": ["x"]}}}
    assert showing.verified(["a"], installed) == [{"name": "a", "version": "1", "files": 1}]
    with pytest.raises(Problem):
        showing.verified(["b"], installed)


def test_prefixed():
    assert showing.prefixed(["a"], "x.") == ["x.a"]
    assert showing.prefixed(["a"], None) == ["a"]


def test_page():
    assert logs.page(3, [{"offset": 7}], {}) == {"offset": 7}
    assert logs.page(7, [], {"max_offset": 7}) == {"max_offset": 7, "end": True, "offset": 7}


def test_check():
    access.check("2|abc", "abc")
    with pytest.raises(Denied):
        access.check("2|abd", "abc")
    with pytest.raises(Denied):
        access.check("", "abc")


def test_orders():
    assert orders.faults({"machine": "small", "hours": "2"}) == []
    assert orders.refused([{"field": "machine", "value": "huge"}]).status_code == 422
