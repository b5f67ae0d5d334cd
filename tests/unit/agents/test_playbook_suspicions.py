"""Ranked suspects as the playbook blames them: by their standing, wherever they are."""

from typing import Any

import pytest

from incident.suspicion import Suspicion
from tests.unit.agents import doubles
from tests.unit.agents.diagnosing import diagnose

ELSEWHERE = doubles.change("config", -10, service="stock", key="BATCH", old="100", new="5000")
OWN = doubles.change("config", -10, key="limit", old="100", new="0")


def suspicion(what: str, name: str, standing: str, **said: Any) -> Suspicion:
    return Suspicion.model_validate(
        {"what": what, "name": name, "standing": standing, "confidence": 8_000, "mechanisms": ("change_time",)} | said
    )


def blamed(*facts: Any) -> list[tuple[str, str]]:
    return [(found.service, found.cause.kind) for found in diagnose(*doubles.DORMANT, *facts).hypotheses]


def last(*facts: Any) -> str:
    """Id that the last but one of these facts gets."""
    return f"E{len(doubles.DORMANT) + len(facts)}"


def test_a_firm_conviction_of_a_change_elsewhere_comes_before_the_place_in_the_code() -> None:
    firm = suspicion("change", "config BATCH", "convicted", service="stock", firm=True, change=last(ELSEWHERE))
    found = blamed(ELSEWHERE, firm)
    assert found[0] == ("stock", "config")
    assert ("orders", "code") in found


@pytest.mark.parametrize(("standing", "first"), [("cleared", "code"), ("suspected", "config")])
def test_a_cleared_change_is_not_blamed_by_its_time(standing: str, first: str) -> None:
    found = blamed(OWN, suspicion("change", "config limit", standing, service="orders", change=last(OWN)))
    assert found[0] == ("orders", first)
    assert (("orders", "config") in found) is (standing != "cleared")


@pytest.mark.parametrize(
    ("name", "expected"),
    [("stock", ("stock", "unknown")), ("api.bank.example:443", ("orders", "dependency"))],
    ids=["a called service", "a host outside"],
)
def test_a_convicted_callee_is_looked_at(name: str, expected: tuple[str, str]) -> None:
    what = "service" if name == "stock" else "outside"
    assert blamed(doubles.AROUND, suspicion(what, name, "convicted"))[0] == expected
    assert expected not in blamed(doubles.AROUND, suspicion(what, name, "suspected"))
