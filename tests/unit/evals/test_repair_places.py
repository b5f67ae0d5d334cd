"""The repair bench tells functions apart by class and name."""

import pytest

from evals.bench.repair import places
from evals.bench.repair.planted import Bug, post

PATH = "services/shelf/files.py"
TEXT = """\
class Store:
    def move(self, old):
        return [
            part.strip()
            for part in old
        ]


class Log:
    def move(self, old):
        def inner():
            return old

        return inner()


def move(old):
    return old


ROOT = move("/")
"""
BUG = Bug(
    name="shelf-move",
    kind="",
    study="",
    service="shelf",
    path="files.py",
    function="Store.move",
    right="",
    wrong="",
    failing=post("/moves"),
    hidden=(),
)


@pytest.mark.parametrize(
    ("line", "function", "wrong"),
    [
        (2, "Store.move", True),
        (4, "Store.move", True),  # of the comprehension
        (13, "Log.move", False),  # the control: the same bare name
        (11, "Log.move.inner", False),
        (17, "move", False),
    ],
)
def test_a_line_is_of_the_innermost_function_and_names_it_with_its_class(
    line: int, function: str, *, wrong: bool
) -> None:
    place = places.around(PATH, TEXT, line)
    assert place.name == function
    assert places.is_wrong(BUG, place.path, place.name) is wrong


def test_the_same_function_of_another_file_is_another() -> None:
    assert not places.is_wrong(BUG, "services/shelf/other.py", "Store.move")


def test_a_line_outside_of_every_function_is_in_none() -> None:
    with pytest.raises(LookupError, match="in no function"):
        places.around(PATH, TEXT, TEXT.splitlines().index('ROOT = move("/")') + 1)
