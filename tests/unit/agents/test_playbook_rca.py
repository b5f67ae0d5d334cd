"""What the playbook blames, from which evidence."""

from datetime import timedelta
from typing import Any

import pytest

from agents import prompts, rca
from agents.budget import Budget
from agents.models import factory
from incident.diagnosis import Disproof
from incident.evidence import ErrorGroup, FailingTrace, Signature, Span
from tests.unit.agents import doubles
from tests.unit.agents.diagnosing import diagnose
from tools.scripted.clock import ManualClock

DEPLOY = doubles.change("deploy", -20, version="v2", previous="v1")
CONFIG = doubles.change("config", -10, key="limit", old="100", new="0")
NETWORK = Signature(
    service="orders",
    route="POST /orders",
    exception="httpx.ConnectTimeout",
    path=doubles.PLACE.path,
    function="discount",
    line=9,
)


def client_span(peer: str) -> Span:
    return Span(
        trace_id="t", span_id="s", service="orders", name="POST /pay", kind="client", start=doubles.ONSET,
        duration_ms=9, status="error", attributes={"peer.service": peer},
    )  # fmt: skip


def test_a_dormant_bug_is_blamed_on_its_line() -> None:
    leading = diagnose(*doubles.DORMANT).leading
    assert leading.cause.model_dump() == {
        "kind": "code", "path": doubles.PLACE.path, "function": "discount", "line": 9,
    }  # fmt: skip
    assert leading.disproof is Disproof.ERRORS_ELSEWHERE


def test_a_blamed_line_cites_what_the_workload_cannot_write_as_well() -> None:
    leading = diagnose(*doubles.DORMANT).leading
    kinds = {item.id: (item.fact.kind, item.origin.value) for item in doubles.dossier().evidence}
    cited = [kinds[key] for key in leading.evidence]
    assert ("error_group", "workload") in cited
    assert ("signals", "measured") in cited


V2_ONLY = doubles.group(versions=("v2",))


def test_a_fresh_deploy_whose_version_alone_fails_beats_the_code() -> None:
    found = diagnose(doubles.HEALTHY, doubles.SICK, V2_ONLY, DEPLOY).hypotheses
    assert [item.cause.kind for item in found] == ["deploy", "code"]
    assert found[0].disproof is Disproof.ERRORS_BEFORE_CHANGE


NOT_THE_DEPLOY: dict[str, tuple[Any, ...]] = {
    "the old version fails, too": (doubles.HEALTHY, doubles.SICK, doubles.group(versions=("v1", "v2")), DEPLOY),
    "the errors were there before": (doubles.signals(-60, 0, errors=80), doubles.SICK, V2_ONLY, DEPLOY),
    "it is long ago": (doubles.HEALTHY, doubles.SICK, V2_ONLY, doubles.change("deploy", -1_200, version="v2", previous="v1")),
    "it came after the onset": (doubles.HEALTHY, doubles.SICK, V2_ONLY, doubles.change("deploy", 30, version="v2", previous="v1")),
    "it was the first one": (doubles.HEALTHY, doubles.SICK, V2_ONLY, doubles.change("deploy", -20, version="v2")),
    "another service was deployed": (
        doubles.HEALTHY, doubles.SICK, V2_ONLY, doubles.change("deploy", -20, version="v2", previous="v1", service="stock"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("facts", list(NOT_THE_DEPLOY.values()), ids=list(NOT_THE_DEPLOY))
def test_an_innocent_deploy_is_not_blamed_first(facts: tuple[Any, ...]) -> None:
    assert diagnose(*facts).leading.cause.kind == "code"


def test_a_deploy_counts_from_when_it_got_traffic() -> None:
    early = doubles.change("deploy", -1_500, version="v2", previous="v1")
    shift = doubles.change("weights", -15, version="v2")
    assert diagnose(doubles.HEALTHY, doubles.SICK, V2_ONLY, early, shift).leading.cause.kind == "deploy"


def test_a_guilty_config_change_beats_an_innocent_fresh_deploy() -> None:
    both = doubles.group(versions=("v1", "v2"))
    leading = diagnose(doubles.HEALTHY, doubles.SICK, both, DEPLOY, CONFIG).leading
    assert leading.cause.model_dump() == {"kind": "config", "key": "limit", "old": "100", "new": "0"}


def test_the_change_nearest_to_the_onset_comes_first() -> None:
    found = diagnose(doubles.HEALTHY, doubles.SICK, V2_ONLY, DEPLOY, CONFIG).hypotheses
    assert [item.cause.kind for item in found] == ["config", "deploy", "code"]


def test_a_host_outside_that_fails_is_blamed_when_the_spans_name_it() -> None:
    facts = (doubles.HEALTHY, doubles.SICK, doubles.group(signature=NETWORK, message="timed out"), doubles.AROUND)
    leading = diagnose(*facts, spans=(client_span("api.bank.example:443"),)).leading
    assert leading.cause.model_dump() == {"kind": "dependency", "host": "api.bank.example:443"}


def test_a_host_that_only_a_message_names_is_not_blamed() -> None:
    text = "timed out: api.bank.example:443"
    facts = (doubles.HEALTHY, doubles.SICK, doubles.group(signature=NETWORK, message=text), doubles.AROUND)
    assert diagnose(*facts, spans=(client_span("stock"),)).leading.cause.kind != "dependency"


def test_errors_that_begin_in_a_callee_send_the_search_there() -> None:
    deeper = FailingTrace(trace_id="t1", path=("orders", "stock"), deepest="stock")
    facts = (doubles.HEALTHY, doubles.SICK, doubles.group(signature=NETWORK), doubles.AROUND, deeper)
    leading = diagnose(*facts, spans=(client_span("stock"),)).leading
    assert (leading.service, leading.cause.kind) == ("stock", "unknown")


def test_memory_that_ran_away_is_blamed_on_the_resource() -> None:
    before, since = doubles.signals(-60, 0, memory=1e8), doubles.signals(0, 20, errors=9, memory=9e8)
    assert diagnose(before, since).leading.cause.model_dump() == {"kind": "resource", "resource": "memory"}


def test_the_more_frequent_error_comes_first() -> None:
    other = doubles.group(
        signature=doubles.SIGNATURE.model_copy(update={"line": 10}),
        count=400,
        last=doubles.ONSET + timedelta(seconds=9),
    )
    found = diagnose(doubles.HEALTHY, doubles.SICK, doubles.group(), other).hypotheses
    assert [item.cause.line for item in found if item.cause.kind == "code"] == [10, 9]


@pytest.mark.parametrize("facts", [(doubles.HEALTHY,), (doubles.HEALTHY, doubles.SICK, doubles.AROUND)])
def test_without_errors_changes_or_traces_it_does_not_know(facts: tuple[Any, ...]) -> None:
    diagnosis = diagnose(*facts)
    assert diagnosis.leading.cause.kind == "unknown"
    assert diagnosis.leading.evidence == ()


def test_an_error_outside_the_repository_has_no_line_to_blame() -> None:
    at = doubles.SIGNATURE.model_copy(update={"path": "/usr/lib/python3/json/decoder.py"})
    group: ErrorGroup = doubles.group(signature=at, frames=())
    assert diagnose(doubles.HEALTHY, doubles.SICK, group).leading.cause.kind == "unknown"


def test_what_cannot_be_said_here_is_not_said_again_and_again() -> None:
    """The traces end at a service that nobody may blame: the rules say that they do not know, once."""
    deeper = FailingTrace(trace_id="t1", path=("orders", "ghost"), deepest="ghost")
    view = doubles.view(doubles.HEALTHY, doubles.SICK, doubles.AROUND, deeper)
    found, answered = rca.investigate(view, factory.build(""), prompts.shipped("rca"), Budget(), ManualClock())
    assert found.leading.cause.kind == "unknown"
    assert "blame_service" in found.leading.explanation
    assert answered.ended == "unknown"
    assert answered.tool_calls.count("blame_service") <= 1


CALLED = doubles.change("config", -10, key="limit", old="100", new="0", service="stock")


def test_a_fresh_change_of_a_called_service_is_a_suspect_after_the_own_code() -> None:
    found = diagnose(doubles.HEALTHY, doubles.SICK, doubles.group(), doubles.AROUND, CALLED).hypotheses
    assert [(item.service, item.cause.kind) for item in found] == [("orders", "code"), ("stock", "config")]


def test_where_calls_fail_the_change_of_the_called_service_comes_first() -> None:
    failing = doubles.group(signature=NETWORK, message="timed out")
    found = diagnose(doubles.HEALTHY, doubles.SICK, failing, CALLED).hypotheses
    assert [(item.service, item.cause.kind) for item in found] == [("stock", "config"), ("orders", "code")]


def test_the_same_evidence_gives_the_same_diagnosis() -> None:
    facts = (*doubles.DORMANT, DEPLOY, CONFIG)
    assert diagnose(*facts) == diagnose(*facts)


def test_a_blamed_method_is_read_by_its_full_name() -> None:
    at = doubles.SIGNATURE.model_copy(update={"line": 15, "function": "total"})
    view = doubles.view(doubles.HEALTHY, doubles.SICK, doubles.group(signature=at, frames=()))
    place = "services/orders/orders/pricing.py:15 in total"
    assert rca.functions(view) == {place: "services/orders/orders/pricing.py::Basket.total"}
    _, answered = rca.investigate(view, factory.build(""), prompts.shipped("rca"), Budget(), ManualClock())
    assert answered.tool_calls == ("read_function", "blame_code")
