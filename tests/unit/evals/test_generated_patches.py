"""Generated patches: seeded, each a function that parses and differs, of every kind; and what their figures promise."""

import ast
import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from evals.bench.repair import bugs
from evals.bench.repair.generated import drawn, report
from evals.bench.repair.generated.drawn import Generated
from evals.bench.repair.generated.judged import Judged, Skipped
from evals.bench.repair.generated.scene import KINDS, Scene, scene
from evals.bench.repair.judging import Fate
from evals.bench.repair.observations import Raised
from evals.bench.repair.proving import Proven
from incident.proof import Check
from incident.stacks import Frame

MODULE = '''
from shop.errors import Denied
from shop.errors import Problem

LEAST = 3


def lines(order, factor):
    """Amounts of an order."""
    if order is None:
        return []
    found = []
    for item in order["items"]:
        if factor > 2:
            raise Problem(item)
        amount = item["amount"] * factor
        found.append(amount)
    return found


def checked(name):
    if not name:
        raise Denied
'''
WRONG = MODULE[MODULE.index("def lines") : MODULE.index("\n\ndef checked")]
RIGHT = WRONG.replace('        amount = item["amount"]', '        amount = (item["amount"] or 0)')


@pytest.fixture(scope="module")
def place() -> Scene:
    failure = (9, "TypeError", "unsupported operand type(s) for *: 'NoneType' and 'int'")
    return scene((WRONG, RIGHT), failure, MODULE, (), (("factor", 2), ("amount", None)))


@pytest.fixture(scope="module")
def every(place: Scene) -> tuple[Generated, ...]:
    return tuple(drawn.draw(bugs.BUGS[0], place, 1))


def _first(place: Scene, number: int, seed: int = 1) -> tuple[Generated, ...]:
    return tuple(itertools.islice(drawn.draw(bugs.BUGS[0], place, seed), number))


def _shape(text: str) -> str:
    return ast.dump(ast.parse(text))


def test_the_failing_statement_and_what_stands_in_scope_are_found(place: Scene) -> None:
    assert place.text == 'amount = item["amount"] * factor'
    assert [place.code.text(value) for value in place.values] == ['item["amount"]', "item", "factor"]
    assert place.names == ("order", "factor", "found", "item", "LEAST")
    assert set(place.raised) == {"raise Problem(item)", "raise Denied"}


def test_a_seed_draws_the_same_patches_and_another_one_others(place: Scene) -> None:
    assert _first(place, 20) == _first(place, 20)
    assert _first(place, 20, seed=2) != _first(place, 20)


@pytest.mark.timeout(300)  # some hundred trees
def test_every_patch_is_the_function_alone_and_differs_from_all_others(every: tuple[Generated, ...]) -> None:
    shapes = [_shape(patch.text) for patch in every]
    assert len(every) > 150
    assert len({*shapes, _shape(WRONG), _shape(RIGHT)}) == len(shapes) + 2
    for patch in every:
        (function,) = ast.parse(patch.text).body
        assert isinstance(function, ast.FunctionDef)
        assert (function.name, ast.unparse(function.args)) == ("lines", "order, factor")


def test_a_few_are_of_every_kind(place: Scene) -> None:
    found = [patch.kind for patch in _first(place, 100)]
    first = found.count("standard")
    assert found[:first] == ["standard"] * first
    assert set(found[first : first + len(KINDS) - 1]) == set(KINDS) - {"standard"}


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        ("standard", "return []"),
        ("standard", "amount = LEAST"),
        ("rival", "raise Denied"),
        ("rival", "return []"),
        ("rival", "continue"),
        ("rival", "amount = LEAST"),
        ("rival", 'if item["amount"] is None:'),
        ("lazy", 'amount = (item["amount"] or "") * factor'),
        ("lazy", "amount = 0"),
        ("hiding", "except:"),
        ("hiding", "except Exception:"),
        ("overfitting", "if factor == 2:"),
        ("boundary", "if factor >= 2:"),
        ("boundary", "if not (order is None):"),
        ("boundary", "if factor > 2 + 1:"),
        ("boundary", '        amount = (item["amount"] or 1) * factor'),
    ],
)
def test_a_kind_makes_the_changes_that_it_is_called_by(every: tuple[Generated, ...], kind: str, line: str) -> None:
    texts = [patch.text for patch in every if patch.kind == kind]
    assert any(line.strip() in map(str.strip, text.splitlines()) for text in texts)


@pytest.mark.parametrize("name", ["booking-no-card", "real-bip-luigi-4", "tickets-no-parent"])
def test_patches_are_made_of_real_bugs_from_the_line_that_the_trace_names(name: str) -> None:
    bug = next(item for item in bugs.BUGS if item.name == name)
    nowhere = drawn.scene_of(bug, Raised(type="TypeError", message="'NoneType'", frames=()))
    last = len(nowhere.code.module.code.splitlines())
    assert _shape(nowhere.code.module.code) != _shape(nowhere.known.module.code)
    assert {patch.kind for patch in itertools.islice(drawn.draw(bug, nowhere, 1), 60)} >= {"rival", "hiding"}
    assert 1 <= nowhere.line <= last


def test_an_error_of_another_file_leads_to_the_place_that_differs() -> None:
    bug = next(item for item in bugs.BUGS if item.name == "real-bip-luigi-4")
    frame = Frame(path="services/jobs/app.py", line=3, function="copies", code="")
    place = drawn.scene_of(bug, Raised(type="TypeError", message="", frames=(frame,)))
    assert place.text.startswith("if len(columns) > 0:")


def test_bugs_share_what_is_drawn() -> None:
    three = bugs.BUGS[:3]
    assert [number for _, number in drawn.quotas(three, 7)] == [3, 2, 2]
    assert drawn.quotas(three, 2) == ((three[0], 1), (three[1], 1))


def _judged(fate: Fate, *, right: bool | None, checks: tuple[Check, ...] | None = None, number: int = 0) -> Judged:
    patch = Generated(bug="a", kind="lazy", label=f"{number}", text="def f(): ...\n")
    passed = (Check(name="fixed", outcome="passed", detail=""), Check(name="answer", outcome="unknown", detail=""))
    proven = Proven(inspection="allow", checks=passed if checks is None else checks, fate=fate, why="", diff="")
    return Judged(patch=patch, seed=1, right=right, proven=None if right is None else proven)


def _run(found: list[Judged], file: Path, skipped: tuple[Skipped, ...] = ()) -> tuple[int, dict[str, Any]]:
    code = report.conclude(found, skipped, file, 1, quick=False)
    return code, json.loads(file.read_text(encoding="utf-8"))["figures"]["counted"]


HELD = [_judged("offered", right=False), _judged("acts", right=True), _judged("refused", right=None)]


def test_wrong_ones_that_are_held_and_right_ones_that_act_keep_every_promise(tmp_path: Path) -> None:
    code, counted = _run(HELD, tmp_path / "figures.json")
    assert code == 0
    assert (counted["drawn"], counted["raising"], counted["wrong"], counted["right"]) == (
        3,
        1,
        {"offered": 1},
        {"acts": 1},
    )
    # Exact, of 95 %: one of one held leaves 97.5 % open.
    assert counted["interval"] == [0.0, pytest.approx(0.975)]


@pytest.mark.parametrize(
    ("more", "skipped"),
    [
        ([_judged("acts", right=False)], ()),
        ([_judged("refused", right=True)], ()),
        ([], (Skipped(bug="b", why="it is not reproduced"),)),
    ],
    ids=["a wrong one acts", "a right one is refused", "a bug is not judged"],
)
def test_each_broken_promise_is_told_by_the_exit_code(
    tmp_path: Path, more: list[Judged], skipped: tuple[Skipped, ...]
) -> None:
    assert _run([*HELD, *more], tmp_path / "figures.json", skipped)[0] == 1


def test_nothing_measured_keeps_no_promise(tmp_path: Path) -> None:
    stopped = (Check(name="fixed", outcome="failed", detail=""),)
    code, counted = _run([_judged("refused", right=False, checks=stopped), HELD[1]], tmp_path / "figures.json")
    assert (code, counted["interval"], counted["stopped"]) == (1, None, 1)


@pytest.mark.parametrize(
    ("inspection", "name", "outcome", "reached"),
    [
        ("allow", "answer", "unknown", True),
        ("allow", "guarded", "passed", True),
        ("allow", "answer", "failed", False),
        ("allow", "own_tests", "unknown", False),
        ("hold", "answer", "passed", False),
        ("deny", "answer", "passed", False),
    ],
)
def test_a_patch_reaches_the_question_when_all_else_passed(
    inspection: Any, name: str, outcome: Any, reached: bool
) -> None:
    checks = (Check(name="fixed", outcome="passed", detail=""), Check(name=name, outcome=outcome, detail=""))
    proven = Proven(inspection=inspection, checks=checks, fate="offered", why="", diff="")
    assert proven.reached is reached
    assert not proven.model_copy(update={"checks": ()}).reached
