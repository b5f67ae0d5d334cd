"""Whole answers, to the last word: decisions, counterfactuals and variations as they were read and found right."""

import pytest

from tests.unit.policies import found, pages, whole

EACH = [(page, title) for page, titles in pages.PAGES.items() for title in titles]


@pytest.fixture(scope="module", autouse=True)
def _afresh() -> None:
    # Mutants are tried in forks of a process that has run the tests before.
    found.unchanged.cache_clear()


@pytest.mark.parametrize(("page", "title"), EACH, ids=[": ".join(each) for each in EACH])
def test_each_is_told_as_it_is_written_down(page: str, title: str) -> None:
    assert pages.PAGES[page][title]() == whole.read(page)[title]


def test_nothing_else_is_written_down() -> None:
    written = {path.stem: list(whole.read(path.stem)) for path in whole.FOLDER.glob("*.txt")}
    assert written == {page: list(titles) for page, titles in (pages.PAGES | pages.JUDGED).items()}
