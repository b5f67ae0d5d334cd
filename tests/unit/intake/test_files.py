"""Alerts as the field sends them, from the file to the ending, in a simulated world."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.reports import narrative
from graph.reports.prose import shown
from graph.runtime import cases, dating
from graph.setup import stores
from graph.state import Case
from incident.alert import NEVER, Payload, parse
from incident.ending import Outcome
from incident.errors import BadInput
from incident.record import Received, Record
from tests.unit.graph import desks, driven
from tools import text
from tools.scripted.clock import ManualClock
from tools.scripted.world import ScriptedWorld, incident_world

FILES = {path.stem: path for path in sorted((Path(__file__).parent / "payloads").glob("*.json"))}
WORKED_ON = [name for name in FILES if "watchdog" not in name]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def world(clock: ManualClock) -> ScriptedWorld:
    return incident_world(clock)


def split(world: ScriptedWorld, payload: Payload, tmp_path: Path, **environment: str) -> cases.Cases:
    return cases.of(driven.said(tmp_path, **environment), world, payload)


def webhook(*labels: dict[str, str], **more: Any) -> Payload:
    alerts = [{"labels": one, "startsAt": "2026-01-31T12:00:00Z", **more} for one in labels]
    return parse(json.dumps({"version": "4", "alerts": alerts}).encode())


@pytest.mark.parametrize("name", WORKED_ON)
def test_each_file_is_about_orders(world: ScriptedWorld, tmp_path: Path, name: str) -> None:
    found = split(world, parse(FILES[name].read_bytes()), tmp_path)
    assert [case.service for case in found.cases] == ["orders"]
    assert (found.left_out, found.questions) == ((), ())


def test_a_heartbeat_opens_nothing(world: ScriptedWorld, tmp_path: Path) -> None:
    assert split(world, parse(FILES["11-watchdog"].read_bytes()), tmp_path) == cases.Cases((), ())


@pytest.mark.parametrize("name", WORKED_ON)
def test_each_file_is_driven_to_an_ending_that_is_recorded(
    world: ScriptedWorld, clock: ManualClock, tmp_path: Path, name: str
) -> None:
    chosen = driven.said(tmp_path, SUTURE_AUTONOMY="observe", SUTURE_PROFILE="lab")
    books = stores.connect(chosen, clock=clock, notify=desks.Told())
    clock.advance(40.0)
    payload = dating.dated(parse(FILES[name].read_bytes()), books.incidents, clock.now())
    ending, row = driven.driven(chosen, books, world, payload)
    assert ending.outcome in (Outcome.WAITING, Outcome.ESCALATED)
    assert "internal error" not in ending.reason
    assert row.service == "orders"
    received = stores.folder(books, row.id).lines()[0]
    assert json.loads(received)["event"]["kind"] == Received.model_fields["kind"].default
    assert driven.untouched(world) or world.platform.read("orders").revision == "r1"


def test_an_alert_that_only_informs_changes_nothing_after_a_fresh_release(clock: ManualClock, tmp_path: Path) -> None:
    healthy = incident_world(clock, wakes_in=None, deployed_ago=60.0)
    chosen = driven.said(tmp_path, **driven.ALONE)
    books = stores.connect(chosen, clock=clock, notify=desks.Told())
    body = json.loads(FILES["05-info-alert-fresh-deploy"].read_bytes())
    body["alerts"][0]["startsAt"] = clock.now().isoformat()
    driven.driven(chosen, books, healthy, parse(json.dumps(body).encode()))
    assert driven.untouched(healthy)


@pytest.mark.parametrize(
    "starts_at", ["0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "2100-01-01T00:00:00Z", None, ""]
)
def test_an_impossible_start_is_when_we_first_saw_the_alert_at_each_repeat(
    world: ScriptedWorld, clock: ManualClock, tmp_path: Path, starts_at: str | None
) -> None:
    books = stores.connect(driven.said(tmp_path), clock=clock)
    first = clock.now()
    seen = set()
    for _ in range(5):
        payload = dating.dated(webhook(driven.LABELS, startsAt=starts_at), books.incidents, clock.now())
        seen |= {(case.incident, case.alert.starts_at) for case in split(world, payload, tmp_path).cases}
        clock.advance(12 * 3600.0)
    assert {at for _, at in seen} == {first}
    assert len(seen) == 1


def test_an_alert_that_was_resolved_or_long_gone_begins_anew(clock: ManualClock, tmp_path: Path) -> None:
    incidents = stores.connect(driven.said(tmp_path), clock=clock).incidents

    def start() -> Any:
        return dating.dated(webhook(driven.LABELS, startsAt=""), incidents, clock.now()).alerts[0].starts_at

    first = start()
    clock.advance(60.0)
    assert start() == first
    dating.dated(webhook(driven.LABELS, startsAt="", status="resolved"), incidents, clock.now())
    second = start()
    assert second == clock.now()
    clock.advance(timedelta(days=3).total_seconds())
    assert start() == clock.now() > second


def test_a_start_that_can_be_believed_stays(clock: ManualClock, tmp_path: Path) -> None:
    incidents = stores.connect(driven.said(tmp_path), clock=clock).incidents
    for at in ("2000-01-01T00:00:00Z", clock.now().isoformat(), (clock.now() + timedelta(hours=23)).isoformat()):
        payload = webhook(driven.LABELS, startsAt=at)
        assert dating.dated(payload, incidents, clock.now()) is payload


def test_without_dating_an_impossible_start_still_opens_a_case(world: ScriptedWorld, tmp_path: Path) -> None:
    (case,) = split(world, webhook(driven.LABELS, startsAt=""), tmp_path).cases
    assert case.alert.starts_at == NEVER


def test_a_question_is_no_incident_and_hides_none(world: ScriptedWorld, tmp_path: Path) -> None:
    both = {"alertname": "A", "service": "orders", "deployment": "stock"}
    found = split(world, webhook(both, {"alertname": "B", "service": "stock"}), tmp_path)
    assert [case.service for case in found.cases] == ["stock"]
    (asked,) = found.questions
    assert "orders (service)" in asked
    assert "stock (deployment)" in asked
    assert split(world, webhook(both), tmp_path).cases == ()
    (settled,) = split(world, webhook(both), tmp_path, SUTURE_SERVICE_LABELS="deployment").cases
    assert settled.service == "stock"


def test_alike_alerts_that_are_left_out_are_told_once(world: ScriptedWorld, tmp_path: Path) -> None:
    strangers = [{"alertname": "A", "service": "nobody", "n": str(number)} for number in range(7)]
    (said,) = split(world, webhook(driven.LABELS, *strangers), tmp_path).left_out
    assert "nobody" in said
    assert "(7 alerts)" in said


@pytest.mark.parametrize("count", [1, 500])
def test_many_alerts_of_one_root_are_one_incident_that_keeps_some(
    world: ScriptedWorld, tmp_path: Path, count: int
) -> None:
    labels = [
        {"alertname": f"A{number % 3}", "pod": f"{service}-7c9f8d6b5c-x2vqk", "uid": str(number)}
        for number in range(count)
        for service in ("orders", "storefront")
    ]
    (case,) = split(world, webhook(*labels), tmp_path).cases
    kept = case.payload.alerts
    assert len(kept) == min(2 * count, cases.KEPT)
    assert len(kept) + case.payload.beside == 2 * count
    assert {item.labels["pod"][:6] for item in kept} == {"orders", "storef"}
    assert case.alert == kept[0]


def test_of_too_many_alerts_those_of_the_most_services_are_taken_first(world: ScriptedWorld, tmp_path: Path) -> None:
    orders = [{"alertname": "A", "service": "orders", "n": str(number)} for number in range(cases.MOST + 5)]
    payload = webhook(*orders, {"alertname": "A", "service": "stock"})
    found = split(world, payload, tmp_path)
    assert found.left_out == (f"6 more alerts fire: {cases.MOST} are taken at once, those of the most services first",)
    (case,) = found.cases
    assert any(item.labels["service"] == "stock" for item in case.payload.alerts)
    assert len(case.payload.alerts) + case.payload.beside == cases.MOST


def test_what_does_not_fire_is_no_part_of_a_case(world: ScriptedWorld, tmp_path: Path) -> None:
    body = [
        {"labels": {**driven.LABELS, "n": state}, "state": state, "activeAt": "2026-01-31T12:00:00Z"}
        for state in ("pending", "inactive", "firing")
    ]
    (case,) = split(world, parse(json.dumps(body).encode()), tmp_path).cases
    assert [item.labels["n"] for item in case.payload.alerts] == ["firing"]


ANY = st.text(max_size=20) | st.sampled_from(
    [
        "\ud83d",
        "\u067e\u0631\u062f\u0627\u062e\u062a\u200c\u0647\u0627",
        "👩\u200d🚀",
        "\x1b[2J",
        "\u202e",
        "a\nb",
        "\0",
    ]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=ANY, key=ANY, value=ANY, note=ANY, said=ANY)
def test_any_text_is_kept_written_down_and_shown_clean(
    world: ScriptedWorld, tmp_path: Path, name: str, key: str, value: str, note: str, said: str
) -> None:
    labels = {**driven.LABELS, "note_" + key: value, "alertname": name or "A"}
    payload = webhook(labels, annotations={key: note}, fingerprint=said)
    for case in split(world, payload, tmp_path).cases:
        assert Case.model_validate_json(case.model_dump_json()) == case
        event = Received(payload=case.payload, world="w", autonomy="observe", model="m")
        record = Record(incident=case.incident, sequence=1, at=case.alert.starts_at, node="intake", event=event)
        for line in narrative.lines(record):
            assert shown(line.said) == text.normalise(shown(line.said), 400)
            assert shown(line.said).isprintable()


def test_no_service_and_no_question_is_refused(world: ScriptedWorld, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"^labels\.service is 'nobody': name one of the services"):
        split(world, webhook({"alertname": "A", "service": "nobody", "instance": "db:1"}), tmp_path)
