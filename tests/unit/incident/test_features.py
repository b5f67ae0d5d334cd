"""Features of recorded requests: each tells one thing apart that a request's shape does not."""

from datetime import UTC, datetime

import pytest
from pydantic import JsonValue

from incident import capture, features

AT = datetime(2026, 11, 28, 10, tzinfo=UTC)


def recorded(body: JsonValue, path: str = "/stock/17") -> capture.Capture:
    return capture.Capture(
        at=AT,
        service="a",
        version="v1",
        route="POST /a",
        trace_id="t",
        outcome="failed",
        status=500,
        method="POST",
        path="/a",
        query="limit=3",
        body=body,
        calls=(capture.Call(method="GET", host="b:1", path=path, status=200, body={"left": 0}),),
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"n": 5}, {"n": -5}),
        ({"n": 5}, {"n": 0}),
        ({"n": 5}, {"n": 5_000}),
        ({"n": 5}, {"n": 5.5}),
        ({"day": "2026-11-28"}, {"day": "2026-11-28T10:00:00Z"}),
        ({"id": "123456"}, {"id": "abcdef"}),
        ({"id": "abcdef"}, {"id": "abcdéf"}),
        ({"note": "a" * 40}, {"note": "a" * 200}),
        ({"where": "home"}, {"where": "away"}),
        ({"on": True}, {"on": False}),
        ({"a": []}, {"a": [1]}),
    ],
)
def test_two_bodies_of_equal_keys_are_told_apart(one: JsonValue, other: JsonValue) -> None:
    assert features.of(recorded(one)) != features.of(recorded(other))


def test_calls_with_ids_in_their_paths_are_one() -> None:
    assert features.of(recorded({}, "/stock/17")) == features.of(recorded({}, "/stock/4711"))
    assert features.of(recorded({}, "/stock/17")) != features.of(recorded({}, "/price/17"))


def test_a_huge_body_is_looked_at_in_part() -> None:
    assert len(features.of(recorded({f"k{number}": number for number in range(5_000)}))) < 4 * features.MAX_NODES + 10
