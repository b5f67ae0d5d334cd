"""Cuts between a caller and a service."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.lab.traffic.wire import Cut, Wire


@given(st.integers())
def test_a_whole_wire_lets_everything_through(seed: int) -> None:
    wire = Wire(random.Random(seed))
    assert {wire.fate() for _ in range(50)} == {None}


@pytest.mark.parametrize("cut", ["delay", "reset", "black hole"])
def test_a_cut_meets_its_share_of_the_requests(cut: Cut) -> None:
    wire = Wire(random.Random(3), cut, 0.1, 0.3)
    fates = [wire.fate() for _ in range(5000)]
    assert set(fates) == {cut, None}
    assert fates.count(cut) / len(fates) == pytest.approx(0.3, abs=0.03)


@pytest.mark.parametrize("cut", ["delay", "reset", "black hole"])
def test_a_whole_cut_lets_nothing_through(cut: Cut) -> None:
    wire = Wire(random.Random(3), cut)
    assert {wire.fate() for _ in range(50)} == {cut}
