"""Holders stopped past their leases, a killed store and a counter set back, on SQLite and on Redis: the short form.

The full form is ``python -m evals.bench.lock_pauses``.
"""

from pathlib import Path

import pytest

from evals.bench import pausing
from evals.bench.pausing import Course
from evals.bench.pausing_stores import STORES

pytestmark = pytest.mark.timeout(240)


@pytest.mark.parametrize("store", STORES)
def test_no_acknowledged_update_is_lost_and_no_effect_done_twice(tmp_path: Path, store: str) -> None:
    outcome = pausing.trial(store, tmp_path, 1, Course(pauses=8, kills=1, resets=1), fenced=True)
    assert (outcome.pauses, outcome.kills, outcome.resets) == (8, 1, 1)
    assert outcome.acknowledged > 0
    assert (outcome.lost, outcome.double, outcome.tokens_twice) == (0, 0, 0)


@pytest.mark.parametrize("store", STORES)
def test_control_without_fencing_the_same_pauses_lose_updates(tmp_path: Path, store: str) -> None:
    outcome = pausing.trial(store, tmp_path, 1, Course(pauses=12, kills=0, resets=0), fenced=False)
    assert outcome.lost > 0, "the full form asks for a tenth of them"
