"""The checker's own reading of why the search went on or ended, and of how causes were weighed, bites."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from evals.truth import claims, record, searches, traffic
from evals.truth.record import Run
from graph.reports import report
from graph.reports import searched as searched_by_product
from policies.diagnosis import search
from tests.unit.recorded import Told

Body = dict[str, Any]

CODE: Body = {"kind": "code", "path": "a.py", "function": "f", "line": 3}
WHY: Body = {"code": "all_refused", "values": {"count": 2, "checks": ["own_tests"]}}
BLAMED: Body = {"code": "blames_code", "values": {"service": "orders", "path": "a.py", "function": "f"}}


def hypothesis(service: str = "orders", **cause: Any) -> Body:
    """One that blames code, unless another cause is given."""
    return {"service": service, "cause": cause or CODE, "disproof": "none", "evidence": []}


def looked(*hypotheses: Body, service: str = "orders", struck: Mapping[int, str] | None = None) -> Body:
    strikes = [{"hypothesis": index, "kind": kind, "why": WHY} for index, kind in (struck or {}).items()]
    return {"service": service, "hypotheses": list(hypotheses), "strikes": strikes}


def searched(*rounds: Body, setbacks: int = 0, path: tuple[str, ...] = (), seconds: float = 5.0) -> Body:
    met = {"service": "orders", "remedy": "patch", "blamed": BLAMED, "why": WHY, "outcome": "rejected"}
    return {
        "rounds": list(rounds),
        "setbacks": [met] * setbacks,
        "path": list(path),
        "known": ["orders", "stock"],
        "seconds": seconds,
        "limits": {"max_remedies": 3, "max_rounds": 2, "search_seconds": 900.0},
    }


UNKNOWN = {"kind": "unknown", "reason": "it is dark"}
STANDS = searched(looked(hypothesis()))
SPENT = searched(looked(hypothesis(), struck={0: "failed"}), setbacks=1)
DARK = searched(looked(hypothesis(**UNKNOWN)))
SUSPECTED = searched(looked(hypothesis(), struck={0: "untested"}))
STRUCK = searched(looked(hypothesis(), struck={0: "disproved"}))
TRIED: Body = {"remedy": "patch", "blamed": BLAMED, "why": WHY}


def named(kind: str, **cause: Any) -> tuple[Body, Body]:
    """Facts with a hypothesis of this kind, and the values that name it."""
    facts = searched(looked(hypothesis(kind=kind, **cause)))
    own = {"setting" if key == "key" else key: value for key, value in cause.items()}
    return {"service": "orders", **own}, facts


def change(what: str = "config", at: int = 0, **own: Any) -> Body:
    base = {
        "kind": "change",
        "service": "orders",
        "what": what,
        "at": clock(at),
        "version": "v2",
        "key": "K",
        "new": "1",
    }
    return {**base, **own}


def clock(second: int) -> str:
    return f"2026-01-01T00:00:{second:02d}+00:00"


def exposure(start: int, end: int, well: int, failed: int) -> Body:
    return {
        "kind": "exposure", "service": "orders", "version": "v2", "route": "R", "start": clock(start), "end": clock(end),
        "well": well, "failed": failed,
    }  # fmt: skip


GROUP: Body = {
    "kind": "error_group", "count": 7, "first": clock(20), "frames": [{"path": "b.py", "function": "g"}],
    "signature": {"service": "orders", "route": "R", "path": "a.py", "function": "f"},
}  # fmt: skip
OTHER: Body = {**GROUP, "count": 3, "signature": {**GROUP["signature"], "function": "h"}}
SIGNALS: Body = {
    "kind": "signals", "service": "orders", "version": None, "requests": 200, "errors": 4, "start": clock(5), "end": clock(18),
}  # fmt: skip
UNREADY: Body = {"kind": "unready", "service": "orders", "version": "v2", "started_at": clock(0)}
TRACE: Body = {"kind": "failing_trace", "deepest": "bank", "path": ["orders", "bank"]}


def seen(*found: Body, blames: Body | None = None) -> Body:
    """Facts of a check of one hypothesis over this evidence."""
    evidence = [{"fact": fact} for fact in found]
    return {
        "dossier": {"service": "orders", "onset": clock(20), "evidence": evidence},
        "diagnosis": {"hypotheses": [blames or hypothesis()]},
    }


AROUND = seen(GROUP, change(at=10), exposure(0, 9, 30, 1), exposure(11, 19, 40, 2), exposure(20, 30, 5, 9))

TRUE: Mapping[str, tuple[Body, Body]] = {
    "follows": ({"service": "orders", "number": 1, "round": 1}, STANDS),
    "looks_at": ({"service": "stock"}, searched(looked(hypothesis("stock", **UNKNOWN)))),
    "nothing_left": ({}, SPENT),
    "nothing_else": ({}, STRUCK),
    "remedies_spent": ({"count": 3}, searched(looked(hypothesis()), setbacks=3)),
    "time_spent": ({"seconds": 901.0}, searched(looked(hypothesis()), setbacks=1, seconds=901.0)),
    "rounds_spent": ({"count": 2}, searched(looked(), looked(service="stock"))),
    "tried_in_vain": (TRIED, SPENT),
    "nothing_helped": ({"tried": [{"code": "tried_in_vain", "values": TRIED}], "rest": {}}, SPENT),
    "only_suspected": ({"count": 1, "rest": {}}, SUSPECTED),
    "does_not_know": ({"rest": {}}, DARK),
    "all_struck": ({"count": 1, "rest": {}}, STRUCK),
    "blames_code": (BLAMED["values"], STANDS),
    "blames_deploy": named("deploy", version="v2"),
    "blames_config": named("config", key="K", old="1", new="2"),
    "blames_dependency": named("dependency", host="bank"),
    "blames_resource": named("resource", resource="memory"),
    "blames_hang": named("hang", version="v2"),
    "blames_service": ({"service": "orders"}, DARK),
    "no_error_known": ({"service": "orders"}, seen()),
    "errors_go_through": ({"here": 7, "total": 10, "path": "a.py", "function": "f"}, seen(GROUP, OTHER)),
    "failed_share": ({"who": "orders", "rate": 0.02}, seen(SIGNALS)),
    "traces_end_at": ({"host": "bank", "count": 1, "total": 2}, seen(TRACE, {**TRACE, "deepest": "orders"})),
    "nothing_known_of": ({"host": "bank"}, seen(SIGNALS)),
    "blamed_change_not_recorded": ({}, seen(blames=hypothesis(kind="config", key="K", new="1"))),
    "no_place_blamed": ({}, seen(blames=hypothesis(kind="dependency", host="bank"))),
    "no_dependency_blamed": ({}, seen()),
    "no_good_version_named": ({}, seen()),
    "nothing_would_disprove": ({}, seen()),
    "no_hang_blamed": ({}, seen()),
    "hang_not_seen": ({"version": "v2"}, seen(SIGNALS)),
    "answered_well": ({"service": "orders", "requests": 196}, seen({**SIGNALS, "end": clock(30)}, UNREADY)),
    "several_unready": ({"count": 2}, seen(UNREADY, {**UNREADY, "service": "stock"})),
    "started_lately": ({"version": "v2"}, seen(UNREADY)),
    "answers_nobody": ({"version": "v2"}, seen(UNREADY)),
    "errors_after_it": ({"seconds": 10.0}, seen(GROUP, change(at=10))),
    "time_alone": ({"seconds": 10.0}, seen(GROUP, change(at=10))),
    "served_well_since": ({"requests": 200, "errors": 4}, seen(SIGNALS, change())),
    "served_alike_well": ({"requests": 42, "errors": 2, "route": "R"}, AROUND),
    "alike_failed_since": ({"before": 31, "since": 9, "route": "R"}, AROUND),
    "kind_is_new": ({"before": 31, "errors": 1, "route": "R"}, AROUND),
    "no_candidate_at_all": ({}, {"exhausted": True, "failures": []}),
}
"""Of each reason: values, and facts that bear it out."""

FALSE: Mapping[str, tuple[tuple[Body, Body], ...]] = {
    "follows": (({"service": "orders", "number": 1, "round": 1}, SPENT), ({"service": "orders", "number": 2, "round": 1}, STANDS)),
    "looks_at": (({"service": "orders"}, TRUE["looks_at"][1]), ({"service": "bank"}, TRUE["looks_at"][1])),
    "nothing_left": (({}, STANDS), ({}, searched(looked(), path=("stock",)))),
    "nothing_else": (({}, STANDS), ({}, searched(looked(hypothesis("stock", **UNKNOWN))))),
    "remedies_spent": (({"count": 1}, SPENT), ({"count": 3}, SPENT)),
    "time_spent": (({"seconds": 5.0}, SPENT), ({"seconds": 901.0}, SPENT)),
    "rounds_spent": (({"count": 1}, STANDS), ({"count": 2}, STANDS)),
    "tried_in_vain": (({**TRIED, "remedy": "roll_back"}, SPENT), (TRIED, STRUCK)),
    "nothing_helped": (({"tried": [], "rest": {}}, SPENT), ({"tried": [], "rest": {}}, STRUCK)),
    "only_suspected": (({"count": 2, "rest": {}}, SUSPECTED), ({"count": 0, "rest": {}}, STRUCK)),
    "does_not_know": (({"rest": {}}, STRUCK), ({"rest": {}}, SPENT)),
    "all_struck": (({"count": 2, "rest": {}}, STRUCK), ({"count": 0, "rest": {}}, STANDS)),
    "blames_code": (({**BLAMED["values"], "function": "g"}, STANDS), ({**BLAMED["values"], "service": "stock"}, STANDS)),
    "blames_deploy": (({"service": "orders", "version": "v3"}, TRUE["blames_deploy"][1]),),
    "blames_config": (({"service": "orders", "setting": "L", "old": "1", "new": "2"}, TRUE["blames_config"][1]),),
    "blames_dependency": (({"service": "orders", "host": "shop"}, TRUE["blames_dependency"][1]),),
    "blames_resource": (({"service": "orders", "resource": "cpu"}, TRUE["blames_resource"][1]),),
    "blames_hang": (({"service": "orders", "version": "v1"}, TRUE["blames_hang"][1]),),
    "blames_service": (({"service": "stock"}, DARK),),
    "no_error_known": (({"service": "orders"}, seen(GROUP)),),
    "errors_go_through": (
        ({"here": 10, "total": 10, "path": "a.py", "function": "f"}, seen(GROUP, OTHER)),
        ({"here": 7, "total": 9, "path": "a.py", "function": "f"}, seen(GROUP, OTHER)),
    ),
    "failed_share": (({"who": "orders", "rate": 0.03}, seen(SIGNALS)), ({"who": "bank", "rate": 0.02}, seen(SIGNALS))),
    "traces_end_at": (({"host": "bank", "count": 2, "total": 2}, TRUE["traces_end_at"][1]),),
    "nothing_known_of": (({"host": "orders"}, seen(SIGNALS)), ({"host": "bank"}, seen(TRACE))),
    "blamed_change_not_recorded": (({}, seen(change(), blames=hypothesis(kind="config", key="K", new="1"))),),
    "no_place_blamed": (({}, seen()),),
    "no_dependency_blamed": (({}, seen(blames=hypothesis(kind="dependency", host="bank"))),),
    "no_good_version_named": (({}, seen(blames=hypothesis(kind="deploy", version="v2"))),),
    "nothing_would_disprove": (({}, seen(blames={**hypothesis(), "disproof": "errors_elsewhere"})),),
    "no_hang_blamed": (({}, seen(blames=hypothesis(kind="hang", version="v2"))),),
    "hang_not_seen": (({"version": "v2"}, seen(UNREADY)),),
    "answered_well": (({"service": "orders", "requests": 196}, seen(SIGNALS)), ({"service": "orders", "requests": 1}, seen())),
    "several_unready": (({"count": 2}, seen(UNREADY)),),
    "started_lately": (({"version": "v1"}, seen(UNREADY)),),
    "answers_nobody": (({"version": "v2"}, seen(SIGNALS)),),
    "errors_after_it": (({"seconds": 9.0}, seen(GROUP, change(at=10))), ({"seconds": 10.0}, seen(GROUP))),
    "time_alone": (({"seconds": -10.0}, seen(GROUP, change(at=10))),),
    "served_well_since": (
        ({"requests": 200, "errors": 5}, seen(SIGNALS, change())),
        ({"requests": 200, "errors": 4}, seen({**SIGNALS, "end": clock(30)}, change())),
    ),
    "served_alike_well": (
        ({"requests": 42, "errors": 0, "route": "R"}, AROUND),
        ({"requests": 42, "errors": 2, "route": "S"}, AROUND),
    ),
    "alike_failed_since": (({"before": 30, "since": 9, "route": "R"}, AROUND), ({"before": 31, "since": 8, "route": "R"}, AROUND)),
    "kind_is_new": (({"before": 0, "errors": 0, "route": "R"}, AROUND),),
    "no_candidate_at_all": (({}, {"exhausted": False, "failures": []}), ({}, {"exhausted": True, "failures": ["fixed"]})),
}  # fmt: skip
"""Of each reason: values, and facts that do not."""

CODES = sorted({*searches.CLAIMS, *traffic.CLAIMS, "no_candidate_at_all"})


@pytest.mark.parametrize("code", CODES)
def test_what_the_facts_bear_out_is_supported(code: str) -> None:
    assert claims.CLAIMS[code](*TRUE[code])


@pytest.mark.parametrize("code", CODES)
def test_control_what_the_facts_do_not_bear_out_is_found(code: str) -> None:
    assert FALSE[code]
    for values, facts in FALSE[code]:
        assert not claims.CLAIMS[code](values, facts), (values, facts)


def test_evidence_that_was_not_given_is_believed_only_as_another_ones_answer() -> None:
    reason = {"code": "no_error_known", "values": {"service": "orders"}}
    text = "no errors of orders are known"
    assert claims.supported({"evidence": {"reason": reason}}, reason, text)
    assert not claims.supported({"evidence": {"reason": {**reason, "values": {"service": "stock"}}}}, reason, text)


@pytest.fixture(scope="module")
def refused(told: Told) -> Run:
    """An incident whose one remedy was refused."""
    records = told["rejected"]
    return record.read([one.canonical() for one in records], report.render(records))


def steps(run: Run) -> list[record.Event]:
    return [event for event, made in run.decided(search.NAME) if made]


def test_the_steps_of_a_true_record_are_faithful(refused: Run) -> None:
    assert len(steps(refused)) == 2
    assert all(claims.faithful(refused, event) for event in steps(refused))
    leading, led = refused.leading(), refused.led()
    assert leading is not None
    assert led is not None
    assert leading["cause"]["function"] == "discount"
    assert led.followed == 0


LIES: Mapping[str, tuple[str, str]] = {
    "a setback that no decision gave": ('"count":2', '"count":3'),
    "a change that was never made": ('"outcome":"rejected"', '"outcome":"rolled back"'),
    "a strike that no decision gave": ('"here":8', '"here":9'),
    "a hypothesis that nobody had": ('"function":"available"', '"function":"reserve"'),
}


@pytest.mark.parametrize("lie", LIES)
def test_control_a_step_that_was_given_what_the_record_does_not_hold_is_found(refused: Run, lie: str) -> None:
    end = steps(refused)[-1]
    facts = json.dumps(end.body["facts"], separators=(",", ":"))
    old, new = LIES[lie]
    assert old in facts
    changed = end._replace(body={**end.body, "facts": json.loads(facts.replace(old, new))})
    events = tuple(changed if event is end else event for event in refused.events)
    assert not claims.faithful(refused._replace(events=events), changed)


def test_the_product_and_the_checker_agree_on_what_leads(told: Told) -> None:
    """Written twice, on purpose: each reads the search's steps on its own."""
    for name, records in told.items():
        run, best = record.read([one.canonical() for one in records]), searched_by_product.leading(records)
        assert best is not None, name
        assert run.leading() == best[0].model_dump(mode="json")
