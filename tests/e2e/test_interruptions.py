"""Kills, Ctrl-C, approvals and dry runs on a live world."""

import signal
from pathlib import Path

import pytest

from evals.judging import registry
from tests.e2e import live

pytestmark = pytest.mark.timeout(600)

FAULT, SICK = "null-membership", "payment"
AS_BEFORE = (
    registry.call("world_as_before"),
    registry.call("source_unchanged"),
    registry.call("others_untouched", {"service": SICK}),
)


def test_a_run_that_is_killed_during_the_canary_goes_on_and_does_nothing_twice(root: Path) -> None:
    with live.world(root, FAULT, SICK) as lab:
        first = lab.healer().start("graph.run", str(lab.payload))
        try:
            live.until(lambda: lab.share(SICK, 10), "the canary at 10 %")
        finally:
            first.send_signal(signal.SIGKILL)
            first.communicate()
        assert first.returncode == -signal.SIGKILL
        killed = lab.incident()
        lab.heal()
        assert lab.incident() == killed
        assert live.judged(lab.look(), *live.NULL_MEMBERSHIP_HEALED) == []


def test_an_interrupt_during_the_canary_takes_everything_back(root: Path) -> None:
    with live.world(root, FAULT, SICK) as lab:
        healer = lab.healer()
        process = healer.start("graph.run", str(lab.payload))
        try:
            live.until(lambda: lab.share(SICK, 10), "the canary at 10 %")
            process.send_signal(signal.SIGINT)
            lab.said.append(healer.finish("healer", process, within=60))
        finally:
            process.kill()
        tried = registry.call("was_tried", {"service": SICK, "share": 10})
        assert live.judged(lab.look(), live.ending("escalated", 5), tried, *AS_BEFORE) == []


def test_an_approval_outlives_the_process_that_asked(root: Path) -> None:
    with live.world(root, FAULT, SICK) as lab:
        waiting = lab.heal(SUTURE_AUTONOMY="approve")
        assert waiting.exit_code == 6, waiting.stderr
        asked = lab.look()
        assert live.judged(asked, live.ending("waiting", 6), registry.call("untouched")) == []
        approve = lab.healer(SUTURE_AUTONOMY="approve")
        words = ("--plan", lab.asked(), "--as", "dana")
        lab.said.append(approve.run("healer", "graph.approve", lab.incident(), *words, within=180))
        named = registry.call("journal_names", {"person": "dana", "actions": ["answered"]})
        seen = lab.look()
        assert live.judged(seen, *live.NULL_MEMBERSHIP_HEALED) == []
        assert registry.hear((named,), seen)[0].detail.count("the chain has no") == 0


def test_a_rejection_changes_nothing(root: Path) -> None:
    with live.world(root, FAULT, SICK) as lab:
        assert lab.heal(SUTURE_AUTONOMY="approve").exit_code == 6
        approve = lab.healer(SUTURE_AUTONOMY="approve")
        words = ("--as", "dana", "--reject", "--reason", "not now")
        lab.said.append(approve.run("healer", "graph.approve", lab.incident(), *words, within=60))
        assert live.judged(lab.look(), live.ending("rejected", 4), registry.call("untouched")) == []


def test_a_dry_run_changes_nothing(root: Path) -> None:
    with live.world(root, FAULT, SICK) as lab:
        lab.heal("--dry-run")
        assert live.judged(lab.look(), live.ending("waiting", 6), registry.call("untouched")) == []
