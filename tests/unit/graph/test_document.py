"""A block of code in a report ends where the code ends, whatever stands in it."""

import re

import pytest

from graph.reports import document


@pytest.mark.parametrize("content", ["plain", " ```\n# not a title", "a ` b", "````", " ``` \n `````` \n```"])
def test_code_cannot_end_its_own_block(content: str) -> None:
    text = document.markdown([document.Code("diff", content)]).strip()
    first, *inside, last = text.split("\n")
    fence = last
    assert first == f"{fence}diff"
    assert "\n".join(inside) == content
    # CommonMark, 4.5: a closing fence is at least as long as the opening one, and indented by three blanks at most.
    assert not any(re.fullmatch(rf" {{0,3}}`{{{len(fence)},}}\s*", line) for line in inside)
