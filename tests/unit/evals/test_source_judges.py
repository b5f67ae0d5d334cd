"""Judges of the source: one function may differ, tests may be added, nothing else."""

import pytest

from evals.judging import source
from evals.judging.seen import ChangedFile, Seen
from tests.unit.evals.worlds import BASE, MENDED, but, healed, snapshot

ARGUMENTS = {"service": "orders", "path": "orders/price.py", "function": "price", "tests": "orders/tests"}
PATCHED = ChangedFile(path="orders/price.py", before=BASE, after=MENDED)


def changed(*files: ChangedFile) -> Seen:
    return but(healed(), changed={"orders": files})


def test_one_function_and_an_added_test_is_right() -> None:
    assert source.only_function_differs(healed(), **ARGUMENTS).passed


@pytest.mark.parametrize(
    "files",
    [
        (),
        (PATCHED, ChangedFile(path="orders/app.py", before="a = 1\n", after="a = 2\n")),
        (PATCHED, ChangedFile(path="orders/new.py", before=None, after="a = 2\n")),
        (PATCHED, ChangedFile(path="orders/tests/test_price.py", before="assert price\n", after="pass\n")),
        (PATCHED, ChangedFile(path="orders/tests/test_price.py", before="assert price\n", after=None)),
        (PATCHED, ChangedFile(path="orders/testsuite/x.py", before=None, after="a = 1\n")),
        (ChangedFile(path="orders/price.py", before=BASE, after=None),),
        (ChangedFile(path="orders/price.py", before=BASE, after=MENDED.replace("return 0", "return 1")),),
        (ChangedFile(path="orders/price.py", before=BASE, after=BASE.replace("return 0", "return 1")),),
        (ChangedFile(path="orders/price.py", before=BASE, after=MENDED + "\n# a remark\n"),),
        (ChangedFile(path="orders/price.py", before=BASE, after=MENDED.replace("def price", "def cost")),),
        (ChangedFile(path="orders/price.py", before=BASE, after="def price(:\n"),),
    ],
    ids=[
        "nothing differs",
        "another file edited",
        "a file added outside the tests",
        "a test edited",
        "a test deleted",
        "a folder that only begins like the tests",
        "the file deleted",
        "a second function",
        "only another function",
        "a comment elsewhere",
        "the function renamed",
        "no Python",
    ],
)
def test_anything_beyond_that_is_wrong(files: tuple[ChangedFile, ...]) -> None:
    assert not source.only_function_differs(changed(*files), **ARGUMENTS).passed


def test_a_method_is_found_by_its_dotted_name() -> None:
    before = "class Cart:\n    @property\n    def total(self):\n        return 1\n\n    size = 2\n"
    files = (ChangedFile(path="orders/price.py", before=before, after=before.replace("return 1", "return 2")),)
    assert source.only_function_differs(changed(*files), **{**ARGUMENTS, "function": "Cart.total"}).passed
    other = (ChangedFile(path="orders/price.py", before=before, after=before.replace("size = 2", "size = 3")),)
    assert not source.only_function_differs(changed(*other), **{**ARGUMENTS, "function": "Cart.total"}).passed


def test_unchanged_source_is_unchanged_only_when_somebody_looked() -> None:
    assert source.source_unchanged(but(healed(), changed={})).passed
    assert not source.source_unchanged(healed()).passed
    nothing = snapshot(0).model_copy(update={"workloads": {}})
    assert not source.source_unchanged(but(healed(), changed={}, before=nothing)).passed
