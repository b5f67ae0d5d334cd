"""What is found in a piece of code is found wherever a patch puts it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.policies import found, pieces, state_pieces

PIECES = [
    piece
    for text in (pieces.HANDED, pieces.CALLEES, state_pieces.KNOWN, state_pieces.STATE)
    for piece in text.strip().splitlines()
    if ": case " not in piece
]
AROUND = {
    "a condition": ("if order:", ()),
    "its other way": ("if order:", ("    pass", "else:")),
    "a loop": ("while order:", ()),
    "an attempt's end": ("try:", ("    pass", "finally:")),
    "each of something": ("for _ in order:", ()),
}


@pytest.fixture(scope="module", autouse=True)
def _afresh() -> None:
    # Mutants are tried in forks of a process that has run the tests before.
    found.unchanged.cache_clear()


@settings(max_examples=25, deadline=None)
@given(piece=st.sampled_from(PIECES), around=st.sampled_from(sorted(AROUND)))
def test_neither_a_condition_nor_a_loop_hides_what_a_piece_does(piece: str, around: str) -> None:
    first, rest = AROUND[around]
    lines = piece.split("; ")
    bare = found.findings(found.added(*lines))
    assert set(found.findings(found.added(first, *rest, *(f"    {line}" for line in lines)))) == set(bare)


@pytest.mark.parametrize("piece", ["SEEN.append(order)", "taken(client, key)", "eval('x')", "client.get('x')"])
def test_control_a_piece_that_is_found_would_be_missed_without_it(piece: str) -> None:
    assert found.findings(found.added(piece))
    assert found.findings(found.added()) == []
