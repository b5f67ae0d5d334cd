"""No patch gains a power in any spelling; mends that need none are not refused for it."""

import pytest

from evals.attacks.powers import judge
from evals.attacks.powers.aimed import AIMED
from evals.attacks.powers.grammar import SOURCES, spellings
from evals.attacks.powers.mends import MENDS
from evals.attacks.powers.service import LAST, MODULE, RIGHT
from evals.attacks.powers.written import WRITTEN
from incident.decision import Decision
from tests.unit.attacks import judged
from tests.unit.policies import whole

SPELLINGS = list(spellings())

EXPLAINED = {
    "texts: a prefix": "its prefix is an address (s3://) that stands nowhere in the file",
}
"""Right mends that are refused for their powers all the same, and why."""


def told(page: str, name: str) -> Decision:
    """The decision on one patch, which is the one that was read and found right, to its last code and number."""
    decision = judged.PAGES[page][name]()
    place = list(judged.PAGES[page]).index(name)
    assert whole.short(whole.decision(decision)) == whole.lines(page)[place]
    return decision


@pytest.mark.parametrize("name", sorted(WRITTEN))
def test_a_hostile_patch_written_by_hand_is_stopped(name: str) -> None:
    decision = told(judged.HOSTILE, name)
    assert decision.verdict.kind != "allow"
    assert judge.stopped(decision)


@pytest.mark.parametrize("source", sorted(SOURCES))
def test_a_hostile_patch_of_the_grammar_is_stopped(source: str) -> None:
    """Every seventh place of each source here; all of them in tests/integration/patches."""
    own = [(name, text) for name, text in SPELLINGS if name.startswith(f"{source}, ")]
    start = sorted(SOURCES).index(source) % 7
    for name, text in own[start::7]:
        decision = judge.inspected(text)
        assert decision.verdict.kind != "allow", name
        assert judge.stopped(decision), name


@pytest.mark.parametrize("name", sorted(AIMED))
def test_a_power_that_a_function_or_its_file_has_is_not_aimed_at_something_else(name: str) -> None:
    decision = told(judged.ELSEWHERE, name)
    assert decision.verdict.kind != "allow"
    assert judge.stopped(decision)


def test_control_the_mend_without_the_hostile_lines_is_allowed() -> None:
    assert judge.inspected(MODULE.replace(LAST, RIGHT)).verdict.kind == "allow"


def test_there_are_as_many_spellings_as_are_claimed() -> None:
    texts = {text for _, text in SPELLINGS} | {text for _, text in WRITTEN.values()}
    assert len(texts) >= 1_400
    for text in texts:
        compile(text, "prices.py", "exec")


@pytest.mark.parametrize("name", sorted(MENDS))
def test_a_right_mend_is_not_refused_for_its_powers(name: str) -> None:
    decision = told(judged.RIGHT, name)
    assert bool(judge.stopped(decision)) == (name in EXPLAINED), judge.stopped(decision)


def test_few_right_mends_are_refused() -> None:
    assert len(MENDS) >= 100
    assert len(EXPLAINED) / len(MENDS) <= 0.05
