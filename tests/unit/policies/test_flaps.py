"""Going back and forth: what counts as a return, whose moves count, and for how long."""

import pytest
from hypothesis import given as examples
from hypothesis import settings
from hypothesis import strategies as st

from incident.decision import Reason, because
from incident.evidence import Change
from policies.gates import flapping
from tests.unit.policies import given

WINDOW = 1_000.0


def served(seconds: float, version: str, actor: str = "") -> Change:
    return Change(service="orders", at=given.at(seconds), what="weights", version=version, actor=actor)


def deployed(seconds: float, version: str, previous: str) -> Change:
    return Change(service="orders", at=given.at(seconds), what="deploy", version=version, previous=previous)


def configured(seconds: float, old: str | None, new: str | None, key: str = "TIMEOUT_MS") -> Change:
    return Change(service="orders", at=given.at(seconds), what="config", version="v1", key=key, old=old, new=new)


CASES: list[tuple[str, tuple[Change, ...], tuple[str, ...]]] = [
    ("nothing moved", (), ()),
    ("one move", (deployed(-90, "v2", "v1"), served(-80, "v2")), ()),
    (
        "forth and back",
        (deployed(-90, "v2", "v1"), served(-80, "v2"), served(-10, "v1")),
        ("version", "v1", "v2", "v1"),
    ),
    (
        "whoever it was",
        (served(-80, "v1", "ada"), served(-70, "v2", "suture"), served(-10, "v1", "pipeline")),
        ("version", "v1", "v2", "v1"),
    ),
    (
        "over a third one",
        (served(-80, "v1"), served(-70, "v2"), served(-60, "v3"), served(-10, "v1")),
        ("version", "v1", "v2", "v3", "v1"),
    ),
    ("a canary that never got most of it", (deployed(-90, "fix", "v1"), served(-80, "v1"), served(-70, "v1")), ()),
    ("a chain that never returns", (served(-80, "v1"), served(-70, "v2"), served(-60, "v3")), ()),
    ("the first move is too long ago", (served(-1_001, "v1"), served(-70, "v2"), served(-10, "v1")), ()),
    ("a move from the future is a broken clock", (served(-80, "v1"), served(-70, "v2"), served(10, "v1")), ()),
    ("told out of order", (served(-10, "v1"), served(-80, "v1"), served(-70, "v2")), ("version", "v1", "v2", "v1")),
    (
        "a value set and set back",
        (configured(-80, "500", "5"), configured(-10, "5", "500")),
        ("TIMEOUT_MS of v1", "'500'", "'5'", "'500'"),
    ),
    (
        "two values, each moved once",
        (configured(-80, "500", "5"), configured(-10, "5", "500", "RETRIES")),
        (),
    ),
    (
        "a value set and taken away again",
        (configured(-80, None, "5"), configured(-10, "5", None)),
        ("TIMEOUT_MS of v1", "unset", "'5'", "unset"),
    ),
    ("a value that was unset", (configured(-80, None, "5"), configured(-10, "5", "6")), ()),
]


@pytest.mark.parametrize(("changes", "went"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_counts_as_going_back_and_forth(changes: tuple[Change, ...], went: tuple[str, ...]) -> None:
    found = flapping.returned(changes, given.at(0), WINDOW)
    assert found == (because("flapping", subject=went[0], states=went[1:]) if went else Reason())


@settings(deadline=None)
@examples(st.lists(st.sampled_from("abc"), max_size=8), st.integers(0, 8))
def test_it_returns_exactly_when_a_state_is_left_and_seen_again(states: list[str], skipped: int) -> None:
    changes = tuple(served(-100 + n, state) for n, state in enumerate(states))
    recent = states[skipped:]
    moved = [state for n, state in enumerate(recent) if n == 0 or recent[n - 1] != state]
    window = 100 - skipped + 0.5
    assert bool(flapping.returned(changes, given.at(0), window)) is (len(set(moved)) < len(moved))
