"""Bugs in the feeds service."""

from pydantic import JsonValue

from evals.bench.repair.planted import BUGSINPY, DEFECTS4J, PYTER, TBAR, TSSB, Bug, Request, Traffic, post

ONE: dict[str, JsonValue] = {
    "guid": "g1",
    "title": "One",
    "published": "2025-03-01T10:00:00+00:00",
    "author": {"name": "Ann"},
    "tags": ["a", "b"],
    "rank": 2,
    "views": 30,
    "text": " hello ",
}
TWO: dict[str, JsonValue] = {
    **ONE,
    "guid": "g2",
    "title": "Two",
    "published": "2025-03-02T10:00:00+00:00",
    "rank": 1,
    "views": "12",
    "language": "de",
}


def _without(item: dict[str, JsonValue], *keys: str) -> dict[str, JsonValue]:
    return {key: value for key, value in item.items() if key not in keys}


def _merged(*items: dict[str, JsonValue], order: str = "newest") -> Request:
    return post("/merged", feeds=[list(items)], order=order)


def _digest(*items: dict[str, JsonValue], since: str = "2025-03-01T00:00:00+00:00") -> Request:
    return post("/digests", items=list(items), since=since)


TRAFFIC = Traffic(
    service="feeds",
    healthy=(
        _merged(ONE, TWO),
        _merged(TWO, ONE, TWO),
        _merged(ONE, TWO, order="rank"),
        _merged({**ONE, "tags": []}),
        _digest(ONE, TWO),
        _digest(ONE, TWO, since="2025-03-02T00:00:00+00:00"),
        _digest({**TWO, "views": 7}),
    ),
)

BUGS = (
    Bug(
        name="feeds-guid-object",
        kind="unhashable value",
        study=f"{PYTER}: unhashable type",
        service="feeds",
        path="items.py",
        function="key",
        right='    guid = item["guid"]\n    return guid["value"] if isinstance(guid, dict) else guid\n',
        wrong='    return item["guid"]\n',
        failing=_merged(ONE, {**TWO, "guid": {"value": "g9"}}),
        hidden=(_merged({**ONE, "guid": {"value": "g1"}}, ONE), _merged({**TWO, "guid": {"value": "x"}}, order="rank")),
    ),
    Bug(
        name="feeds-start-without-zone",
        kind="naive and aware times",
        study=f"{BUGSINPY}; {PYTER}: comparison of unlike types",
        service="feeds",
        path="merge.py",
        function="since",
        right='first = items.published({"published": start})',
        wrong="first = datetime.fromisoformat(start)",
        failing=_digest(ONE, TWO, since="2025-03-01T00:00:00"),
        hidden=(
            _digest(ONE, TWO, since="2025-03-01T10:00:00"),
            _digest(ONE, TWO, since="2025-03-02T10:00:01"),
            _digest(ONE, TWO, since="2025-03-02T11:30:00+02:00"),
        ),
    ),
    Bug(
        name="feeds-renamed-field",
        kind="renamed key",
        study=f"{BUGSINPY}; {TBAR} FP9",
        service="feeds",
        path="items.py",
        function="published",
        right='text = item["publishedAt"] if "publishedAt" in item else item["published"]',
        wrong='text = item["published"]',
        failing=_merged(ONE, {**_without(TWO, "published"), "publishedAt": "2025-03-05T10:00:00+00:00"}),
        hidden=(
            _digest({**_without(ONE, "published"), "publishedAt": "2025-03-04T09:00:00+00:00"}, TWO),
            _merged(TWO, {**_without(ONE, "published"), "publishedAt": "2024-03-05T10:00:00"}),
        ),
    ),
    Bug(
        name="feeds-null-author",
        kind="null dereference",
        study=f"{PYTER}; {TBAR} FP2",
        service="feeds",
        path="items.py",
        function="author",
        right='    found = item.get("author")\n    if found is None:\n        return ANONYMOUS\n    return found.get',
        wrong='    return item.get("author").get',
        failing=_merged(ONE, {**TWO, "author": None}),
        hidden=(_merged(_without(ONE, "author")), _merged({**ONE, "author": {}}), _merged({**TWO, "author": None})),
    ),
    Bug(
        name="feeds-number-as-tag",
        kind="text joined with other types",
        study=f"{PYTER}: str expected",
        service="feeds",
        path="items.py",
        function="tag_line",
        right='", ".join(str(tag) for tag in item.get("tags", []))',
        wrong='", ".join(item.get("tags", []))',
        failing=_merged({**ONE, "tags": ["a", 7]}),
        hidden=(_merged({**ONE, "tags": [1, 2]}), _merged(_without(ONE, "tags")), _merged({**TWO, "tags": [0]})),
    ),
    Bug(
        name="feeds-unreadable-views",
        kind="wrong exception caught",
        study=f"{DEFECTS4J}: exception handling",
        service="feeds",
        path="items.py",
        function="views",
        right="except ValueError:",
        wrong="except KeyError:",
        failing=_digest(ONE, {**TWO, "views": "n/a"}),
        hidden=(_digest({**ONE, "views": ""}), _digest({**ONE, "views": "many"}, TWO), _digest(_without(ONE, "views"))),
    ),
    Bug(
        name="feeds-encoded-text",
        kind="bytes and text",
        study=f"{PYTER}: bytes and str; {TSSB}: add a method call",
        service="feeds",
        path="items.py",
        function="body",
        right="text = base64.b64decode(text).decode()",
        wrong="text = base64.b64decode(text)",
        failing=_merged({**ONE, "text": "aGVsbG8g", "encoding": "base64"}),
        hidden=(
            _merged({**ONE, "text": "w6TDtg==", "encoding": "base64"}, TWO),
            _merged({**TWO, "text": "", "encoding": "base64"}),
        ),
    ),
    Bug(
        name="feeds-no-rank",
        kind="null compared",
        study=f"{PYTER}: comparison with NoneType",
        service="feeds",
        path="merge.py",
        function="by_rank",
        right='key=lambda item: (item.get("rank") is None, item.get("rank") or 0))',
        wrong='key=lambda item: item["rank"])',
        failing=_merged(ONE, {**TWO, "rank": None}, order="rank"),
        hidden=(
            _merged({**ONE, "rank": None}, TWO, order="rank"),
            _merged({**ONE, "rank": -1}, {**TWO, "rank": None}, {**TWO, "guid": "g3", "rank": 0}, order="rank"),
        ),
    ),
    Bug(
        name="feeds-empty-digest",
        kind="missing branch",
        study=f"{TBAR} FP4: insert a missed statement",
        service="feeds",
        path="merge.py",
        function="header",
        right='    if latest is None:\n        return f"{len(found)} items"\n',
        wrong="",
        failing=_digest(ONE, since="2025-04-01T00:00:00+00:00"),
        hidden=(_digest(), _digest(TWO, since="2026-01-01T00:00:00+00:00")),
    ),
)
