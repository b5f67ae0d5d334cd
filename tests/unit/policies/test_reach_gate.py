"""How far a change may reach: every limit on its own, and at its edge."""

from typing import Any

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from incident.control import Control
from incident.decision import SCALE, Decision, Factor, Hold, because
from incident.evidence import Missing, Neighbours
from policies import limits
from policies.gates import reach_gate
from tests.unit.policies import given


def around(count: int) -> Neighbours:
    return Neighbours(service="orders", callers=(), callees=(), dependents=tuple(f"s{n}" for n in range(count)))


LIMITS = limits.Reach()

SWING = (
    given.deployed(-300),
    given.deployed(-300).model_copy(update={"what": "weights", "version": "v2", "at": given.at(-290)}),
    given.deployed(-300).model_copy(update={"what": "weights", "version": "v1", "at": given.at(-100)}),
)
"""v1, then v2, then v1 again."""


def decide(**changed: Any) -> Decision:
    facts: dict[str, Any] = {
        "service": "orders",
        "risk": 2_000,
        "neighbours": around(2),
        "error_rate": 0.15,
        "actions_last_hour": 0,
        "tries": 0,
        "moves": (),
        "control": Control(),
        "autonomy": "auto",
        "verified_by": "own rule",
        "now": given.ONSET,
        "limits": LIMITS,
    }
    return reach_gate.judge(reach_gate.Facts.model_validate(facts | changed))


def kind(**changed: Any) -> str:
    verdict = decide(**changed).verdict
    return "liftable" if isinstance(verdict, Hold) and verdict.liftable else verdict.kind


def frozen(start: float, end: float, *services: str) -> limits.Reach:
    window = limits.Freeze(start=given.at(start), end=given.at(end), reason="quarter end", services=services)
    return limits.Reach(freezes=(window,))


def test_an_ordinary_change_goes_through() -> None:
    assert kind() == "allow"


RESTARTED = given.configured(-60).model_copy(update={"what": "restart"})


@pytest.mark.parametrize("rate", [None, 0.5, 1.0])
def test_a_restart_of_what_answers_nobody_interrupts_nobody(rate: float | None) -> None:
    assert kind(idle=True, error_rate=rate) == "allow"
    assert kind(error_rate=rate) == "liftable"


def test_what_hangs_again_after_a_restart_is_a_persons() -> None:
    assert kind(idle=True, moves=(RESTARTED,)) == "liftable"
    assert kind(moves=(RESTARTED,)) == "allow"


CASES: list[tuple[str, dict[str, Any], str, str]] = [
    ("risk below the lower limit", {"risk": 3_499}, "allow", ""),
    ("risk at the lower limit", {"risk": 3_500}, "liftable", "risk"),
    ("risk below the upper limit", {"risk": 6_499}, "liftable", "risk"),
    ("risk at the upper limit", {"risk": 6_500}, "deny", "risk"),
    ("error rate below critical", {"error_rate": 0.39}, "allow", ""),
    ("error rate at critical", {"error_rate": 0.4}, "liftable", "severity"),
    ("error rate unknown", {"error_rate": None}, "liftable", "severity"),
    ("as many dependents as allowed", {"neighbours": around(6)}, "allow", ""),
    ("one dependent too many", {"neighbours": around(7)}, "deny", "blast_radius"),
    ("topology missing", {"neighbours": Missing(reason="no spans")}, "liftable", "blast_radius"),
    ("topology unknown", {"neighbours": None}, "liftable", "blast_radius"),
    ("budget nearly used up", {"actions_last_hour": 5}, "allow", ""),
    ("budget used up", {"actions_last_hour": 6}, "liftable", "budget"),
    ("one try left", {"tries": 2}, "allow", ""),
    ("no try left", {"tries": 3}, "liftable", "breaker"),
    ("back and forth", {"moves": SWING}, "liftable", "flap"),
    ("back and forth, not looked for", {"moves": SWING, "limits": limits.Reach(flap_seconds=0)}, "allow", ""),
    ("moves unknown", {"moves": None}, "liftable", "flap"),
    ("nobody can tell whether it helped", {"verified_by": "nobody", "unserved": "no rule"}, "liftable", "verifiable"),
    ("a person named a rule", {"verified_by": "a person's rule", "unserved": "no rule"}, "liftable", "verifiable"),
    ("an alert for information", {"severities": ("info",)}, "liftable", "severity_label"),
    ("an alert without a grade", {"severities": ("none",)}, "liftable", "severity_label"),
    ("a grade that nobody knows", {"severities": ("critical", "sev-4b")}, "liftable", "severity_label"),
    ("an empty grade", {"severities": ("",)}, "liftable", "severity_label"),
    ("a grade that counts", {"severities": (" Critical", "warning")}, "allow", ""),
    ("no grade", {"severities": ()}, "allow", ""),
    (
        "no grade counts",
        {"severities": ("critical",), "limits": limits.Reach(severities=())},
        "liftable",
        "severity_label",
    ),
    ("every grade counts", {"severities": ("info",), "limits": limits.Reach(severities=("*",))}, "allow", ""),
    ("a question about the service is open", {"waiting": ("inc-b",)}, "liftable", "other_answers"),
    ("this very plan was refused", {"refused": ("inc-b",)}, "liftable", "other_answers"),
    ("a person doubts it", {"doubted": ("ada",)}, "liftable", "other_answers"),
    ("a person's word led to it", {"steered": ("ada",)}, "liftable", "other_answers"),
    ("paused", {"control": Control(paused=True)}, "hold", "switches"),
    ("aborted", {"control": Control(aborted=True)}, "deny", "switches"),
    ("kill switch", {"control": Control(stop_all=True)}, "deny", "switches"),
    ("frozen", {"limits": frozen(-10, 10)}, "deny", "freeze_window"),
    ("freeze begins this second", {"limits": frozen(0, 10)}, "deny", "freeze_window"),
    ("freeze ends this second", {"limits": frozen(-10, 0)}, "allow", ""),
    ("freeze to come", {"limits": frozen(1, 10)}, "allow", ""),
    ("frozen by name", {"limits": frozen(-10, 10, "orders")}, "deny", "freeze_window"),
    ("another service is frozen", {"limits": frozen(-10, 10, "stock")}, "allow", ""),
    (
        "unnamed under its neighbours' name",
        {"limits": frozen(-10, 10, "orders"), "service": ""},
        "deny",
        "freeze_window",
    ),
    (
        "unnamed without a topology",
        {"limits": frozen(-9, 9, "x"), "service": "", "neighbours": None},
        "deny",
        "freeze_window",
    ),
]


@pytest.mark.parametrize(("changed", "want", "named"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_each_limit_on_its_own(changed: dict[str, Any], want: str, named: str) -> None:
    decision = decide(**changed)
    assert kind(**changed) == want
    against = decision.data["against"]
    assert isinstance(against, list)
    assert (named in against) if named else against == []


def test_whether_it_can_be_verified_is_not_taken_for_granted() -> None:
    """Facts that do not say so hold; the same facts with the alert's own rule go through."""
    assert kind(verified_by="own rule") == "allow"
    values = {"risk": 0, "neighbours": around(0), "error_rate": 0.1, "actions_last_hour": 0, "tries": 0, "moves": ()}
    silent = {**values, "control": Control(), "autonomy": "auto", "now": given.ONSET, "limits": LIMITS}
    assert reach_gate.judge(reach_gate.Facts.model_validate(silent)).verdict.kind == "hold"


def test_callers_count_as_dependents_once() -> None:
    both = Neighbours(service="orders", callers=("a", "b"), callees=(), dependents=("b", "c"))
    assert decide(neighbours=both).data["dependents"] == ["a", "b", "c"]


def test_a_refusal_for_risk_names_the_factors() -> None:
    factors = tuple(
        Factor(name=name, value=SCALE, weight=weight, contribution=weight)
        for name, weight in (("reach", 4_000), ("proof", 3_000), ("hour", 10))
    )
    decision = decide(risk=7_010, risk_factors=factors)
    named = (("reach", 4_000), ("proof", 3_000), ("hour", 10))
    assert decision.verdict.reason.values["largest"] == tuple(
        because("factor", name=name, contribution=contribution) for name, contribution in named
    )
    assert decision.factors == factors


@examples(st.integers(0, SCALE), st.integers(0, SCALE), st.integers(0, 12), st.integers(0, 6))
def test_more_risk_and_more_reach_never_open_the_gate(one: int, other: int, few: int, more: int) -> None:
    order = ["allow", "liftable", "hold", "deny"]
    low, high = sorted((one, other))
    here = order.index(kind(risk=low, neighbours=around(few)))
    there = order.index(kind(risk=high, neighbours=around(few + more)))
    assert here <= there
