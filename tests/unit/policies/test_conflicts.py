"""Two plans at once: when both may go on, who waits, what is one and the same, and what a person must choose."""

from typing import Any

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from incident.decision import because
from incident.declared_plan import DeclaredPlan, Party, Setting
from policies.gates import conflicts
from tests.unit.policies import given


def party(incident: str, service: str, *, age: float | None = None, change: str = "", **declared: object) -> Party:
    """An incident whose plan changes a service; unless said otherwise, they were opened in the order of their names."""
    opened = given.at(ord(incident[-1]) if age is None else -age)
    return Party(
        incident=incident,
        opened_at=opened,
        declared=DeclaredPlan.model_validate({"service": service, "change": change or incident, **declared}),
    )


def choice(mine: Party, *others: Party) -> str:
    return conflicts.judge(conflicts.Facts(mine=mine, others=others)).choice


TIMEOUT = {"version": "v1", "key": "TIMEOUT_MS"}
PLACE: dict[str, Any] = {"path": "orders/tiers.py", "function": "tier_of"}

CASES = [
    ("nobody else", party("b", "orders"), None, "independent"),
    ("far away", party("b", "orders"), party("a", "mail", acting=True), "independent"),
    ("same service, acting", party("a", "orders"), party("b", "orders", acting=True), "wait"),
    ("same service, came first", party("b", "orders"), party("a", "orders"), "wait"),
    ("same service, came later", party("a", "orders"), party("b", "orders"), "independent"),
    ("same function", party("b", "orders", **PLACE), party("a", "billing", **PLACE), "order"),
    (
        "same file",
        party("b", "orders", **PLACE),
        party("a", "billing", path=PLACE["path"], function="rate_of"),
        "order",
    ),
    ("same file, later", party("a", "orders", **PLACE), party("b", "billing", **PLACE), "independent"),
    ("same patch", party("b", "orders", change="x", **PLACE), party("a", "orders", change="x", **PLACE), "merge"),
    (
        "same key and value",
        party("b", "orders", setting={**TIMEOUT, "value": "500"}),
        party("a", "orders", setting={**TIMEOUT, "value": "500"}),
        "merge",
    ),
    (
        "same key, other value",
        party("b", "orders", setting={**TIMEOUT, "value": "500"}),
        party("a", "orders", setting={**TIMEOUT, "value": "900"}),
        "escalate",
    ),
    (
        "same key, other value, ours came first",
        party("a", "orders", setting={**TIMEOUT, "value": "500"}),
        party("b", "orders", setting={**TIMEOUT, "value": "900"}),
        "escalate",
    ),
    (
        "other key",
        party("b", "orders", setting={**TIMEOUT, "value": "500"}),
        party("a", "orders", setting={"version": "v1", "key": "RETRIES", "value": "3"}),
        "wait",
    ),
    (
        "our callee is being changed",
        party("a", "orders", callees=("stock",)),
        party("b", "stock", acting=True),
        "order",
    ),
    ("our callee is below", party("a", "orders", callees=("stock",)), party("b", "stock"), "order"),
    ("they know us as a caller", party("a", "orders"), party("b", "stock", callers=("orders",)), "order"),
    (
        "our caller relies on us",
        party("a", "stock", callers=("orders",)),
        party("b", "orders", acting=True),
        "wait",
    ),
    ("our caller has not begun", party("b", "stock", callers=("orders",)), party("a", "orders"), "independent"),
    (
        "they call each other, came first",
        party("b", "orders", callees=("stock",)),
        party("a", "stock", callees=("orders",)),
        "order",
    ),
    (
        "they call each other, came later",
        party("a", "orders", callees=("stock",)),
        party("b", "stock", callees=("orders",)),
        "independent",
    ),
]


@pytest.mark.parametrize(("mine", "other", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_the_answer_for_two_plans(mine: Party, other: Party | None, expected: str) -> None:
    assert choice(mine, *(() if other is None else (other,))) == expected


@pytest.mark.parametrize(
    ("expected", "kind"),
    [("independent", "allow"), ("wait", "hold"), ("order", "hold"), ("merge", "hold"), ("escalate", "deny")],
)
def test_only_an_independent_plan_may_go_on(expected: str, kind: str) -> None:
    mine, other = next((mine, other) for _, mine, other, answer in CASES if answer == expected and other is not None)
    decision = conflicts.judge(conflicts.Facts(mine=mine, others=(other,)))
    assert (decision.choice, decision.verdict.kind) == (expected, kind)
    assert [item.name for item in decision.constraints] == [other.incident]


def test_the_strictest_answer_wins_and_each_other_plan_is_named_with_its_reason() -> None:
    decision = conflicts.judge(
        conflicts.Facts(
            mine=party("c", "orders", callees=("stock",)),
            others=(party("a", "orders"), party("b", "stock", acting=True), party("d", "mail")),
        )
    )
    assert decision.choice == "order"
    assert decision.data["after"] == ["a", "b"]
    assert [(one.name, one.held) for one in decision.constraints] == [("a", False), ("b", False), ("d", True)]
    why = because("relied_on_and_changing", service="stock")
    assert decision.verdict.reason == because("others_first", plans=(because("party", incident="b", why=why),))


def test_on_a_ring_of_calls_the_oldest_goes_first() -> None:
    ring = [
        party("a", "one", callees=("two",)),
        party("b", "two", callees=("three",)),
        party("c", "three", callees=("one",)),
    ]
    free = [mine.incident for mine in ring if choice(mine, *(one for one in ring if one is not mine)) == "independent"]
    assert free == ["a"]


def test_a_ring_of_different_reasons_is_a_ring_too() -> None:
    """The first would follow what it calls, that one the older patch of its file, and that one the older plan for its service."""
    ring = [
        party("a", "one", callees=("two",)),
        party("b", "one", path="shared/a.py", callees=("two",)),
        party("c", "two", path="shared/a.py", callers=("one",)),
    ]
    free = [mine.incident for mine in ring if choice(mine, *(one for one in ring if one is not mine)) == "independent"]
    assert free == ["a"]


SERVICES = ("one", "two", "three", "four")
NAMES = st.sampled_from(SERVICES)


@drawn(
    services=st.lists(NAMES, min_size=1, max_size=4),
    calls=st.sets(st.tuples(NAMES, NAMES), max_size=8),
    files=st.lists(st.sampled_from(["", "shared/a.py", "shared/b.py"]), min_size=4, max_size=4),
)
def test_of_plans_that_have_not_begun_at_least_one_goes_on_and_no_two_in_conflict_do(
    services: list[str], calls: set[tuple[str, str]], files: list[str]
) -> None:
    calls = {(caller, callee) for caller, callee in calls if caller != callee}
    parties = [
        party(
            "abcd"[number],
            service,
            path=files[number],
            callers=tuple(sorted(caller for caller, callee in calls if callee == service)),
            callees=tuple(sorted(callee for caller, callee in calls if caller == service)),
        )
        for number, service in enumerate(services)
    ]
    free = [mine for mine in parties if choice(mine, *(one for one in parties if one is not mine)) == "independent"]
    assert free
    for one in free:
        for two in free:
            if one is two:
                continue
            assert one.declared.service != two.declared.service
            assert (one.declared.service, two.declared.service) not in calls
            assert not one.declared.path or one.declared.path != two.declared.path


def test_a_setting_is_the_version_too() -> None:
    one, two = Setting(version="v1", key="K", value="1"), Setting(version="v2", key="K", value="2")
    assert choice(party("b", "orders", setting=one), party("a", "orders", setting=two)) == "wait"
