"""The templates mend small realistic functions, and the right candidate comes early."""

import ast
import re

import pytest

from agents.playbook.repair import catalogue
from tests.unit.agents.repair import bench
from tests.unit.agents.repair.bugs import BUGS
from tests.unit.agents.repair.latest_bugs import BEYOND

pytestmark = pytest.mark.filterwarnings("ignore:coroutine:RuntimeWarning")
"""One of the bugs is a forgotten await."""


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_the_right_repair_is_among_the_first_two(bug: bench.Bug) -> None:
    place = bench.rank(bug)
    assert place is not None
    assert place < 2


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_without_a_repair_the_answer_is_wrong(bug: bench.Bug) -> None:
    assert not bench.answers_right(bug, bug.module)


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_every_candidate_is_the_same_function_with_the_same_signature(bug: bench.Bug) -> None:
    fault = bench.fault_of(bug)
    before = ast.parse(fault.source).body[0]
    assert isinstance(before, ast.FunctionDef | ast.AsyncFunctionDef)
    for candidate in bench.candidates_of(bug):
        after = ast.parse(candidate.source).body
        assert len(after) == 1
        assert isinstance(after[0], type(before))
        assert after[0].name == before.name
        assert ast.dump(after[0].args) == ast.dump(before.args)


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_no_candidate_hides_the_error(bug: bench.Bug) -> None:
    before = _hiding(bench.fault_of(bug).source)
    for candidate in bench.candidates_of(bug):
        assert _hiding(candidate.source) == before


def _hiding(text: str) -> int:
    """How much there is that can swallow an error or bring in something else."""
    kinds = ast.Try | ast.ExceptHandler | ast.Import | ast.ImportFrom | ast.Pass
    return sum(isinstance(node, kinds) for node in ast.walk(ast.parse(text)))


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_no_candidate_brings_a_value_that_code_and_schema_do_not_have(bug: bench.Bug) -> None:
    known = {ast.dump(node) for node in ast.walk(ast.parse(bug.module)) if isinstance(node, ast.Constant)}
    neutral = {None, 0, -1, 1, "", str}
    expected = re.search(r"expected (\d+)", bench.fault_of(bug).message)  # values to unpack
    neutral |= {int(expected.group(1))} if expected else set()
    said = bug.module + " ".join((*bug.schemas, *bug.traits, *bug.keys))
    for candidate in bench.candidates_of(bug):
        for node in ast.walk(ast.parse(candidate.source)):
            if isinstance(node, ast.Constant) and ast.dump(node) not in known:
                assert node.value in neutral or str(node.value) in said


@pytest.mark.parametrize("bug", BUGS[::6], ids=lambda bug: bug.name)
def test_the_same_fault_gives_the_same_candidates(bug: bench.Bug) -> None:
    fault = bench.fault_of(bug)
    assert catalogue.candidates(fault) == catalogue.candidates(fault)


@pytest.mark.parametrize("bug", BEYOND, ids=lambda bug: bug.name)
def test_what_no_template_knows_gets_no_candidate(bug: bench.Bug) -> None:
    assert bench.candidates_of(bug) == ()
