"""What an ending says of changes: what was asked and came back, and never more."""

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from graph.reports import report
from incident.ending import Ending, Outcome
from incident.evidence import Change, Dossier
from incident.record import Closed, Gathered, Told
from tests.unit.graph.changed import SILENT, added, ago, config, played, release
from tests.unit.graph.desks import Bench

NONE = re.compile(
    r"nothing (was|is|has been) (changed|deployed)|\bno (change|deploy|release)\b|shortly before", re.IGNORECASE
)
"""Words that say that there was no change."""


def ending(at: Bench) -> Ending:
    """The ending as it was recorded."""
    return next(record.event.ending for record in reversed(at.records) if isinstance(record.event, Closed))


def dossier(at: Bench) -> Dossier:
    """The first evidence."""
    return next(record.event.dossier for record in at.records if isinstance(record.event, Gathered))


def test_none_is_said_only_of_services_that_were_asked_and_over_which_window(tmp_path: Path) -> None:
    """Control of all below: a world in which nothing was changed."""
    said = ending(played(tmp_path)).lines[0]
    assert (
        "No change of orders, stock and storefront is recorded from 2025-12-31 23:00:00 to 2026-01-01 00:00:30" in said
    )


@pytest.mark.parametrize("told", [True, False], ids=["an error has a place", "nothing is logged"])
@pytest.mark.parametrize("service", ["orders", "stock", "storefront"], ids=["own", "callee's", "on the failing path"])
@pytest.mark.parametrize("change", [config, release])
def test_a_change_in_the_window_is_listed_blamed_or_not(
    tmp_path: Path, change: Callable[[datetime, str], Change], service: str, told: bool
) -> None:
    """Two thousand seconds ago: too old to be blamed by anybody, and told all the same."""
    at = played(tmp_path, change(ago(2_000), service), told=told)
    over = ending(at)
    named = "PATIENCE from '2' to '0.2'" if change is config else "deploy of v1 after v0"
    assert f"{service} " in over.lines[0]
    assert named in over.lines[0]
    assert "at 2025-12-31 23:26:40" in over.lines[0]
    assert not NONE.search(" ".join(over.lines)), over.reason
    rendered = report.render(tuple(at.records))
    assert named in rendered
    assert "| not blamed | kim |" in rendered


def test_a_fresh_change_of_a_setting_leads_and_stays_a_hypothesis(tmp_path: Path) -> None:
    """The same requests were well before it; unsetting it mends nothing here, and is taken back."""
    at = played(tmp_path, added(ago(0.5), "orders"), told=True, alike=True)
    over = ending(at)
    assert over.lines[0].startswith(
        "Leading hypothesis, not shown to be the cause: orders setting PATIENCE from unset to '0.2'"
    )
    assert "| blamed | kim |" in report.render(tuple(at.records))
    assert over.lines[1].startswith("Why: revert_config: outside the threshold")
    assert "from unset to" in over.lines[0]
    assert at.world.platform.read("orders").versions[0].config["PATIENCE"] == "0.2"
    assert "look at the change that is blamed: orders setting PATIENCE" in over.lines[2]


def test_a_change_that_is_no_longer_in_force_is_struck_and_told(tmp_path: Path) -> None:
    """It was blamed until it was to be undone; then the next cause leads, and the change is still listed."""
    at = played(tmp_path, config(ago(0.5), "orders"), told=True, alike=True)
    over, rendered = ending(at), report.render(tuple(at.records))
    assert over.lines[0].startswith("Leading hypothesis, not shown to be the cause: AttributeError raised in discount")
    assert "orders setting PATIENCE from '2' to '0.2' at 2025-12-31 23:59:59" in over.lines[0]
    assert "struck, because PATIENCE is no longer what the change set it to" in rendered
    assert "| not blamed | kim |" in rendered


def test_a_change_before_a_new_kind_of_requests_is_suspected_and_told(tmp_path: Path) -> None:
    """Nobody knows how they would have fared without it, so it leads nothing and is not acted upon."""
    at = played(tmp_path, config(ago(20), "orders"), told=True)
    over, rendered = ending(at), report.render(tuple(at.records))
    assert over.lines[0].startswith("Leading hypothesis, not shown to be the cause: AttributeError raised in discount")
    assert "orders setting PATIENCE from '2' to '0.2' at 2025-12-31 23:59:40" in over.lines[0]
    assert re.search(r"PATIENCE .*: struck, because its disproving check could not run: of the failing kind", rendered)


@pytest.mark.parametrize("silent", [("stock",), ("orders", "stock", "storefront")], ids=["one", "all"])
def test_a_change_log_that_does_not_answer_rules_nothing_out(tmp_path: Path, silent: tuple[str, ...]) -> None:
    over = ending(played(tmp_path, silent=silent))
    assert over.outcome is Outcome.ESCALATED
    assert f"could not be asked for ({SILENT})" in over.lines[0]
    assert not NONE.search(over.reason), over.reason


def test_the_record_says_who_was_asked_when_and_what_came_of_it(tmp_path: Path) -> None:
    asked = {
        one.service: one for one in dossier(played(tmp_path, config(ago(60), "orders"), silent=("stock",))).searches
    }
    assert set(asked) == {"orders", "stock", "storefront"}
    assert (asked["orders"].found, asked["orders"].failure) == (1, "")
    assert (asked["stock"].found, asked["stock"].failure) == (0, SILENT)
    assert (asked["storefront"].found, asked["storefront"].failure) == (0, "")
    assert all((one.end - one.start).total_seconds() == 3_630 for one in asked.values())


def test_a_log_that_answers_again_is_asked_again(tmp_path: Path) -> None:
    """A short silence costs no knowledge."""
    asked = dossier(played(tmp_path, silent=("stock",), times=2)).searches
    assert not any(one.failure for one in asked)


def test_an_ending_says_what_was_looked_at_why_it_stopped_and_the_next_step(tmp_path: Path) -> None:
    at = played(tmp_path)
    found, why, step = ending(at).lines
    assert "No cause is established" in found
    assert re.search(r"Looked at: .*\d+ requests of orders until .* p50 4 ms", found)
    assert "Not to be had: failing requests (nobody records the requests of 'orders')" in found
    assert "no cause is known, so no remedy can be chosen; nothing else is left to look at" in why
    assert "This incident changed no service." in why
    assert step == "Next: look at orders (python -m graph.explain inc-test)."


def test_a_struck_hypothesis_is_named_where_none_stands(tmp_path: Path) -> None:
    """A fresh change with nothing in the log to test it by: not blamed, and not hidden."""
    found = ending(played(tmp_path, config(ago(20), "orders"))).lines[0]
    assert re.search(r"Struck: orders setting PATIENCE from '2' to '0.2' at .*, because its disproving check", found)


def test_a_notice_says_the_same_in_three_lines(tmp_path: Path) -> None:
    at = played(tmp_path)
    (told,) = (record.event for record in at.records if isinstance(record.event, Told))
    assert told.lines == ending(at).lines
    assert len(told.lines) == 3
    assert ending(at).reason == " ".join(told.lines)


def test_no_question_of_an_agent_becomes_a_statement(tmp_path: Path) -> None:
    """An agent that knows nothing of the cause says nothing of it, in its own words or in ours."""
    over = ending(played(tmp_path, config(ago(2_000), "stock")))
    assert "We do not know" not in over.reason
    assert "gave no usable answer" not in over.reason
