"""Patches that mend the failing request, and of which the service does not say that the answer is right."""

import json
from pathlib import Path

import pytest

from incident.proof import Check
from tests.integration.sandbox import sample
from tests.integration.sandbox.conftest import NEEDS_BWRAP
from tests.integration.sandbox.trials import Bench

pytestmark = [
    NEEDS_BWRAP,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not sample.same_minor(), reason="the system's interpreter cannot use our pytest"),
]

PRICES = "services/orders/prices.py"
SLIP = '    return 10 if body["member"]["tier"] == "gold" else NO_DISCOUNT\n'


def held(found: dict[str, Check]) -> dict[str, str]:
    """The checks that do not pass, with their outcomes."""
    return {name: check.outcome for name, check in found.items() if check.outcome != "passed"}


def bench(scratch: Path, prices: str) -> Bench:
    return Bench(scratch, {**sample.BASE, PRICES: prices})


def test_a_wrong_answer_of_the_right_shape_is_held_by_what_the_service_answers_beside_it(tmp_path: Path) -> None:
    """Guests get the discount of gold members.  Control: the right patch, told by a tier that nobody knows."""
    proofs = bench(tmp_path, sample.PRICES)
    generous = sample.PRICES.replace(SLIP, f'    if body["member"] is None:\n        return 10\n{SLIP}')
    found = proofs.checks(generous)
    assert held(found) == {"unambiguous": "unknown"}, found
    for answered in ({"total_cents": 405}, {"total_cents": 450}, {"tier": "nobodysvalue"}):
        assert json.dumps(answered).strip("{}") in found["unambiguous"].detail
    right = proofs.checks(sample.RIGHT)
    assert held(right) == {}, right
    assert "nobodysvalue" in right["unambiguous"].detail


def test_where_the_service_answers_nothing_beside_it_the_right_patch_waits_for_a_person(tmp_path: Path) -> None:
    """The same service, but for a tier that nobody knows: it fails, and so tells nothing."""
    strict = '    return {"gold": 10, "basic": NO_DISCOUNT}[body["member"]["tier"]]\n'
    prices = sample.PRICES.replace(SLIP, strict)
    mended = sample.PRICES.replace(SLIP, f'    if body["member"] is None:\n        return NO_DISCOUNT\n{strict}')
    found = bench(tmp_path, prices).checks(mended)
    assert held(found) == {"unambiguous": "unknown"}, found
    assert "answered by none" in found["unambiguous"].detail


def test_a_version_that_served_before_tells_where_the_service_does_not(tmp_path: Path) -> None:
    """Controls: another answer than that version's, and a version that answers what was recorded otherwise."""
    strict = '    return {"gold": 10, "basic": NO_DISCOUNT}[body["member"]["tier"]]\n'
    prices = sample.PRICES.replace(SLIP, strict)
    guarded = f'    if body["member"] is None:\n        return NO_DISCOUNT\n{strict}'
    mended, generous = (
        sample.PRICES.replace(SLIP, guarded.replace("NO_DISCOUNT\n", says, 1)) for says in ("NO_DISCOUNT\n", "10\n")
    )
    other = sample.PRICES.replace(SLIP, guarded.replace('"gold": 10', '"gold": 20'))

    def found(name: str, before: str, after: str) -> dict[str, Check]:
        files = {**sample.BASE, PRICES: prices}
        return Bench(tmp_path / name, files, earlier={**files, PRICES: before}).checks(after)

    told = found("told", mended, mended)
    assert held(told) == {}, told
    assert "served before" in told["unambiguous"].detail
    assert held(found("generous", mended, generous)) == {"unambiguous": "unknown"}
    assert held(found("other", other, mended)) == {"unambiguous": "unknown"}


def test_a_function_that_turns_members_away_lets_no_guest_in_without_a_person(tmp_path: Path) -> None:
    """Control: what lets the guest in is the same in a function that turns nobody away."""
    barring = (
        '    if body["member"]["tier"] == "barred":\n        raise PermissionError("barred")\n    return percent\n'
    )
    letting = '    if body["member"] is None:\n        return NO_DISCOUNT\n'
    kept = SLIP.replace("return", "percent =")
    prices = sample.PRICES.replace(SLIP, f"{kept}{barring}")
    found = bench(tmp_path / "barring", prices).checks(sample.PRICES.replace(SLIP, f"{letting}{kept}{barring}"))
    assert held(found) == {"guarded": "unknown"}, found
    assert "PermissionError" in found["guarded"].detail
    control = bench(tmp_path / "control", sample.PRICES).checks(sample.PRICES.replace(SLIP, f"{letting}{SLIP}"))
    assert held(control) == {}, control
