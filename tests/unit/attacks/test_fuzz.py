"""Two thousand wild outputs about one whole incident; `python -m evals.attacks.fuzz` judges fifty thousand."""

from pathlib import Path

import pytest

from evals.attacks import fuzz


@pytest.mark.parametrize("seed", [1, 2])
def test_wild_outputs_stay_within_the_closed_set(tmp_path: Path, seed: int) -> None:
    tally = fuzz.play(fuzz.Subject(tmp_path), seed, 600)
    assert tally.wrong == []
    assert tally.answers["patch"] > 3, "the wild outputs never get as far as a patch"
    assert tally.answers["code"] > 3
    assert tally.answers["approved"] > 0
