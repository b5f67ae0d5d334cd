"""What a sample of mutants says about all of them: the quotas, the draw, the weighted share and its interval."""

import pytest

from evals.bench import mutants_drawn
from evals.bench.mutants_drawn import Tried


@pytest.mark.parametrize(
    ("sizes", "sample", "want"),
    [
        ({"a": 60, "b": 30, "c": 10}, 10, {"a": 6, "b": 3, "c": 1}),
        ({"a": 50, "b": 26, "c": 24}, 10, {"a": 5, "b": 3, "c": 2}),
        ({"a": 990, "b": 9, "c": 1}, 10, {"a": 9, "b": 1, "c": 1}),
        ({"a": 3, "b": 0}, 2, {"a": 2}),
        ({"a": 3, "b": 2}, 100, {"a": 3, "b": 2}),
    ],
    ids=["in proportion", "the larger remainder", "one of each at least", "a file without mutants", "all there are"],
)
def test_the_sample_is_shared_out_by_size(sizes: dict[str, int], sample: int, want: dict[str, int]) -> None:
    assert mutants_drawn.quotas(sizes, sample) == want


NAMES = {"a.py": [f"a.x_{n}" for n in range(80)], "b.py": [f"b.x_{n}" for n in range(20)]}


def test_a_seed_draws_the_same_mutants_whatever_order_they_come_in() -> None:
    drawn = mutants_drawn.draw(NAMES, 10, seed=2)
    assert {file: len(names) for file, names in drawn.items()} == {"a.py": 8, "b.py": 2}
    assert all(set(names) <= set(NAMES[file]) and len(set(names)) == len(names) for file, names in drawn.items())
    assert mutants_drawn.draw({file: names[::-1] for file, names in NAMES.items()}, 10, seed=2) == drawn
    assert mutants_drawn.draw(NAMES, 10, seed=3) != drawn


def test_each_file_counts_as_much_as_it_has_mutants() -> None:
    large = Tried(file="a.py", mutants=900, killed=6, timeouts=2, survived=("a.x_1", "a.x_2"))
    small = Tried(file="b.py", mutants=100, survived=("b.x_1",))
    assert (large.drawn, large.noticed, small.drawn, small.noticed) == (10, 0.8, 1, 0.0)
    assert mutants_drawn.weighted((large, small)) == pytest.approx(0.72)


@pytest.mark.parametrize(
    ("share", "drawn", "low", "high"),
    [(0.5, 10, 0.187, 0.813), (0.9, 100, 0.824, 0.951), (1.0, 10, 0.692, 1.0), (0.0, 10, 0.0, 0.308)],
    ids=str,
)
def test_the_interval_is_the_exact_binomial_one(share: float, drawn: int, low: float, high: float) -> None:
    """The figures are those of published tables for 5 of 10, 90 of 100, 10 of 10 and 0 of 10."""
    assert mutants_drawn.interval(share, drawn) == pytest.approx((low, high), abs=0.0006)
