"""The table and the JSON say what fell short, what is scripted and what was not isolated."""

import io
from datetime import UTC, datetime

from rich.console import Console

from evals import report
from evals.judging.seen import Finding
from evals.scenarios.play import Played


def played(*, passed: bool, isolated: bool = True, scripted: str = "") -> Played:
    return Played(
        scenario=1,
        title="High error rate",
        seed=3,
        isolated=isolated,
        scripted=scripted,
        passed=passed,
        outcome="healed",
        exit_code=0,
        started=datetime(2026, 1, 31, tzinfo=UTC),
        seconds=61.0,
        findings=(Finding(judge="alive", passed=passed, detail="stock is gone"),),
    )


def shown(*runs: Played) -> str:
    said = io.StringIO()
    Console(width=200, file=said).print(report.table(runs, ()))
    return said.getvalue()


def test_a_failure_says_which_judge_and_why() -> None:
    assert "alive: stock is gone" in shown(played(passed=False))
    assert "FAILED" in shown(played(passed=False))


def test_a_pass_says_nothing_more() -> None:
    assert report.remarks(played(passed=True)) == ()
    assert "FAILED" not in shown(played(passed=True))


def test_what_is_not_live_or_not_isolated_is_said_even_of_a_pass() -> None:
    assert "scripted: the patch" in shown(played(passed=True, scripted="the patch"))
    assert "NOT ISOLATED" in shown(played(passed=True, isolated=False))


def test_the_summary_counts() -> None:
    summary = report.summary([played(passed=True), played(passed=False)])
    assert (summary["runs"], summary["passed"], summary["failed"]) == (2, 1, 1)
