"""The root of a group of alerts is the deepest service at which failing requests end."""

from typing import Any

import pytest

from incident.decision import because
from incident.evidence import Neighbours
from policies.diagnosis import correlate
from tests.unit.policies import given

EDGE = Neighbours(service="edge", callers=(), callees=("storefront",))
FRONT = Neighbours(service="storefront", callers=("edge",), callees=("orders", "catalogue"), dependents=("edge",))
ORDERS = given.AROUND

CASCADE: dict[str, Any] = {
    "alerting": ("storefront", "edge", "orders"),
    "neighbours": (EDGE, FRONT, ORDERS),
    "traces": tuple(given.trace(n=n) for n in range(5)),
    "open": (),
}


def decided(**changed: Any) -> Any:
    return correlate.group(correlate.Facts.model_validate(CASCADE | changed))


def test_a_cascade_is_one_incident_at_its_deepest_service() -> None:
    decision = decided()
    assert decision.verdict.kind == "allow"
    assert decision.data == {
        "service": "orders",
        "members": ["edge", "orders", "storefront"],
        "others": [],
        "path": ["orders", "storefront"],
    }


def test_the_way_back_from_the_root_to_the_alert_is_told() -> None:
    long = given.trace("stock", ("edge", "storefront", "orders", "stock"))
    path = decided(alerting=("edge",), traces=(long,)).data["path"]
    assert path == ["stock", "orders", "storefront", "edge"]
    assert decided(alerting=("orders",), traces=()).data["path"] == ["orders"]


def test_the_root_need_not_alert_itself() -> None:
    assert decided(alerting=("storefront", "edge")).data["service"] == "orders"


def test_an_unrelated_alert_is_left_to_its_own_incident() -> None:
    decision = decided(alerting=("storefront", "orders", "reports"))
    assert decision.data["members"] == ["orders", "storefront"]
    assert decision.data["others"] == ["reports"]


def test_traces_of_another_failure_do_not_move_the_root() -> None:
    elsewhere = tuple(given.trace("reports", ("batch", "reports"), n) for n in range(50))
    assert decided(traces=(*CASCADE["traces"], *elsewhere)).data["service"] == "orders"


def test_the_majority_of_failing_requests_decides() -> None:
    few = tuple(given.trace("catalogue", ("edge", "storefront", "catalogue"), n) for n in range(2))
    decision = decided(traces=(*CASCADE["traces"], *few))
    assert decision.data["service"] == "orders"
    assert [item.name for item in decision.alternatives] == ["catalogue"]


def test_a_host_outside_the_platform_is_not_the_root_but_whoever_calls_it_is() -> None:
    path = ("edge", "storefront", "orders", "rates.example:443")
    assert decided(traces=(given.trace("rates.example:443", path),)).data["service"] == "orders"


def test_a_root_that_is_being_handled_is_left_alone() -> None:
    assert decided(open=(("i-1", "catalogue"),)).verdict.kind == "allow"
    decision = decided(open=(("i-1", "orders"),))
    assert decision.verdict.kind == "deny"
    assert decision.verdict.reason == because("handled_by", incident="i-1")


def test_without_any_topology_it_holds_and_names_the_alerting_service() -> None:
    decision = decided(neighbours=(), traces=())
    assert decision.verdict.kind == "hold"
    assert decision.data["service"] == "storefront"
    assert decision.data["members"] == ["storefront"]


@pytest.mark.parametrize(
    ("alerting", "root"),
    [
        (("edge", "storefront", "orders"), "orders"),
        (("edge", "storefront"), "storefront"),
        (("edge", "orders"), "edge"),
        (("orders",), "orders"),
    ],
    ids=["whole chain", "two of it", "a gap in the chain", "alone"],
)
def test_without_traces_the_call_edges_are_followed_as_long_as_callees_alert(
    alerting: tuple[str, ...], root: str
) -> None:
    assert decided(alerting=alerting, traces=()).data["service"] == root


def test_services_that_call_each_other_in_a_circle_do_not_loop_for_ever() -> None:
    one = Neighbours(service="a", callers=("b",), callees=("b",))
    two = Neighbours(service="b", callers=("a",), callees=("a",))
    assert decided(alerting=("a", "b"), neighbours=(one, two), traces=()).data["members"] == ["a", "b"]


def test_nothing_alerting_holds() -> None:
    assert decided(alerting=()).verdict.kind == "hold"


def test_the_order_of_the_traces_changes_nothing() -> None:
    mixed = (*CASCADE["traces"], given.trace("catalogue", ("edge", "storefront", "catalogue")))
    assert decided(traces=mixed).canonical() == decided(traces=mixed[::-1]).canonical()
