"""The limits are checked when they are made, and say what they mean."""

import ast
import inspect
from typing import Any

import pytest
from pydantic import ValidationError

from incident.decision import SCALE
from policies import limits, profiles
from tests.unit.policies import given


@pytest.mark.parametrize("profile", [profiles.standard(), profiles.lab()], ids=["standard", "lab"])
def test_the_weights_of_every_profile_add_up(profile: limits.Limits) -> None:
    assert sum(profile.risk.weights().values()) == SCALE
    assert tuple(profile.risk.weights()) == limits.FACTORS


WRONG: list[tuple[str, type[Any], dict[str, Any]]] = [
    ("weights above one", limits.Risk, {"reach": 1_501}),
    ("weights below one", limits.Risk, {"hour": 0}),
    ("a negative weight", limits.Risk, {"reach": -100, "size": 2_600}),
    ("thresholds the wrong way round", limits.Reach, {"auto_below": 7_000}),
    ("equal thresholds", limits.Reach, {"auto_below": 6_500}),
    (
        "a freeze that ends before it starts",
        limits.Reach,
        {"freezes": ({"start": given.at(1), "end": given.at(0), "reason": "x"},)},
    ),
    ("no alpha", limits.Canary, {"alpha": 0}),
    ("a deadline of nothing", limits.Canary, {"stage_deadline_seconds": 0}),
    ("no tries", limits.Retry, {"max_attempts": 0}),
    ("a bake of nothing", limits.Verify, {"bake_seconds": 0}),
    ("an unknown field", limits.Verify, {"bake": 10}),
    ("NaN", limits.Canary, {"min_margin": float("nan")}),
]


@pytest.mark.parametrize(("part", "values"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_limits_that_make_no_sense_are_refused(part: type[Any], values: dict[str, Any]) -> None:
    part()
    with pytest.raises(ValidationError):
        part(**values)


def test_limits_cannot_be_changed_once_made() -> None:
    with pytest.raises(ValidationError):
        profiles.lab().reach.auto_below = 9_999  # type: ignore[misc]  # what is tried here


def test_every_field_says_what_it_means() -> None:
    tree = ast.parse(inspect.getsource(limits))
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name not in ("Limits", "Freeze"):
            for field, said in zip(node.body, node.body[1:], strict=False):
                if isinstance(field, ast.AnnAssign):
                    assert isinstance(said, ast.Expr), f"{node.name}.{ast.unparse(field.target)} is not explained"


def test_the_lab_changes_times_and_not_what_counts_as_good() -> None:
    standard, lab = profiles.standard(), profiles.lab()
    for name in ("alpha", "beta", "min_margin", "signature_share", "min_requests", "min_exposed"):
        assert getattr(lab.canary, name) == getattr(standard.canary, name)
    assert lab.reach == standard.reach
    assert lab.risk == standard.risk
    assert lab.patch == standard.patch
