"""Causes that the failing service does not show: a change elsewhere is taken back, an innocent one is left alone."""

from pathlib import Path
from typing import NamedTuple

import pytest

from evals.judging import registry
from incident.ending import Outcome
from tests.e2e import live

pytestmark = pytest.mark.timeout(600)


ASKED = 3
"""Hidden requests that these faults have."""


class Elsewhere(NamedTuple):
    """A fault, the service whose alert is waited for, and the one whose setting was changed."""

    fault: str
    alert: str
    changed: str


@pytest.mark.parametrize(
    "one",
    [
        Elsewhere("short-fraud-patience", "gateway", "payment"),
        Elsewhere("maintenance-page", "gateway", "catalog"),
        Elsewhere("slow-dependency", "payment", "fraud"),
    ],
    ids=lambda one: one.fault,
)
def test_a_setting_of_another_service_is_taken_back(root: Path, one: Elsewhere) -> None:
    with live.world(root, one.fault, one.alert) as lab:
        lab.heal()
        seen = lab.look()
    calls = (
        live.ending("healed", 0),
        registry.call("remedy", {"kinds": ["revert_config"]}),
        registry.call("oracle_answers", {"at_least": ASKED}),
        registry.call("others_untouched", {"service": one.changed}),
    )
    assert live.judged(seen, *calls) == []


def test_a_release_before_requests_of_a_new_kind_is_left_alone(root: Path) -> None:
    with live.world(root, "innocent-release", "checkout") as lab:
        lab.heal()
        seen = lab.look()
    assert seen.closed is not None, seen.said[0].stderr
    if seen.closed.ending.outcome is Outcome.HEALED:
        healed = (registry.call("remedy", {"kinds": ["patch"]}), registry.call("oracle_answers", {"at_least": ASKED}))
        assert live.judged(seen, live.ending("healed", 0), *healed) == []
    else:
        assert live.judged(seen, live.ending("escalated", 5), registry.call("world_as_before")) == []


def test_what_hangs_is_restarted(root: Path) -> None:
    with live.world(root, "hung-pricing", "checkout") as lab:
        lab.heal()
        seen = lab.look()
    calls = (
        live.ending("healed", 0),
        registry.call("remedy", {"kinds": ["restart"]}),
        registry.call("oracle_answers", {"at_least": 1}),
        registry.call("others_untouched", {"service": "pricing"}),
    )
    assert live.judged(seen, *calls) == []
