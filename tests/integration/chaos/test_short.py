"""About twenty kills over five incidents: the short form of ``python -m evals.chaos``, with its control."""

import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from evals.chaos import points
from evals.chaos.campaign import Campaign
from evals.chaos.judge import Verdict
from evals.chaos.points import KEYED, Point

pytestmark = pytest.mark.timeout(420)


@pytest.fixture
def root() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="suture-chaos-") as name:
        yield Path(name)


def run(root: Path, hands: tuple[tuple[Point, ...], ...], *, forgets: bool) -> tuple[Verdict, ...]:
    campaign = Campaign(root, forgets=forgets)
    try:
        return campaign.wave([f"w-{number}" for number in range(len(hands))], hands)
    finally:
        campaign.close()


def test_after_twenty_kills_nothing_was_done_twice_and_every_incident_ended(root: Path) -> None:
    found = run(root, points.deal(5, 22, random.Random(5)), forgets=False)
    assert sum(len(one.kills) for one in found) >= 20
    assert [one.outcome for one in found] == ["healed"] * 5
    assert [(one.duplicates, one.unkeyed, one.unsettled, one.strange, one.replay) for one in found] == [
        (0, 0, 0, (), "")
    ] * 5


def test_control_without_a_ledger_effects_come_twice(root: Path) -> None:
    """Killed after each change of the world, before anybody wrote down that it was made."""
    struck = tuple(
        Point(kind="effect to outcome", moment="after effect", name=name, position=position)
        for name, position in KEYED
        if name != "commit"
    )
    found = run(root, (struck,), forgets=True)
    hits = sum(len(one.kills) for one in found)
    assert hits >= 4
    assert sum(one.duplicating for one in found) >= hits - 1
