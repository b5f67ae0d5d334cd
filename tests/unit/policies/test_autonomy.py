"""The last question before an effect."""

import itertools
from typing import Any

import pytest

from incident.control import Control
from incident.decision import because
from policies.gates import autonomy

SWITCHES = ("stop_all", "aborted", "paused")


def asked(control: Control | None = None, **changed: Any) -> str:
    values: dict[str, Any] = {"control": control or Control(), "autonomy": "auto", "dry_run": False}
    return autonomy.may_act(autonomy.Facts.model_validate(values | changed)).verdict.kind


@pytest.mark.parametrize("set_switches", list(itertools.product((False, True), repeat=3)), ids=str)
@pytest.mark.parametrize("level", ["observe", "propose", "approve", "auto"])
@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize("undo", [False, True])
def test_every_combination(set_switches: tuple[bool, bool, bool], level: str, dry_run: bool, undo: bool) -> None:
    control = Control(**dict(zip(SWITCHES, set_switches, strict=True)))
    verdict = asked(control, autonomy=level, dry_run=dry_run, undo=undo)
    free = not any(set_switches) and level in ("approve", "auto") and not dry_run
    assert (verdict == "allow") is (free or undo)


def test_the_kill_switch_alone_stops_an_effect_that_was_allowed() -> None:
    assert asked(Control()) == "allow"
    assert asked(Control(stop_all=True)) == "deny"


def test_a_pause_waits_and_an_abort_ends() -> None:
    assert asked(Control(paused=True)) == "hold"
    assert asked(Control(aborted=True)) == "deny"


def test_the_constraints_say_which_switch_is_set() -> None:
    def held(control: Control) -> list[bool]:
        facts = autonomy.Facts(control=control, autonomy="auto", dry_run=False)
        return [item.held for item in autonomy.may_act(facts).constraints]

    assert held(Control()) == [True, True, True, True]
    assert held(Control(stop_all=True)) == [False, True, True, True]
    assert held(Control(aborted=True)) == [True, False, True, True]
    assert held(Control(paused=True)) == [True, True, False, True]


def test_the_verdict_names_who_said_so_and_why() -> None:
    control = Control(aborted=True, by="grace", reason="wrong service")
    decision = autonomy.may_act(autonomy.Facts(control=control, autonomy="auto", dry_run=False))
    assert decision.verdict.reason == because("aborted", by="grace", why="wrong service")


def test_a_verdict_that_nobody_explained_names_nobody() -> None:
    decision = autonomy.may_act(autonomy.Facts(control=Control(paused=True), autonomy="auto", dry_run=False))
    assert decision.verdict.reason == because("paused", by="", why="")
