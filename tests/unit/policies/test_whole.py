"""Whole answers, to the last word: decisions, counterfactuals and variations as they were read and found right."""

import pytest

from tests.unit.policies import found, pages, whole

EACH = [(page, title) for page, titles in pages.PAGES.items() for title in titles]
PIECES = [(page, place) for page, titles in pages.PIECES.items() for place in range(len(titles))]


@pytest.fixture(scope="module", autouse=True)
def _afresh() -> None:
    # Mutants are tried in forks of a process that has run the tests before.
    found.unchanged.cache_clear()


@pytest.mark.parametrize(("page", "title"), EACH, ids=[": ".join(each) for each in EACH])
def test_each_is_told_as_it_is_written_down(page: str, title: str) -> None:
    assert pages.PAGES[page][title]() == whole.read(page)[title]


@pytest.mark.parametrize(("page", "place"), PIECES, ids=[f"{page}: {place + 1}" for page, place in PIECES])
def test_each_piece_of_code_is_judged_as_it_is_written_down(page: str, place: int) -> None:
    title, told = list(pages.PIECES[page].items())[place]
    found = told()
    assert whole.short(found) == whole.lines(page)[place], f"{title} | {found}"


def test_nothing_else_is_written_down() -> None:
    untitled = pages.PIECES | pages.JUDGED
    titled = {path.stem for path in whole.FOLDER.glob("*.txt")} - set(untitled)
    assert {page: list(whole.read(page)) for page in titled} == {page: list(told) for page, told in pages.PAGES.items()}
    assert {page: len(whole.lines(page)) for page in untitled} == {page: len(told) for page, told in untitled.items()}
