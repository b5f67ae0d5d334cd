"""What a patch may touch: one function, and new tests beside it."""

import pytest

from incident.remedy import FileEdit, Patch
from tools import ports
from tools.proof.checks import scope

COMPONENT = ports.Component(service="orders", path="orders", app="orders.app:app", tests="orders/tests")
TEXT = '''"""Rates."""

RATE = 3


class Book:
    def rate(self):
        return 1

    @property
    def other(self):
        return 2


def rate(kind):
    return RATE if kind["a"] else 0


def last():
    def inner():
        return 1

    return inner()
'''
BASE = {"orders/rates.py": TEXT, "orders/tests/test_a.py": "def test_a():\n    pass\n", "README": "x"}
NEW_TEST = FileEdit(path="orders/tests/test_new.py", before=None, after="def test_new():\n    pass\n")


def patch(after: str, *more: FileEdit, function: str = "rate", path: str = "orders/rates.py") -> Patch:
    edit = FileEdit(path=path, before=BASE.get(path), after=after)
    return Patch(
        service="orders", base_commit="c", path=path, function=function, edits=(edit, *more), diff="", summary="s"
    )


def checked(subject: Patch, base: dict[str, str] | None = None) -> tuple[str, str]:
    found = scope.check(subject, COMPONENT, BASE if base is None else base)
    return found.outcome, found.detail


BODY = TEXT.replace('kind["a"]', 'kind.get("a")')


@pytest.mark.parametrize(
    ("after", "function"),
    [
        (BODY, "rate"),
        (TEXT.replace("return 1\n\n    @", "return 7\n\n    @"), "Book.rate"),
        (TEXT.replace("return 2", "return 9"), "Book.other"),
        (TEXT.replace("return 2", "return 9"), "other"),
        (TEXT.replace("        return 1\n\n    return inner()", "        return 5\n\n    return inner()"), "last"),
        (
            TEXT.replace("        return 1\n\n    return inner()", "        return 5\n\n    return inner()"),
            "last.<locals>.inner",
        ),
        (TEXT.replace("    return inner()\n", "    x = 1\n    return inner() + x\n"), "last"),
    ],
)
def test_a_change_within_the_function_is_in_scope(after: str, function: str) -> None:
    assert checked(patch(after, NEW_TEST, function=function)) == (
        "passed",
        f"only {function} in orders/rates.py differs",
    )


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        (patch(BODY.replace("RATE = 3", "RATE = 4"), function="last"), "differs outside last"),
        (patch("import os\n" + TEXT, function="last"), "differs outside last"),
        (patch(TEXT + "\n\ndef more():\n    pass\n", function="last"), "differs outside last"),
        (patch(TEXT.replace("    @property\n", ""), function="Book.rate"), "differs outside Book.rate"),
        (patch(TEXT, function="last"), "is unchanged"),
        (patch(TEXT.replace("return 2", "return"), function="nowhere"), "0 functions are called nowhere"),
        (patch("def rate(:\n", function="last"), "does not parse"),
        (patch(TEXT.replace("return 2", "return\x00"), function="other"), "does not parse"),
        (patch("x", path="README", function="f"), "README is not source of orders"),
        (patch("def f(): pass", path="orders/tests/test_a.py", function="test_a"), "is not source of orders"),
        (patch("def f(): pass", path="../x.py", function="f"), "no path inside the repository"),
        (patch("def f(): pass", path="orders/new.py", function="f"), "does not exist at the base"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_anything_else_in_the_source_is_out_of_scope(subject: Patch, said: str) -> None:
    outcome, detail = checked(subject)
    assert outcome == "failed"
    assert said in detail


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (FileEdit(path="orders/tests/test_a.py", before=BASE["orders/tests/test_a.py"], after=""), "an existing test"),
        (FileEdit(path="orders/tests/conftest.py", before=None, after="x"), "no test file"),
        (FileEdit(path="orders/tests/__init__.py", before=None, after="x"), "no test file"),
        (FileEdit(path="orders/tests/helper.py", before=None, after="x"), "no test file"),
        (FileEdit(path="orders/other.py", before=None, after="x"), "neither the patched file nor a test"),
        (FileEdit(path="pytest.ini", before=None, after="x"), "neither the patched file nor a test"),
        (FileEdit(path="orders/tests/../../x/test_x.py", before=None, after="x"), "no path inside"),
        (FileEdit(path="/orders/tests/test_x.py", before=None, after="x"), "no path inside"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_beside_the_function_only_new_test_files_may_come(edit: FileEdit, said: str) -> None:
    outcome, detail = checked(patch(TEXT.replace("return inner()", "return inner"), edit, function="last"))
    assert outcome == "failed"
    assert said in detail


def test_an_edit_of_another_base_is_refused() -> None:
    good = patch(TEXT.replace("return inner()", "return inner"), function="last")
    assert checked(good)[0] == "passed"
    assert "is not what the base commit holds" in checked(good, {**BASE, "orders/rates.py": TEXT + "# moved on\n"})[1]


def test_a_new_test_that_exists_already_is_refused() -> None:
    good = patch(TEXT.replace("return inner()", "return inner"), NEW_TEST, function="last")
    assert checked(good)[0] == "passed"
    assert "is not what the base" in checked(good, {**BASE, NEW_TEST.path: "old"})[1]


def test_two_functions_of_one_name_cannot_be_told_apart() -> None:
    text = TEXT.replace(
        "class Book:\n    def rate", "class Book:\n    def rate(self):\n        return 0\n\n    def rate"
    )
    subject = Patch(
        service="orders", base_commit="c", path="orders/rates.py", function="Book.rate",
        edits=(FileEdit(path="orders/rates.py", before=text, after=text + " "),), diff="", summary="s",
    )  # fmt: skip
    assert "2 functions are called Book.rate" in checked(subject, {"orders/rates.py": text})[1]
