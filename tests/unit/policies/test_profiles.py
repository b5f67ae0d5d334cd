"""Limits of one's own: what a file may say, and what is refused."""

from typing import Any

import pytest
from pydantic import ValidationError

from policies import limits, profiles


def test_what_is_not_said_stays_as_it_is() -> None:
    made = profiles.changed(profiles.lab(), {"reach": {"auto_below": 1_000}})
    assert made.reach.auto_below == 1_000
    assert made.reach.never_from == limits.Reach().never_from
    assert made.verify == profiles.lab().verify
    assert made.name == "custom"


def test_nothing_said_is_the_profile_itself() -> None:
    assert profiles.changed(profiles.lab(), {}) == profiles.lab()


def test_an_objective_of_one_service_leaves_the_others_alone() -> None:
    made = profiles.changed(profiles.standard(), {"slo": {"services": {"payment": {"objective": 0.9999}}}})
    assert made.slo.of("payment").objective == 0.9999
    assert made.slo.of("payment").window_seconds == limits.Objective().window_seconds
    assert made.slo.of("cart") == limits.Objective()


REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("an unknown table", {"risks": {}}),
    ("an unknown limit", {"risk": {"reech": 1}}),
    ("a text for a number", {"risk": {"reach": "1500"}}),
    ("a switch for a number", {"reach": {"max_tries": True}}),
    ("a part of a number", {"reach": {"max_tries": 2.5}}),
    ("a number for a table", {"risk": 3}),
    ("weights that do not add up", {"risk": {"reach": 1_600}}),
    (
        "a freeze without a time zone",
        {"reach": {"freezes": [{"start": "2026-01-01T00:00", "end": "2026-01-02T00:00"}]}},
    ),
]


@pytest.mark.parametrize("said", [case[1] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_what_makes_no_sense_is_refused(said: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        profiles.changed(profiles.standard(), said)
