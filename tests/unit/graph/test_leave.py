"""An incident keeps the leave it was opened with: whoever touches it later can only narrow it, in one place."""

import argparse
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from graph import approve
from graph.config import leave, settings
from graph.config.leave import LADDER
from graph.config.settings import Settings
from graph.console import observer
from graph.context import Context
from graph.runtime import cases, driver, question
from graph.setup import stores, wiring
from graph.state import Case
from incident.alert import Alert, Payload, fingerprint_of, parse
from incident.ending import Outcome
from incident.errors import BadInput
from policies import profiles
from tests.unit.graph.driven import ALONE, LABELS, PERSON, Driver, alert, driven, said, untouched
from tests.unit.graph.rows import AT, row
from tools import ports
from tools.clock import SystemClock
from tools.records.marks import Marks
from tools.scripted.world import ScriptedWorld, incident_world

MARKS = Marks(b"0" * 32)


def case(incident: str = "inc-1", service: str = "orders") -> Case:
    alert = Alert(status="firing", labels=LABELS, starts_at=AT, fingerprint=fingerprint_of(LABELS))
    return Case(incident=incident, world="w", payload=Payload(alerts=(alert,)), alert=alert, service=service)


def opened(chosen: Settings, marks: Marks = MARKS, **changed: Any) -> ports.Row:
    """The row of an incident that was opened under these settings, changed by hand afterwards."""
    return row(opening={**leave.opened(chosen, case(), marks), **changed})


@pytest.mark.parametrize("first", LADDER)
@pytest.mark.parametrize("later", ["", *LADDER])
def test_nobody_gets_more_leave_than_the_incident_was_opened_with(tmp_path: Path, first: str, later: str) -> None:
    """Who says nothing of it leaves it as it is; who says less gets less."""
    known = opened(said(tmp_path, SUTURE_AUTONOMY=first))
    environment = {"SUTURE_AUTONOMY": later} if later else {}
    found = leave.narrowed(said(tmp_path, **environment), known, MARKS)
    assert LADDER.index(found.autonomy) == min(LADDER.index(level) for level in (first, later or first))


@pytest.mark.parametrize(("first", "later"), [(True, False), (False, True), (True, True)])
def test_a_dry_run_stays_one_and_what_was_none_can_become_one(tmp_path: Path, first: bool, later: bool) -> None:
    auto = {"SUTURE_HOME": str(tmp_path), "SUTURE_AUTONOMY": "auto"}
    known = opened(settings.load(auto, dry_run=first))
    assert leave.narrowed(settings.load(auto, dry_run=later), known, MARKS).dry_run


def test_control_what_was_no_dry_run_is_none(tmp_path: Path) -> None:
    chosen = said(tmp_path, SUTURE_AUTONOMY="auto")
    assert not leave.narrowed(chosen, opened(chosen), MARKS).dry_run


HAND: dict[str, Callable[[ports.Row], ports.Row]] = {
    "more autonomy": lambda known: known.model_copy(update={"opening": {**known.opening, "autonomy": "auto"}}),
    "looser limits": lambda known: known.model_copy(
        update={"opening": {**known.opening, "limits": profiles.lab().model_dump(mode="json")}}
    ),
    "another service": lambda known: known.model_copy(
        update={"opening": {**known.opening, "case": case(service="stock").model_dump(mode="json")}}
    ),
    "no mark": lambda known: known.model_copy(update={"opening": {**known.opening, "mark": ""}}),
    "an older version": lambda known: known.model_copy(
        update={"opening": {key: known.opening[key] for key in ("case", "autonomy", "dry_run")}}
    ),
    "nothing at all": lambda known: known.model_copy(update={"opening": {}}),
    "nonsense": lambda known: known.model_copy(update={"opening": {"autonomy": "auto"}}),
    "another incident's": lambda known: known.model_copy(
        update={
            "opening": leave.opened(
                Settings(home=Path("/x"), autonomy="auto", limits=profiles.lab()), case("inc-2"), MARKS
            )
        }
    ),
    "another home's": lambda known: known.model_copy(
        update={
            "opening": leave.opened(
                Settings(home=Path("/x"), autonomy="auto", limits=profiles.lab()), case(), Marks(b"1" * 32)
            )
        }
    ),
    "its own under another id": lambda known: known.model_copy(update={"id": "inc-2"}),
    "its own in another world": lambda known: known.model_copy(update={"world": "another"}),
}


@pytest.mark.parametrize("how", HAND)
def test_a_row_that_somebody_else_wrote_gives_no_leave_to_act(tmp_path: Path, how: str) -> None:
    auto = said(tmp_path, SUTURE_AUTONOMY="auto")
    for first in ("propose", "approve"):
        known = opened(said(tmp_path, SUTURE_AUTONOMY=first))
        assert leave.narrowed(auto, known, MARKS).autonomy == first, "the control: as it was written"
        assert leave.narrowed(auto, HAND[how](known), MARKS).autonomy == "propose"
        silent = said(tmp_path)
        assert leave.narrowed(silent, HAND[how](known), MARKS).autonomy == "propose"


def test_who_may_only_look_still_only_looks_whatever_the_row_says(tmp_path: Path) -> None:
    known = opened(said(tmp_path, SUTURE_AUTONOMY="observe"), mark="")
    assert leave.narrowed(said(tmp_path, SUTURE_AUTONOMY="auto"), known, MARKS).autonomy == "observe"
    dry = opened(settings.load({"SUTURE_HOME": str(tmp_path)}, dry_run=True), mark="")
    assert leave.narrowed(said(tmp_path, SUTURE_AUTONOMY="auto"), dry, MARKS).dry_run


def test_the_limits_of_the_opening_hold_for_who_says_nothing(tmp_path: Path) -> None:
    known = opened(said(tmp_path, "[reach]\nauto_below = 1000\n", SUTURE_PROFILE="lab"))
    limits = leave.narrowed(said(tmp_path), known, MARKS).limits
    assert limits.reach.auto_below == 1_000
    assert limits.verify == profiles.lab().verify


def test_a_file_of_limits_narrows_what_it_names_and_widens_nothing(tmp_path: Path) -> None:
    known = opened(said(tmp_path, SUTURE_PROFILE="lab"))
    freeze = '{ start = 2026-12-20T00:00:00Z, end = 2027-01-02T00:00:00Z, reason = "Christmas" }'
    later = said(
        tmp_path, f"[reach]\nauto_below = 6000\nmax_tries = 1\nfreezes = [{freeze}]\n[verify]\nbake_seconds = 60.0\n"
    )
    limits = leave.narrowed(later, known, MARKS).limits
    assert (limits.reach.auto_below, limits.reach.max_tries) == (3_500, 1)
    assert [item.reason for item in limits.reach.freezes] == ["Christmas"]
    assert limits.verify.bake_seconds == 60.0
    assert limits.verify.min_samples == profiles.lab().verify.min_samples, "what the file does not name stays"


def test_a_profile_that_somebody_says_narrows_with_all_it_holds(tmp_path: Path) -> None:
    known = opened(said(tmp_path, SUTURE_PROFILE="lab"))
    limits = leave.narrowed(said(tmp_path, SUTURE_PROFILE="standard"), known, MARKS).limits
    assert limits.verify.bake_seconds == profiles.standard().verify.bake_seconds
    back = leave.narrowed(said(tmp_path, SUTURE_PROFILE="lab"), opened(said(tmp_path)), MARKS).limits
    assert back.verify.bake_seconds == profiles.standard().verify.bake_seconds


def test_claims_that_are_kept_elsewhere_hold_nobody_off_so_nothing_is_changed_under_them(tmp_path: Path) -> None:
    redis = "redis://:s3cret@127.0.0.1:6379/0"
    known = opened(said(tmp_path, SUTURE_AUTONOMY="auto", REDIS_URL=redis))
    assert "s3cret" not in json.dumps(known.opening)
    for url, want in (
        ("", "propose"),
        ("redis://127.0.0.1:6380/0", "propose"),
        ("redis://127.0.0.1:6379/0?db=5", "propose"),
        ("redis://:new@127.0.0.1:6379/0", "auto"),
    ):
        chosen = said(tmp_path, SUTURE_AUTONOMY="auto", **({"REDIS_URL": url} if url else {}))
        assert leave.narrowed(chosen, known, MARKS).autonomy == want


def test_what_may_be_spent_and_which_labels_name_a_service_stay(tmp_path: Path) -> None:
    rich, poor = {"SUTURE_INCIDENT_TOKENS": "900000"}, {"SUTURE_INCIDENT_TOKENS": "5000", "SUTURE_INCIDENT_COST": "0.5"}
    known = opened(said(tmp_path, SUTURE_SERVICE_LABELS="app", **poor))
    found = leave.narrowed(said(tmp_path, **rich), known, MARKS)
    assert (found.thinking.incident_tokens, found.thinking.incident_cost_micros) == (5_000, 500_000)
    assert found.service_labels == ("app",)


def test_what_was_narrowed_once_stays_narrow(tmp_path: Path) -> None:
    """A person who looks at it under less leave has not asked for it to act when somebody else comes."""
    auto = said(tmp_path, SUTURE_AUTONOMY="auto", SUTURE_PROFILE="lab")
    once = leave.kept(said(tmp_path, "[reach]\nauto_below = 1000\n", SUTURE_AUTONOMY="approve"), opened(auto), MARKS)
    later = leave.narrowed(auto, once, MARKS)
    assert (later.autonomy, later.limits.reach.auto_below) == ("approve", 1_000)
    dry = leave.kept(settings.load({"SUTURE_HOME": str(tmp_path)}, dry_run=True), opened(auto), MARKS)
    assert leave.narrowed(auto, dry, MARKS).dry_run


def test_who_says_nothing_and_who_keeps_claims_elsewhere_leave_the_row_as_it_is(tmp_path: Path) -> None:
    known = opened(said(tmp_path, SUTURE_AUTONOMY="auto"))
    assert leave.kept(said(tmp_path), known, MARKS) == known
    assert leave.kept(said(tmp_path, REDIS_URL="redis://127.0.0.1:1/0"), known, MARKS) == known
    forged = opened(said(tmp_path, SUTURE_AUTONOMY="propose"), autonomy="auto")
    assert leave.kept(said(tmp_path), forged, MARKS) == forged, "nothing is signed that was not ours"


def test_what_an_incident_was_opened_with_comes_back_as_it_was(tmp_path: Path) -> None:
    known = opened(said(tmp_path, SUTURE_AUTONOMY="auto"))
    kept = leave.opening(known)
    assert kept is not None
    assert kept.case == case()
    assert leave.genuine(known, MARKS) == kept
    assert leave.opening(row()) is None


# A whole driver, on real books and a simulated world, with a clock that runs.


@pytest.fixture
def world() -> ScriptedWorld:
    """A fresh deploy is to blame, so that what would be done needs no sandbox."""
    return incident_world(SystemClock(), wakes_in=-20.0, deployed_ago=40.0)


@pytest.fixture
def books(tmp_path: Path) -> stores.Stores:
    return stores.connect(said(tmp_path))


@pytest.mark.parametrize("later", [{}, ALONE, {"SUTURE_AUTONOMY": "propose"}], ids=str)
def test_what_waits_for_a_person_still_waits_when_the_alert_comes_again(
    tmp_path: Path, books: stores.Stores, world: ScriptedWorld, later: dict[str, str]
) -> None:
    ending, asked = driven(said(tmp_path, **PERSON), books, world, alert())
    assert ending.outcome is Outcome.WAITING
    again, same = driven(said(tmp_path, **later), books, world, alert())
    assert (again.outcome, same.id, same.status) == (Outcome.WAITING, asked.id, "waiting")
    resumed, _ = Driver(said(tmp_path, **later), books, world, observer.silent).resume(same)
    assert resumed.outcome is Outcome.WAITING
    assert untouched(world)


@pytest.mark.parametrize(
    "again",
    [alert("2026-01-31T13:00:00+01:00"), alert("2026-01-31T12:00:00.000000Z"), alert(severity="critical", pod="b")],
    ids=["the same instant in another zone", "the same instant, spelled out", "more labels"],
)
def test_the_same_trouble_told_in_other_words_is_not_acted_upon_while_a_person_is_asked(
    tmp_path: Path, books: stores.Stores, world: ScriptedWorld, again: Payload
) -> None:
    driven(said(tmp_path, **PERSON), books, world, alert())
    ending, _ = driven(said(tmp_path, **ALONE), books, world, again)
    assert ending.outcome is Outcome.WAITING
    assert untouched(world)


def test_a_question_that_was_never_one_holds_nobody_up(
    tmp_path: Path, books: stores.Stores, world: ScriptedWorld
) -> None:
    """Who only proposed has asked nobody; the next alert is judged by itself."""
    driven(said(tmp_path, SUTURE_AUTONOMY="propose"), books, world, alert())
    ending, second = driven(said(tmp_path, **PERSON), books, world, alert(pod="b"))
    assert "a person was asked about this service" not in ending.reason
    third, _ = driven(said(tmp_path, **PERSON), books, world, alert(pod="c"))
    assert f"a person was asked about this service and has not answered: {second.id}" in third.reason


class Unguarded(driver.Driver):
    """The control: a workplace made from the settings of whoever comes."""

    def context(self, row: ports.Row) -> Context:
        return wiring.context(self._settings, self._shared, self._world, row.id, self._listener)


def test_control_without_the_narrowing_the_workplace_has_all_the_leave_that_the_environment_says(
    tmp_path: Path, books: stores.Stores, world: ScriptedWorld
) -> None:
    _, known = driven(said(tmp_path, **PERSON), books, world, alert())
    both = [
        kind(said(tmp_path, **ALONE), books, world, observer.silent).context(known)
        for kind in (Unguarded, driver.Driver)
    ]
    assert [context.settings.autonomy for context in both] == ["auto", "approve"]


def test_a_row_changed_in_the_database_is_not_believed_by_the_driver(
    tmp_path: Path, books: stores.Stores, world: ScriptedWorld
) -> None:
    """Where a proposal waits, "auto" is written into its row and its question forgotten."""
    _, known = driven(said(tmp_path, SUTURE_AUTONOMY="propose", SUTURE_PROFILE="lab"), books, world, alert())
    forged = known.model_copy(update={"opening": {**known.opening, "autonomy": "auto"}})
    with closing(sqlite3.connect(books.home.incidents_index)) as store:
        store.execute("UPDATE incidents SET body = ? WHERE id = ?", (forged.model_dump_json(), known.id))
        store.commit()
    ending, _ = driven(said(tmp_path, **ALONE), books, world, alert())
    assert ending.outcome is Outcome.WAITING
    assert "autonomy is propose" in ending.reason
    assert untouched(world)


def test_a_repeat_that_says_more_opens_what_was_opened_and_nothing_else(
    tmp_path: Path, books: stores.Stores, world: ScriptedWorld
) -> None:
    """Killed right after it was opened, it begins again with its own alert, not with what came in later."""
    chosen = said(tmp_path, SUTURE_AUTONOMY="propose", SUTURE_PROFILE="lab")
    (first,) = cases.of(chosen, world, alert()).cases
    now = books.clock.now()
    lost = ports.Row(
        id=first.incident, world=first.world, fingerprint=first.alert.identity, starts_at=first.alert.starts_at,
        service=first.service, status="open", opened_at=now, changed_at=now,
        opening=leave.opened(chosen, first, books.marks),
    )  # fmt: skip
    assert books.incidents.claim(lost, "999999999:1") is not None
    one = {"labels": LABELS, "startsAt": "2026-01-31T12:00:00Z", "annotations": {"summary": "act on stock instead"}}
    driven(said(tmp_path, **ALONE), books, world, parse(json.dumps(one).encode()))
    journal = stores.folder(books, first.incident).lines()
    assert b"act on stock instead" not in b"".join(journal)


def test_an_answer_needs_a_rule_to_verify_by_where_the_alert_has_none(
    tmp_path: Path, books: stores.Stores, world: ScriptedWorld
) -> None:
    strange = parse(json.dumps({"labels": {**LABELS, "alertname": "Odd"}, "startsAt": "2026-01-31T12:00:00Z"}).encode())
    ending, known = driven(said(tmp_path, **ALONE), books, world, strange)
    assert ending.outcome is Outcome.WAITING
    assert "no rule" in ending.reason
    assert untouched(world)
    asked = question.asked(books, known.id)
    assert asked is not None
    for rule, reject, refused in (
        ("", False, True), ("Odd", False, True), ("HighErrorRate", False, False), ("", True, False), ("HighErrorRate", True, True),
    ):  # fmt: skip
        arguments = argparse.Namespace(verify_by=rule, reject=reject)
        if refused:
            with pytest.raises(BadInput, match="--verify-by"):
                approve.checked(arguments, world, asked)
        else:
            approve.checked(arguments, world, asked)
