"""Log templates: what varies is replaced, and counts do not depend on the order of lines."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.evidence import Missing
from tools.frames import templates

START = datetime(2026, 11, 28, 10, tzinfo=UTC)


def at(second: float) -> datetime:
    return START + timedelta(seconds=second)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("order 17 took 12.5 ms", "order 4 took 900 ms"),
        ("2026-11-28T10:00:00.5Z ready", "2026-11-29 11:22:33,444 ready"),
        ("pod cart-7f9c8d6b5-x2x4z gone", "pod cart-5d8f7c9b44-qq7zp gone"),
        ("trace 4bf92f3577b34da6a3ce929d0e0e4736 lost", "trace 00000000000000000000000000000001 lost"),
        ("user 'ann' refused", 'user "bob lee" refused'),
        ("peer 10.0.0.7:8080 reset", "peer 192.168.1.20:443 reset"),
        ("id 550e8400-e29b-41d4-a716-446655440000 gone", "id 123e4567-e89b-12d3-a456-426614174000 gone"),
    ],
)
def test_lines_that_differ_only_in_what_varies_are_one(one: str, other: str) -> None:
    assert templates.template(one) == templates.template(other)


def test_control_lines_that_say_something_else_are_two() -> None:
    said = ["order 1 lost", "order 1 found", "call to http://cart:80/a failed", "call to http://user:80/a failed"]
    assert len({templates.template(line) for line in said}) == len(said)


@given(
    st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["order 1 a", "order 2 a", "gone", "late 'x'"]))),
    st.randoms(),
)
def test_counts_first_last_and_example_do_not_depend_on_the_order(
    rows: list[tuple[int, str]], shuffled: random.Random
) -> None:
    lines = [(at(second), line) for second, line in rows]
    other = list(lines)
    shuffled.shuffle(other)
    found = templates.of(lines)
    assert templates.of(other) == found
    assert sum(one.count for one in found.templates) + found.others == len(lines)
    for one in found.templates:
        assert one.first <= one.last


def test_no_more_templates_are_listed_than_so_many_and_the_rest_is_counted() -> None:
    words = [f"{a}{b}{c}" for a in "abcdefgh" for b in "abcdefgh" for c in "abcdefgh"]
    found = templates.of((at(0), f"word {word}") for word in words)
    assert len(found.templates) == templates.MAX_TEMPLATES
    assert found.others == len(words) - templates.MAX_TEMPLATES


def test_a_long_line_is_cut_and_holds_no_secret() -> None:
    found = templates.of([(at(0), "token=ghp_abcdefghijklmnopqrstuvwxyz0123456789 \x1b[31m" + "word " * 100_000)])
    assert len(found.templates[0].template) <= templates.MAX_SHOWN
    assert len(found.templates[0].example) <= templates.MAX_SHOWN
    assert "ghp_" not in found.templates[0].example + found.templates[0].template


def test_what_is_new_is_told_only_when_all_that_was_there_is_known() -> None:
    before = templates.of([(at(0), "order 1 done")])
    now = templates.of([(at(9), "order 2 done"), (at(9), "pool exhausted")])
    new = templates.unseen(now, before)
    assert not isinstance(new, Missing)
    assert [one.template for one in new] == ["pool exhausted"]
    assert isinstance(templates.unseen(now, before.model_copy(update={"others": 3})), Missing)


@given(st.text(max_size=200))
def test_any_line_has_a_template_and_it_is_its_own(line: str) -> None:
    once = templates.template(line)
    assert len(once) <= templates.MAX_SHOWN
    assert templates.template(once) == once


def window(seconds: float, **lines: int) -> templates.Window:
    """A window with so many lines of each word, one right after the other."""
    told = [(at(number / 100), word) for word, count in lines.items() for number in range(count)]
    return templates.Window(templates.of(told), seconds)


def changed(before: templates.Window, since: templates.Window) -> list[tuple[str, str, int, int]]:
    found, untold = templates.changes("cart", before, since)
    assert untold == ()
    return [(one.change, one.template, one.before, one.since) for one in found]


def test_what_is_new_grown_or_gone_since_the_onset_is_told() -> None:
    before = window(60, steady=60, more=10, gone=120)
    since = window(20, steady=20, more=40, new=2)
    assert changed(before, since) == [("new", "new", 0, 2), ("grown", "more", 10, 40), ("gone", "gone", 120, 0)]


@pytest.mark.parametrize(
    ("before", "since"),
    [
        # as many per second
        (window(60, a=600), window(10, a=100)),
        # twice as many
        (window(60, a=600), window(10, a=200)),
        # three times as many, and yet a few lines
        (window(60, a=6), window(10, a=5)),
        # so few before that none is no surprise
        (window(60, a=6), window(10)),
        (window(60), window(10)),
    ],
)
def test_control_no_more_than_chance_is_no_change(before: templates.Window, since: templates.Window) -> None:
    assert changed(before, since) == []


def test_of_each_kind_so_many_are_told_the_most_frequent() -> None:
    words = {f"{a}{b}": 1 + number for number, (a, b) in enumerate((a, b) for a in "abcd" for b in "wxyz")}
    found = changed(window(60), window(60, **words))
    assert len(found) == templates.MAX_CHANGED
    assert found[0] == ("new", "dz", 0, 16)


def test_an_example_is_masked() -> None:
    since = templates.Window(templates.of([(at(0), "card 4111 1111 1111 1111 refused")]), 10)
    (found,), _ = templates.changes("cart", window(60), since)
    assert found.example == "card [redacted] refused"


def test_what_cannot_be_compared_is_said_and_not_told() -> None:
    cut = templates.Window(window(60, a=1).found.model_copy(update={"others": 3}), 60)
    found, untold = templates.changes("cart", cut, window(60, new=1))
    assert found == ()
    assert [one.reason for one in untold] == ["3 earlier lines have templates that are not listed"]
    assert templates.changes("cart", window(0), window(60, new=1))[0] == ()
