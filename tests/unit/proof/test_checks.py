"""The checks of a proof as functions of what the trials showed: each fact that turns one, alone."""

import pytest
from pydantic import JsonValue

from incident.capture import Capture
from incident.proof import Check
from tests.unit.proof.replies import (
    COMPONENT,
    FAILED,
    FAILS,
    REPRODUCTION,
    SIGNATURE,
    batch,
    capture,
    reply,
    suite,
    thrown,
)
from tools.proof.checks import answer, failure, neighbours, sameness, suites
from tools.proof.checks.trial import Reply

OK = capture()


def test_the_same_exception_at_the_same_place_is_the_same_failure() -> None:
    assert failure.same(FAILS, SIGNATURE, COMPONENT)


@pytest.mark.parametrize(
    "raised",
    [
        thrown("KeyError"),
        thrown("TypeError", ("orders/a.py", 8, "price")),
        thrown("TypeError", ("orders/a.py", 7, "other")),
        thrown("TypeError", ("orders/b.py", 7, "price")),
        thrown("TypeError", ("orders/a.py", 7, "price"), ("orders/b.py", 1, "deeper")),
    ],
    ids=["exception", "line", "function", "file", "deeper"],
)
def test_one_difference_makes_it_another_failure(raised: object) -> None:
    assert not failure.same(FAILS.model_copy(update={"raised": raised}), SIGNATURE, COMPONENT)


def test_frames_of_a_shared_library_below_the_service_do_not_hide_the_place() -> None:
    inside = thrown("TypeError", ("orders/a.py", 7, "price"), ("libs/kit/json.py", 9, "dumps"))
    assert failure.same(FAILS.model_copy(update={"raised": inside}), SIGNATURE, COMPONENT)


@pytest.mark.parametrize(
    ("qualified", "alike"),
    [
        ("price.<locals>.<listcomp>", True),
        ("Cart.price.<locals>.<genexpr>", True),
        ("other.<locals>.<listcomp>", False),
    ],
)
def test_a_comprehension_fails_in_the_function_around_it(qualified: str, alike: bool) -> None:
    """Recorded errors name the function; on 3.11 the comprehension has a frame of its own."""
    inside = thrown("TypeError", ("orders/a.py", 7, qualified.rpartition(".")[2]))
    frames = tuple(frame.model_copy(update={"qualified": qualified}) for frame in inside.frames)
    raised = inside.model_copy(update={"frames": frames})
    assert failure.same(FAILS.model_copy(update={"raised": raised}), SIGNATURE, COMPONENT) is alike


def test_a_failure_that_is_only_logged_counts() -> None:
    logged = reply(status=500, logged=(thrown(),))
    assert failure.same(logged, SIGNATURE, COMPONENT)


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        (reply(), "needs state: it answers 200"),
        (reply(replayed=False), "needs state: it read local values"),
        (reply(timed_out=True), "does not end in time"),
        (reply(raised=thrown("KeyError")), "fails elsewhere: KeyError"),
        (reply(unexpected=("GET h/x",)), "needs state: it calls GET h/x"),
    ],
)
def test_a_recorded_failure_that_is_no_reproduction_says_why(seen: Reply, said: str) -> None:
    assert said in failure.why_not(seen, SIGNATURE)


def test_reproduces_is_unknown_rather_than_passed_without_a_run() -> None:
    assert failure.reproduces(batch(FAILS), REPRODUCTION, COMPONENT).outcome == "passed"
    assert failure.reproduces(batch(), REPRODUCTION, COMPONENT).outcome == "unknown"
    assert failure.reproduces(batch(FAILS, broken="no"), REPRODUCTION, COMPONENT).outcome == "unknown"
    assert failure.reproduces(batch(reply()), REPRODUCTION, COMPONENT).outcome == "unknown"


def fixed(seen: Reply, *healthy: Capture) -> Check:
    return failure.fixed(batch(seen), REPRODUCTION, healthy or (OK,))


def test_an_answer_like_a_recorded_success_is_fixed() -> None:
    assert fixed(reply()).outcome == "passed"


@pytest.mark.parametrize(
    ("seen", "outcome", "said"),
    [
        (FAILS, "failed", "still fails: TypeError"),
        (reply(logged=(thrown("KeyError"),)), "failed", "still fails: KeyError"),
        (reply(timed_out=True), "failed", "does not end"),
        (reply(crashed=True), "failed", "the process died"),
        (reply(status=500), "failed", "it answers 500; successes answer 200"),
        (reply(status=204), "failed", "it answers 204"),
        (reply(unexpected=("GET h/x",)), "unknown", "needs state: it goes on to call GET h/x"),
        (reply(unmade=("GET h/x",)), "unknown", "no longer makes calls"),
        (reply(raised=thrown("NothingRecorded")), "unknown", "needs state: it goes on to read"),
    ],
)
def test_anything_else_is_not_fixed(seen: Reply, outcome: str, said: str) -> None:
    found = fixed(seen)
    assert (found.outcome, said in found.detail) == (outcome, True), found


@pytest.mark.parametrize(
    "healthy",
    [
        capture(route="GET /o"),
        capture(outcome="failed"),
        capture(status=404),
    ],
    ids=["another route", "a failure", "a refusal"],
)
def test_what_is_no_success_of_the_route_shows_no_shape(healthy: Capture) -> None:
    assert fixed(reply(), healthy).outcome == "unknown"
    assert alike(reply(), healthy).outcome == "unknown"


REFUSED = capture(status=404, response={"error": "x"})


def test_a_refusal_is_an_answer_unless_the_service_never_raises_what_refuses() -> None:
    assert fixed(reply({"error": "y"}, status=404), OK).outcome == "passed"
    assert fixed(reply({"error": "y"}, status=404), REFUSED).outcome == "passed"
    foreign = failure.fixed(batch(reply(status=404)), REPRODUCTION, (OK, REFUSED), frozenset({"ZeroDivisionError"}))
    assert (foreign.outcome, "ZeroDivisionError" in foreign.detail) == ("failed", True)


@pytest.mark.parametrize("status", [500, 503, 599])
def test_an_error_of_the_server_is_never_an_answer(status: int) -> None:
    refused = capture(status=status, outcome="ok", response={"error": "x"})
    assert fixed(reply({"error": "x"}, status=status), OK, refused).outcome == "failed"


def alike(seen: Reply, *healthy: Capture) -> Check:
    return answer.check(batch(seen), REPRODUCTION, healthy or (OK,))


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        (reply({"cents": None}), "body.cents:null was never seen"),
        (reply({"cents": "9"}), "body.cents:string was never seen"),
        (reply({"error": "x"}), "body.cents is missing"),
        (reply(is_json=False, body="x"), "was never seen"),
        (reply({"error": "x"}, status=404), "no 404 of"),
        (FAILS, "there is none"),
    ],
)
def test_an_answer_that_nobody_recorded_is_unknown_and_shown(seen: Reply, said: str) -> None:
    found = alike(seen)
    assert (found.outcome, said in found.detail) == ("unknown", True), found


def test_the_answer_is_judged_by_recorded_answers_of_its_own_status() -> None:
    created = capture(status=201, response={"id": "x"})
    assert alike(reply({"id": "y"}, status=201), OK, created).outcome == "passed"
    assert alike(reply({"id": "y"}), OK, created).outcome == "unknown"
    assert alike(reply({"error": "y"}, status=404), OK, REFUSED).outcome == "passed"
    assert alike(reply({"cents": 1}, status=404), OK, REFUSED).outcome == "unknown"


def test_what_cannot_be_seen_is_never_alike() -> None:
    assert answer.check(batch(), REPRODUCTION, (OK,)).outcome == "unknown"
    assert answer.check(batch(reply(), broken="no"), REPRODUCTION, (OK,)).outcome == "unknown"


CASES = (FAILED, OK, capture(route="GET /o"))


def same(
    *after: Reply, base: tuple[Reply, ...] = (), again: tuple[Reply, ...] = (), cases: tuple[Capture, ...] = CASES
) -> Check:
    before = base or (FAILS, reply(), reply())
    later = again or before
    return sameness.check(batch(*before), batch(*later), batch(reply(), *after), REPRODUCTION, cases)


def test_the_same_answers_pass() -> None:
    found = same(reply(), reply())
    assert found == Check(
        name="same_answers", outcome="passed", detail="2 recorded successes are answered as by the base"
    )


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (reply({"cents": 8}), "differs at body.cents"),
        (reply({"cents": 9.0}), "differs at body.cents"),
        (reply({"cents": 9, "more": 1}), "differs at body.more"),
        (reply(sha256="other"), "the same values in other bytes"),
        (reply(status=201), "status 201 instead of 200"),
        (reply(raised=thrown()), "TypeError"),
        (reply(logged=(thrown(),)), "TypeError"),
        (reply(timed_out=True), "does not end"),
        (reply(crashed=True), "the process died"),
        (reply(made=("GET h/x 1",)), "calls GET h/x 1 instead of nothing"),
    ],
)
def test_one_other_answer_fails(after: Reply, said: str) -> None:
    found = same(reply(), after)
    assert (found.outcome, said in found.detail) == ("failed", True), found
    assert "1 of 2" in found.detail


def test_the_order_of_concurrent_calls_does_not_matter() -> None:
    one, other = reply(made=("GET a 1", "GET b 2")), reply(made=("GET b 2", "GET a 1"))
    assert same(one, reply(), base=(FAILS, other, reply())).outcome == "passed"


def test_where_the_base_varies_only_the_rest_is_compared() -> None:
    base, again = (FAILS, reply({"id": 1, "cents": 9}), reply()), (FAILS, reply({"id": 2, "cents": 9}), reply())
    cases = (FAILED, capture(response={"id": 3, "cents": 4}), capture(route="GET /o"))
    good = same(reply({"id": 3, "cents": 9}), reply(), base=base, again=again, cases=cases)
    assert good.outcome == "passed"
    assert "not compared, as the base varies them: body.id" in good.detail
    bad = same(reply({"id": 3, "cents": 8}), reply(), base=base, again=again, cases=cases)
    assert (bad.outcome, "body.cents" in bad.detail) == ("failed", True)


@pytest.mark.parametrize(
    "seen",
    [
        reply(status=404),
        reply({"error": "x"}),
        reply(raised=thrown()),
        reply(unexpected=("GET h/x",)),
        reply(timed_out=True),
        reply(crashed=True),
    ],
    ids=["status", "shape", "exception", "call", "time", "death"],
)
def test_a_success_that_the_base_does_not_repeat_needs_state(seen: Reply) -> None:
    on_the_route = same(seen, reply(), base=(FAILS, seen, reply()))
    assert (on_the_route.outcome, "needs state" in on_the_route.detail) == ("unknown", True)
    elsewhere = same(reply(), seen, base=(FAILS, reply(), seen))
    assert elsewhere.outcome == "passed"
    assert "1 set aside because they need state" in elsewhere.detail


def test_most_successes_of_the_route_must_be_repeatable() -> None:
    cases, odd = (FAILED, OK, OK, OK), reply(status=404)
    few = same(odd, odd, reply(), base=(FAILS, odd, odd, reply()), cases=cases)
    most = same(odd, reply(), reply(), base=(FAILS, odd, reply(), reply()), cases=cases)
    assert (few.outcome, most.outcome) == ("unknown", "passed")


BESIDE = reply({"cents": 3})
"""What the base answers to a success with one field more."""


@pytest.mark.parametrize(
    ("seen", "again", "after", "outcome"),
    [
        pytest.param(BESIDE, BESIDE, BESIDE, "passed", id="alike"),
        pytest.param(BESIDE, BESIDE, reply({"cents": 4}), "failed", id="another answer"),
        pytest.param(BESIDE, BESIDE, reply(raised=thrown()), "failed", id="an exception"),
        pytest.param(BESIDE, reply({"cents": 8}), reply({"cents": 4}), "passed", id="the base varies it"),
        pytest.param(reply(raised=thrown()), reply(raised=thrown()), BESIDE, "passed", id="the base fails there"),
        pytest.param(reply(status=422), reply(status=422), reply(), "failed", id="the base refuses it"),
    ],
)
def test_what_the_base_answers_beside_the_recorded_requests_is_answered_alike(
    seen: Reply, again: Reply, after: Reply, outcome: str
) -> None:
    base, later = (FAILS, reply(), reply(), seen), (FAILS, reply(), reply(), again)
    assert same(reply(), reply(), after, base=base, again=later).outcome == outcome


def test_requests_beside_the_recorded_ones_have_one_field_more_and_are_few() -> None:
    body: dict[str, JsonValue] = {"sku": "a"}
    recorded = (*[capture(body=body)] * 5, capture(body=body, route="GET /o"), capture(body=None), FAILED)
    found = neighbours.of(recorded)
    assert [item.route for item in found] == ["POST /o", "POST /o", "GET /o"]
    more = [item.body.keys() - body.keys() for item in found if isinstance(item.body, dict)]
    assert [len(names) for names in more] == [1, 1, 1]


def test_nothing_recorded_is_unknown() -> None:
    assert same(cases=(FAILED,), base=(FAILS,)).outcome == "unknown"


def test_a_broken_run_is_never_a_pass() -> None:
    good = batch(FAILS, reply(), reply())
    broken = batch(broken="stopped")
    assert sameness.check(broken, good, good, REPRODUCTION, CASES).outcome == "unknown"
    assert sameness.check(good, good, broken, REPRODUCTION, CASES).outcome == "failed"


ADDED = ("orders/tests/test_new.py",)
BASE = suite(1, orders__tests__test_a__test_one="passed", orders__tests__test_new__test_it="failed")
GOOD = suite(0, orders__tests__test_a__test_one="passed", orders__tests__test_new__test_it="passed")


def test_tests_that_pass_with_an_added_one_that_failed_before_are_a_proof() -> None:
    found = suites.own_tests((BASE, GOOD), ADDED)
    assert found.outcome == "passed"
    assert found.detail == "1 tests of the base pass; 1 added fail without the patch and pass with it"


@pytest.mark.parametrize(
    ("base", "patched", "outcome", "said"),
    [
        (BASE, suite(1, orders__tests__test_a__test_one="failed", orders__tests__test_new__test_it="passed"), "failed", "1 of 1 tests break"),
        (BASE, suite(0, orders__tests__test_new__test_it="passed"), "failed", "1 of 1 tests break"),
        (BASE, suite(0, orders__tests__test_a__test_one="skipped", orders__tests__test_new__test_it="passed"), "failed", "break"),
        (BASE, suite(1, orders__tests__test_a__test_one="passed", orders__tests__test_new__test_it="failed"), "failed", "does not pass with"),
        (BASE, suite(0, orders__tests__test_a__test_one="passed", orders__tests__test_new__test_it="skipped"), "failed", "does not pass with"),
        (BASE, suite(1, orders__tests__test_a__test_one="passed", orders__tests__test_new__test_it="passed"), "failed", "exit code 1"),
        (BASE, suite(0, orders__tests__test_a__test_one="passed", orders__tests__test_new__test_it="passed", orders__x__y="passed"), "failed", "does not pass"),
        (GOOD, GOOD, "failed", "does not fail without the patch"),
        (suite(1, orders__tests__test_a__test_one="passed", orders__tests__test_new__test_it="error"), GOOD, "failed", "does not fail without"),
        (suite(1, orders__tests__test_a__test_one="failed", orders__tests__test_new__test_it="failed"), GOOD, "unknown", "the base's own tests fail"),
        (suite(1, orders__tests__test_new__test_it="failed"), GOOD, "unknown", "no test of the base was run"),
        (suite(0, orders__tests__test_a__test_one="passed"), suite(0, orders__tests__test_a__test_one="passed"), "unknown", "not collected"),
        (suite(0).model_copy(update={"broken": "no pytest"}), GOOD, "unknown", "no pytest"),
        (BASE, suite(0).model_copy(update={"broken": "stopped"}), "failed", "stopped"),
        (BASE, GOOD.model_copy(update={"doubt": "did not run"}), "failed", "did not run"),
        (BASE.model_copy(update={"doubt": "did not run"}), GOOD, "unknown", "did not run"),
    ],
)  # fmt: skip
def test_one_other_fact_about_the_tests_turns_the_check(base: object, patched: object, outcome: str, said: str) -> None:
    found = suites.own_tests((base, patched), ADDED)  # type: ignore[arg-type]
    assert (found.outcome, said in found.detail) == (outcome, True), found


def test_without_an_added_test_or_without_a_run_nobody_knows() -> None:
    assert suites.own_tests((GOOD, GOOD), ()).outcome == "unknown"
    assert suites.own_tests(None, ADDED).outcome == "unknown"


def test_limits_that_the_patch_hits_fail_and_those_of_the_base_hold() -> None:
    fine, slow, died = batch(reply()), batch(reply(timed_out=True)), batch(reply(crashed=True))
    assert suites.bounded((fine, fine), fine, None).outcome == "passed"
    assert suites.bounded((fine, fine), slow, None).outcome == "failed"
    assert suites.bounded((fine, fine), died, None).outcome == "failed"
    assert suites.bounded((fine, fine), batch(stopped_by="memory"), None).outcome == "failed"
    assert suites.bounded((fine, slow), fine, None).outcome == "unknown"
    stopped = GOOD.model_copy(update={"stopped_by": "time"})
    assert suites.bounded((fine, fine), fine, (GOOD, stopped)).outcome == "failed"
    assert suites.bounded((fine, fine), fine, (stopped, GOOD)).outcome == "unknown"
