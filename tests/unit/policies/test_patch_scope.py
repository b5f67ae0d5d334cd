"""Where a patch may change something, asked of the module itself."""

import pytest

from incident.remedy import Patch
from policies import limits
from policies.patch import scope
from tests.unit.policies.patches import GUARD, LINE, added, edited, patch


def held(change: Patch, tests: str) -> dict[str, bool]:
    found = scope.constraints(change, "orders", tests, limits.Patch())
    return {item.name: item.held for item in found}


@pytest.mark.parametrize("tests", ["orders/tests", "tests/orders"])
def test_tests_may_lie_below_the_component_or_beside_it(tests: str) -> None:
    change = patch(edited(LINE, GUARD), "tier_of", added(f"{tests}/test_guests.py"))
    assert held(change, tests) == {
        "allowed_paths": True,
        "one_source_file": True,
        "tests_only_added": True,
        "small": True,
        "tests_small": True,
    }


def test_tests_of_somebody_else_are_outside() -> None:
    change = patch(edited(LINE, GUARD), "tier_of", added("tests/billing/test_guests.py"))
    assert not held(change, "tests/orders")["allowed_paths"]


@pytest.mark.parametrize("path", ["orders/a\0.py", "orders/a\\b.py", "orders//a.py", "orders/.a.py", "/orders/a.py"])
def test_a_path_with_a_trick_lies_nowhere(path: str) -> None:
    assert not scope.inside(path, "orders")
    assert scope.inside("orders/a.py", "orders")
