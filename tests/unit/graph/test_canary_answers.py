"""Recorded answers of a canary beside the old version's: what is a difference, what is none, and what becomes of it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import JsonValue

from graph.evidence.canary_answers import Kinds, Recorded, judged
from incident.capture import Capture
from incident.ending import Outcome
from incident.proof import Answer
from incident.rollout import Answers, Difference
from tests.unit.graph.desks import bench
from tests.unit.policies import given
from tools.scripted.clock import ManualClock
from tools.scripted.state import Behaviour
from tools.scripted.world import incident_world

ROUTE = "POST /orders"
MEMBER: dict[str, JsonValue] = {"customer": "c-1", "membership": {"tier": "gold"}}
STRANGER: dict[str, JsonValue] = {"customer": "c-1", "membership": None}
USUAL: dict[str, JsonValue] = {"customer": "c-9", "total": 900, "currency": "EUR", "gift": None}
KINDS = Kinds(ROUTE, (("body.membership:null",),), None)


def took(version: str, response: JsonValue, second: float = 0.0, **changed: Any) -> Capture:
    plain = {"service": "orders", "route": ROUTE, "trace_id": "", "outcome": "ok", "status": 201, "method": "POST"}
    asked = {"path": "/orders", "body": MEMBER, "response": response, "version": version, "at": given.at(second)}
    return Capture.model_validate({**plain, **asked} | changed)


def fails(version: str, exception: str, body: JsonValue, second: float = 0.0) -> Capture:
    return took(version, None, second, outcome="failed", status=500, exception=exception, body=body)


OLD = Recorded(
    tuple(
        # Totals are stand-ins, which vary; so does who asked.
        took("v1", {**USUAL, "total": 100 + second, "gift": None if second % 2 else "card"}, second)
        for second in range(40)
    ),
    tuple(fails("v1", "AttributeError", STRANGER, second) for second in range(10)),
)


def compared(*new: Capture, old: Recorded = OLD, kinds: Kinds = KINDS, since: float = 0.0) -> Answers:
    well, failed = (tuple(item for item in new if item.outcome == outcome) for outcome in ("ok", "failed"))
    found = judged(Recorded(well, failed), old, kinds, given.at(since))
    assert found is not None
    return found


def only(found: Answers) -> Difference:
    (one,) = found.differences
    return one


def test_answers_like_the_old_ones_are_no_difference() -> None:
    """Values that vary, and a null that was seen, say nothing."""
    found = compared(took("v2", USUAL, 5), took("v2", {**USUAL, "gift": "card", "total": 7}, 6))
    assert (found.route, found.new, found.old, found.differences) == (ROUTE, 2, 40, ())


@pytest.mark.parametrize(
    ("response", "changed", "what", "names"),
    [
        ({**USUAL, "total": "900"}, {}, "shape", ("body.total:string",)),
        ({**USUAL, "total": None}, {}, "shape", ("body.total:null",)),
        ({**USUAL, "more": 1}, {}, "shape", ("body.more:number",)),
        ({"customer": "c-9", "currency": "EUR", "gift": None}, {}, "missing", ("body.total",)),
        ({**USUAL, "currency": "USD"}, {}, "value", ("body.currency",)),
        (USUAL, {"status": 200}, "status", ()),
        ({"error": "no"}, {"status": 422}, "status", ()),
    ],
)
def test_an_unlike_answer_to_a_request_that_was_answered_well_is_a_difference(
    response: JsonValue, changed: dict[str, Any], what: str, names: tuple[str, ...]
) -> None:
    """By what it is, with its place, how often, and beside how many; never with its value."""
    one = only(compared(took("v2", USUAL, 5), *(took("v2", response, second, **changed) for second in (6, 7, 8))))
    assert (one.what, one.names, one.of_failing_kind) == (what, names, False)
    assert (one.seen, one.old) == (3, 40)
    assert "USD" not in one.model_dump_json()


def test_names_that_each_process_records_otherwise_are_no_difference_and_what_stands_there_is() -> None:
    """Names that the application's code does not say have stand-ins of their own length, others in each process."""
    known = Recorded(tuple(one.model_copy(update={"response": {"qwe_asdf": 1, "total": 9}}) for one in OLD.well), ())
    renamed: JsonValue = {"xyz_plmk": 5, "total": 9}
    assert compared(took("v2", renamed, 5), old=known).differences == ()
    others: tuple[JsonValue, ...] = (
        {"xyz_plmk": "5", "total": 9},
        {"xyz_plmk_more": 5, "total": 9},
        {"xyz_plmk": 5, "total": None},
    )
    assert all(compared(took("v2", other, 5), old=known).differences for other in others)
    assert only(compared(took("v2", {"total": 9}, 5), old=known)).what == "missing"


def test_a_value_that_the_request_brought_is_no_difference() -> None:
    """Who asks in dollars is answered in dollars."""
    known = Recorded(tuple(item.model_copy(update={"body": {**MEMBER, "currency": "EUR"}}) for item in OLD.well), ())
    answer = took("v2", {**USUAL, "currency": "USD"}, 5, body={**MEMBER, "currency": "USD"})
    assert compared(answer, old=known).differences == ()


def test_a_request_that_the_old_version_was_not_seen_to_answer_well_is_not_compared() -> None:
    """New traffic is not the new version's fault."""
    assert compared(took("v2", {"error": "no"}, 5, status=422, body={"other": 1})).new == 0


def test_what_the_old_version_does_not_answer_beside_it_any_more_is_not_compared() -> None:
    """At full traffic the world may have changed, and nobody is left to compare with."""
    late = took("v2", {**USUAL, "total": "900"}, 60)
    assert compared(late).differences == ()
    assert compared(late.model_copy(update={"at": given.at(30)})).differences


def test_nothing_of_the_old_version_beside_the_canary_is_nothing_compared() -> None:
    assert judged(Recorded((took("v2", USUAL, 5),), ()), OLD, KINDS, given.at(100)) is None


def test_answers_from_before_the_canary_show_what_is_usual_and_are_no_control() -> None:
    odd = took("v1", {**USUAL, "total": None}, 1)
    found = compared(took("v2", odd.response, 30), old=Recorded((*OLD.well[:20], odd, *OLD.well[20:]), ()), since=20)
    assert (found.differences, found.old) == ((), 20)


def test_a_request_of_the_failing_kind_that_still_fails_is_a_difference() -> None:
    """The old version fails them as well, which excuses nobody; what other requests meet there does."""
    still = compared(*(fails("v2", "AttributeError", STRANGER, second) for second in (5, 6)))
    assert only(still) == Difference(
        what="failed", of_failing_kind=True, status=500, names=("AttributeError",), seen=2, new=2, old=40
    )
    noise = Recorded(OLD.well, (*OLD.failed, fails("v1", "TimeoutError", MEMBER)))
    assert compared(fails("v2", "TimeoutError", STRANGER, 5), old=noise).differences == ()


def test_a_mended_request_may_be_answered_as_the_proof_showed() -> None:
    """A refusal that was proved is right where it used to fail, and nowhere else."""
    shown = Answer(status=201, said="", shape=("body.customer:string", "body:object"))
    kinds = KINDS._replace(shown=shown)
    bare: JsonValue = {"customer": "c-9"}
    assert compared(took("v2", bare, 5, body=STRANGER), kinds=kinds).differences == ()
    odd = compared(took("v2", {"odd": 1}, 5, body=STRANGER), kinds=kinds).differences
    assert [(one.what, one.of_failing_kind) for one in odd] == [("shape", True), ("missing", True)]
    assert only(compared(took("v2", bare, 5), kinds=kinds)).what == "missing"
    refusal = KINDS._replace(shown=Answer(status=422, said="", shape=("body.error:string", "body:object")))
    assert compared(took("v2", {"error": "x"}, 5, status=422, body=STRANGER), kinds=refusal).differences == ()
    # Nothing is known of the right answer: whether it fails is all that is asked.
    assert compared(took("v2", {"error": "x"}, 5, status=422, body=STRANGER)).differences == ()


def test_names_from_the_workload_are_cleaned_and_cut() -> None:
    found = compared(took("v2", {**USUAL, "\x1b[31mred\u202e" + "x" * 200: 1}, 5))
    (name,) = only(found).names
    assert name.isprintable()
    assert "\u202e" not in name
    assert len(name) <= 80


STRANGE = Behaviour(other=0.003, answer={"customer": "c-000001", "total": "900"})
"""A patch whose total is text where it was a number: no status, count or latency shows it."""


def test_a_patch_that_changes_the_shape_of_answers_is_taken_back(tmp_path: Path) -> None:
    """Everything that is counted is well; the answers are not, and the reason says where."""
    clock = ManualClock()
    at = bench(tmp_path, clock, incident_world(clock, patched=STRANGE))
    before = at.weights()
    clock.advance(30)
    ending = at.heal()
    assert ending.outcome is Outcome.ROLLED_BACK, ending.reason
    assert at.weights() == before
    assert ROUTE in ending.reason
    assert "body.total:string" in ending.reason


def test_the_same_patch_passes_where_answers_are_not_compared(tmp_path: Path) -> None:
    """The control: it is the comparison that takes it back."""
    clock = ManualClock()
    at = bench(tmp_path, clock, incident_world(clock, patched=STRANGE))
    limits = at.context.settings.limits
    off = limits.model_copy(update={"canary": limits.canary.model_copy(update={"known_answers": 10**9})})
    at.context = replace(at.context, settings=at.context.settings.model_copy(update={"limits": off}))
    clock.advance(30)
    assert at.heal().outcome is Outcome.HEALED
