"""A payload's alerts: which of them are worked on, together or apart, and which incident each opens."""

import json
from pathlib import Path

import pytest

from graph.config.settings import Settings
from graph.runtime import cases
from incident.alert import Payload, parse
from incident.errors import BadInput
from policies import profiles
from tools.scripted.clock import ManualClock
from tools.scripted.world import ScriptedWorld, incident_world

SETTINGS = Settings(home=Path("/nowhere"), limits=profiles.lab())
ORDERS = {"alertname": "HighErrorRate", "service": "orders"}
STRANGER = {"alertname": "DiskFull", "instance": "db-7"}
NOBODY = {"alertname": "HighErrorRate", "service": "nobody"}


@pytest.fixture
def world() -> ScriptedWorld:
    return incident_world(ManualClock())


def group(*labels: dict[str, str], starts_at: str = "2026-01-31T12:00:00Z", **more: str) -> Payload:
    alerts = [{"labels": one, "startsAt": starts_at, **more} for one in labels]
    return parse(json.dumps({"version": "4", "alerts": alerts}).encode())


@pytest.mark.parametrize("labels", [(ORDERS, STRANGER), (STRANGER, ORDERS), (NOBODY, ORDERS, STRANGER)], ids=str)
def test_an_alert_that_names_no_service_hides_no_other(
    world: ScriptedWorld, labels: tuple[dict[str, str], ...]
) -> None:
    payload = group(*labels)
    (case,) = cases.of(SETTINGS, world, payload).cases
    assert case.service == "orders"
    assert [item.labels for item in case.payload.alerts] == [ORDERS]
    assert len(cases.of(SETTINGS, world, payload).left_out) == len(labels) - 1


def test_what_is_left_out_is_said_with_what_would_have_to_be_there(world: ScriptedWorld) -> None:
    first, second = cases.of(SETTINGS, world, group(NOBODY, STRANGER, ORDERS)).left_out
    said = f"{first} {second}"
    assert "nobody" in said
    assert "service or job" in said


@pytest.mark.parametrize("labels", [(STRANGER,), (NOBODY, STRANGER)], ids=str)
def test_alerts_that_all_name_no_service_are_refused(world: ScriptedWorld, labels: tuple[dict[str, str], ...]) -> None:
    with pytest.raises(BadInput):
        cases.of(SETTINGS, world, group(*labels))


def identities(world: ScriptedWorld, *payloads: Payload) -> set[str]:
    return {case.incident for payload in payloads for case in cases.of(SETTINGS, world, payload).cases}


def test_the_same_alert_is_the_same_incident_whatever_else_its_sender_writes(world: ScriptedWorld) -> None:
    same = (
        group(ORDERS),
        group(ORDERS, starts_at="2026-01-31T13:00:00+01:00"),
        group(dict(reversed(ORDERS.items()))),
        group(ORDERS, fingerprint="00ff00ff00ff00ff"),
        group(ORDERS, STRANGER),
        parse(json.dumps({"labels": ORDERS, "startsAt": "2026-01-31T12:00:00Z", "annotations": {"a": "b"}}).encode()),
    )
    assert len(identities(world, *same)) == 1


def test_other_alerts_are_other_incidents_whatever_their_sender_calls_them(world: ScriptedWorld) -> None:
    """Neither another alert's fingerprint nor its words in other places make one that alert."""
    word = {"fingerprint": "00ff00ff00ff00ff"}
    others = (
        group(ORDERS, **word),
        group({**ORDERS, "pod": "b"}, **word),
        group({**ORDERS, "alertname": "Odd"}, **word),
        group(ORDERS, starts_at="2026-01-31T12:00:00.000001Z", **word),
        group({"alertname": "HighErrorRate", "job": "orders"}, **word),
    )
    assert len(identities(world, *others)) == len(others)


def test_another_world_has_incidents_of_its_own(world: ScriptedWorld) -> None:
    (alert,) = group(ORDERS).alerts
    assert cases.identity("one", alert) != cases.identity("two", alert)
    assert cases.identity("a", alert).startswith("inc-")
