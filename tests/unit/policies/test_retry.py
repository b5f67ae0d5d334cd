"""Whether another patch is asked for, and how the trying ends."""

import pytest

from policies.remedy import retry


def choice(attempt: int, *failures: str, most: int = 3) -> str:
    return retry.next(retry.Facts(attempt=attempt, max_attempts=most, failures=failures)).choice


@pytest.mark.parametrize("attempt", [0, 1, 2])
@pytest.mark.parametrize("failures", [(), ("own_tests",), ("fixed", "own_tests")], ids=str)
def test_tries_are_used_up_before_anything_ends(attempt: int, failures: tuple[str, ...]) -> None:
    assert choice(attempt, *failures) == "revise"


@pytest.mark.parametrize("attempt", [3, 4, 100])
def test_tries_are_bounded(attempt: int) -> None:
    assert choice(attempt, "fixed") != "revise"


def test_candidates_that_all_break_an_existing_test_are_rejected() -> None:
    assert choice(3, "own_tests", "own_tests", "own_tests") == "give_up"


def test_one_candidate_that_merely_does_not_mend_makes_it_a_question_for_a_person() -> None:
    assert choice(3, "own_tests", "own_tests", "fixed") == "escalate"


def test_no_candidate_at_all_goes_to_a_person() -> None:
    assert choice(3) == "escalate"


@pytest.mark.parametrize("name", sorted(retry.HARMFUL))
def test_every_kind_of_harm_is_a_rejection(name: str) -> None:
    assert choice(3, name) == "give_up"


def test_an_unknown_check_is_not_taken_for_harm() -> None:
    assert choice(3, "some_new_check") == "escalate"
