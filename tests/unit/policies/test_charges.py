"""A change is blamed by traffic and not by time: the failing kind must have been well before it, and fail since."""

from typing import Any

import pytest

from incident.evidence import Change, Exposure, Fact
from policies.diagnosis import charges
from tests.unit.policies import given
from tests.unit.policies.given import configured, deployed, dossier, errors, signals

KIND = ("body.customer:null",)
SHIFT = Change(service="orders", at=given.at(-30), what="weights", version="v2", old="v1=100", new="v2=100")


def seen(
    start: float,
    end: float,
    *,
    version: str = "v2",
    well: int = 0,
    failed: int = 0,
    others: int = 0,
    traits: tuple[str, ...] = (),
) -> Exposure:
    return Exposure(
        service="orders",
        version=version,
        route="POST /orders",
        traits=traits,
        start=given.at(start),
        end=given.at(end),
        well=well,
        failed=failed,
        others=others,
    )


def traffic(before: int, under: int, *, traits: tuple[str, ...] = (), others: int = 90) -> tuple[Exposure, ...]:
    """So many recorded requests of the failing kind on v1 until 30 s before the onset, and on v2 from there to it."""
    return (
        seen(-300, -30, version="v1", well=before, others=others, traits=traits),
        seen(-30, 0, well=under, others=others, traits=traits),
        seen(0, 20, well=5, failed=60, traits=traits),
    )


RELEASE = (deployed(-31), SHIFT)
ELSEWHERE = configured(-30).model_copy(update={"service": "stock"})

CASES: dict[str, tuple[tuple[Fact, ...], tuple[str, str]]] = {
    "it served the same traffic well": ((*RELEASE, *traffic(80, 40)), ("innocent", "served_alike_well")),
    "just enough of it": ((*RELEASE, *traffic(80, 20)), ("innocent", "served_alike_well")),
    "too little of it": ((*RELEASE, *traffic(80, 19)), ("blamed", "alike_failed_since")),
    "the kind was well before, and never under it": (
        (*RELEASE, *traffic(80, 0, traits=KIND)),
        ("blamed", "alike_failed_since"),
    ),
    "the kind is new": ((*RELEASE, *traffic(2, 0, traits=KIND)), ("suspected", "kind_is_new")),
    "the kind is new, and nothing was recorded before": (
        (*RELEASE, *traffic(0, 0, traits=KIND, others=0)),
        ("blamed", "errors_after_it"),
    ),
    "nothing tells the kind, and its route is new": ((*RELEASE, *traffic(0, 0)), ("blamed", "errors_after_it")),
    "a setting under which it went well": ((configured(-30), *traffic(80, 40)), ("innocent", "served_alike_well")),
    "a setting that came with the onset": (
        (configured(-1), seen(-300, -1, well=80), seen(0, 20, failed=60)),
        ("blamed", "alike_failed_since"),
    ),
    "the kind failed before it, too": (
        (configured(-1), seen(-300, -1, well=40, failed=40), seen(0, 20, failed=60)),
        ("blamed", "errors_after_it"),
    ),
    "a callee's setting under which it went well": ((ELSEWHERE, *traffic(80, 40)), ("innocent", "served_alike_well")),
    "a callee's setting, without recorded traffic": ((ELSEWHERE,), ("suspected", "time_alone")),
    "no recorded traffic": (RELEASE, ("blamed", "errors_after_it")),
    "no recorded traffic, and all was well under it": (
        (deployed(-61), signals(0, 400, start=-55)),
        ("innocent", "served_well_since"),
    ),
}


def weighed(*facts: Fact, **changed: Any) -> charges.Charge:
    found = dossier(errors(**changed), *facts)
    change = next(item.fact for item in found.of("change") if isinstance(item.fact, Change))
    return charges.weigh(found, change)


@pytest.mark.parametrize("name", list(CASES))
def test_each_charge(name: str) -> None:
    facts, want = CASES[name]
    charge = weighed(*facts)
    assert (charge.verdict, charge.why.code) == want


def test_a_charge_says_what_it_compared() -> None:
    assert weighed(*RELEASE, *traffic(80, 40)).evidence == ("E1", "E6", "E5", "E4")


def test_errors_of_another_version_clear_a_release_whatever_was_recorded() -> None:
    charge = weighed(*RELEASE, *traffic(80, 0), versions=("v1",))
    assert (charge.verdict, charge.why.code) == ("innocent", "errors_from_others")


def test_failures_that_log_nothing_are_compared_by_their_route() -> None:
    """A gateway's 502 has no stack trace; the recorder shows what it was asked before and since."""
    failing = given.TRAITS.model_copy(update={"failing": 60})
    known = dossier(failing, configured(-1), seen(-300, -1, well=80), seen(0, 20, failed=60))
    charge = charges.weigh(known, configured(-1))
    assert (charge.verdict, charge.why.code, charge.evidence[0]) == ("blamed", "alike_failed_since", "E1")
    assert charges.weigh(dossier(failing, configured(-1)), configured(-1)).verdict == "unknown"


def test_without_errors_nothing_is_said_of_a_change() -> None:
    found = dossier(*RELEASE, signals(errors=0))
    assert charges.weigh(found, deployed(-31)).verdict == "unknown"
