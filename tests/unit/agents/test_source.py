"""One function is replaced, and every other byte of the file stays."""

import gc
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.view import source
from incident.errors import ToolMistake

FILE = '''"""A module."""
import functools

LIMIT = 3  # kept


@functools.cache
def double(value: int) -> int:
    """Twice."""
    return value * 2


class Shop:
    @property
    def name(self) -> str:
        return "shop"

    async def load(self, key: str, *, again: bool = False) -> str:
        def inner(text: str) -> str:
            return text.strip()

        return inner(key)


def last():
    return LIMIT'''

PLACES = {place.name: place for place in source.outline("m.py", FILE)}


def test_functions_methods_and_inner_functions_are_found() -> None:
    assert list(PLACES) == ["double", "Shop.name", "Shop.load", "Shop.load.inner", "last"]


def test_a_file_that_does_not_parse_has_none() -> None:
    assert source.outline("m.py", "def (") == ()


GOOD = {
    "double": "@functools.cache\ndef double(value: int) -> int:\n    return value + value\n",
    "Shop.name": "@property\ndef name(self) -> str:\n    return 'Shop'\n",
    "Shop.load": "async def load(self, key: str, *, again: bool = False) -> str:\n    return key or ''\n",
    "Shop.load.inner": "def inner(text: str) -> str:\n    return (text or '').strip()\n",
    "last": "def last():\n    return LIMIT + 1\n",
}


@pytest.mark.parametrize("name", list(GOOD))
def test_only_the_lines_of_the_function_change(name: str) -> None:
    place = PLACES[name]
    after = source.replace(FILE, place, GOOD[name])
    before = FILE.splitlines(keepends=True)
    head, tail = "".join(before[: place.first - 1]), "".join(before[place.last :])
    assert after.startswith(head)
    assert after.endswith(tail)
    names = [item.name for item in source.outline("m.py", after)]
    assert names == [item for item in PLACES if not (name == "Shop.load" and item.endswith("inner"))]


def test_a_fence_around_the_code_is_taken_off() -> None:
    fenced = f"```python\n{GOOD['last']}```"
    assert source.replace(FILE, PLACES["last"], fenced) == source.replace(FILE, PLACES["last"], GOOD["last"])


def test_decorators_that_were_left_out_stay() -> None:
    after = source.replace(FILE, PLACES["double"], "def double(value: int) -> int:\n    return 2 * value\n")
    assert "@functools.cache\ndef double(value: int) -> int:\n    return 2 * value\n" in after


def test_windows_line_ends_stay() -> None:
    file = FILE.replace("\n", "\r\n")
    place = next(item for item in source.outline("m.py", file) if item.name == "double")
    after = source.replace(file, place, GOOD["double"])
    assert "\n" not in after.replace("\r\n", "")


def test_a_missing_final_newline_stays_missing() -> None:
    assert source.replace(FILE, PLACES["last"], GOOD["last"]).endswith("return LIMIT + 1")


REFUSED = {
    "does not parse": "def last(:\n",
    "exactly one function": "LIMIT = 9\ndef last():\n    return 1\n",
    "exactly one function definition": "import os\n",
    "send only the function last": "def first():\n    return 1\n",
    "keep the signature": "def last(more):\n    return 1\n",
    "keep the signature of last": "async def last():\n    return 1\n",
    "same as before": "def last():\n    return LIMIT\n",
}


@pytest.mark.parametrize("why", list(REFUSED))
def test_what_is_not_this_function_is_refused_with_a_reason(why: str) -> None:
    with pytest.raises(ToolMistake, match=why):
        source.replace(FILE, PLACES["last"], REFUSED[why])


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=80), st.sampled_from(list(PLACES)))
def test_no_text_breaks_the_file(text: str, name: str) -> None:
    try:
        after = source.replace(FILE, PLACES[name], text)
    except ToolMistake:
        return
    assert source.outline("m.py", after)


def test_what_stands_for_a_secret_never_takes_its_place() -> None:
    """Models are shown source without its secrets; a copy of that would put the mark where the secret was."""
    text = 'def connect(host):\n    return open_it(host, password="hunter2")\n'
    place = source.outline("m.py", text)[0]
    with pytest.raises(ToolMistake, match="secret"):
        source.replace(text, place, 'def connect(host):\n    return open_it(host or "", password="[redacted]")\n')


class Cycle:
    """Garbage whose removal runs Python code, and so lets another thread go on in the middle of a tree."""

    def __init__(self) -> None:
        self.me = self

    def __del__(self) -> None:
        for _ in range(50):
            pass


def test_several_threads_read_functions_at_the_same_time() -> None:
    text = Path(source.__file__).read_text()
    usual, threshold = sys.getswitchinterval(), gc.get_threshold()

    def read(_: int) -> int:
        _garbage = [Cycle() for _ in range(20)]
        return len(source.outline("source.py", text))

    sys.setswitchinterval(1e-6)
    gc.set_threshold(5)
    try:
        with ThreadPoolExecutor(6) as pool:
            found = set(pool.map(read, range(120)))
    finally:
        sys.setswitchinterval(usual)
        gc.set_threshold(*threshold)
    assert found == {len(source.outline("source.py", text))}
