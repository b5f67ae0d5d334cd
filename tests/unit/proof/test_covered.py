"""Which changed lines can run, and which of them were run."""

import pytest

from incident.proof import Coverage
from incident.remedy import FileEdit, Patch
from tools.proof.checks import coverage
from tools.proof.checks.trial import Suite

BASE = "def price(body):\n    a = body['a']\n    # the rest\n    return a['b']\n"

CASES: list[tuple[str, str, tuple[int, ...]]] = [
    ("nothing", BASE, ()),
    ("a line", BASE.replace("a['b']", "(a or {}).get('b')"), (4,)),
    ("a comment", BASE.replace("the rest", "more"), ()),
    ("a guard of two lines", BASE.replace("    # the", "    if a is None:\n        return 0\n    # the"), (3, 4)),
    ("an else, which is no stop", BASE.replace("    return a['b']", "    if a:\n        return a['b']\n    else:\n        return 0"), (4, 5, 7)),
    ("a line taken away: what follows stands for it", BASE.replace("    a = body['a']\n", ""), (3,)),
    ("the end taken away: nothing follows", BASE.replace("    return a['b']\n", ""), ()),
    ("text that does not compile", "def price(body:\n", ()),
]  # fmt: skip


@pytest.mark.parametrize(("after", "lines"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_changed_lines_that_can_run(after: str, lines: tuple[int, ...]) -> None:
    assert coverage.changed(BASE, after) == lines


def patch(after: str) -> Patch:
    edits = (FileEdit(path="a.py", before=BASE, after=after),)
    return Patch(service="s", base_commit="b", path="a.py", function="price", edits=edits, diff="", summary="")


def test_what_the_tests_ran_of_it() -> None:
    mended = patch(CASES[3][1])
    assert coverage.measured(mended, Suite(lines=(1, 2, 3, 6))) == Coverage(changed=(3, 4), ran=(3,))
    assert coverage.measured(mended, Suite(lines=())) == Coverage(changed=(3, 4), ran=())


@pytest.mark.parametrize(
    "suite", [None, Suite(), Suite(broken="it did not end")], ids=["not run", "not watched", "broken"]
)
def test_what_was_not_measured_is_not_known(suite: Suite | None) -> None:
    assert coverage.measured(patch(CASES[1][1]), suite) is None
