"""Alerts are read as Alertmanager sends them, and what is no alert is refused by name."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident import alert
from incident.errors import BadInput

LABELS = {"alertname": "HighErrorRate", "service": "orders", "severity": "critical"}


def one(**fields: Any) -> dict[str, Any]:
    return {"status": "firing", "labels": LABELS, "startsAt": "2026-01-31T12:00:00Z", **fields}


def webhook(*alerts: dict[str, Any], **fields: Any) -> bytes:
    return json.dumps({"version": "4", "alerts": list(alerts), **fields}).encode()


def test_a_webhook_is_read_with_what_it_groups_by() -> None:
    read = alert.parse(webhook(one(), one(status="resolved"), groupLabels={"alertname": "HighErrorRate"}))
    assert [item.status for item in read.alerts] == ["firing", "resolved"]
    assert read.group_labels == {"alertname": "HighErrorRate"}
    assert [item.name for item in read.firing()] == ["HighErrorRate"]


@pytest.mark.parametrize("group", [[1], {"n": 7}, None, "x"])
def test_group_labels_decide_nothing_so_they_keep_no_alert_from_being_read(group: Any) -> None:
    assert alert.parse(webhook(one(), groupLabels=group)).firing()


@pytest.mark.parametrize(
    "starts_at",
    [
        "2026-01-31T12:00:00.270840147Z",
        "2026-01-31t12:00:00z",
        "2026-01-31 12:00:00Z",
        "2026-01-31T12:00Z",
        "2026-01-31T13:00:00+0100",
        " 2026-01-31T12:00:00-00:00 ",
    ],
)
def test_every_form_of_rfc_3339_is_read(starts_at: str) -> None:
    (read,) = alert.parse(webhook(one(startsAt=starts_at))).alerts
    assert read.starts_at.replace(microsecond=0) == datetime(2026, 1, 31, 12, tzinfo=UTC)


def test_unknown_keys_are_ignored_because_every_release_adds_some() -> None:
    assert alert.parse(webhook(one(later=1), truncatedAlerts=0, receiver="x")) == alert.parse(webhook(one()))


def test_a_bare_alert_needs_no_version_and_is_firing() -> None:
    (read,) = alert.parse(json.dumps({"labels": LABELS, "startsAt": "2026-01-31T12:00:00Z"}).encode()).alerts
    assert (read.status, read.starts_at) == ("firing", datetime(2026, 1, 31, 12, tzinfo=UTC))


def test_times_keep_their_instant_whatever_their_zone() -> None:
    (read,) = alert.parse(webhook(one(startsAt="2026-01-31T13:00:00.5+01:00"))).alerts
    assert read.starts_at == datetime(2026, 1, 31, 12, 0, 0, 500_000, tzinfo=UTC)


def test_a_missing_fingerprint_is_the_one_that_alertmanager_gives() -> None:
    """The two values were read from GET /api/v2/alerts of Alertmanager 0.25 for these labels."""
    assert alert.fingerprint_of(LABELS) == "880c033d157096ae"
    assert alert.fingerprint_of({"alertname": "Ünïcode", "job": "x y"}) == "3396b27b68d35d26"


def test_a_senders_own_fingerprint_is_data_and_says_not_who_the_alert_is() -> None:
    (read,) = alert.parse(webhook(one(fingerprint="00ff"))).alerts
    (plain,) = alert.parse(webhook(one())).alerts
    assert (read.fingerprint, read.fingerprint_said) == (alert.fingerprint_of(read.labels), "00ff")
    assert read.identity == plain.identity
    (other,) = alert.parse(webhook(one(fingerprint="00ff", labels={**LABELS, "pod": "b"}))).alerts
    assert other.identity != read.identity, "the same word on other labels is another alert"


def test_other_labels_with_the_same_fingerprint_are_another_alert() -> None:
    """Alertmanager's fingerprint is a checksum, for which labels can be computed backwards."""
    fields = {"status": "firing", "starts_at": "2026-01-31T12:00:00Z", "fingerprint": "880c033d157096ae"}
    one_, other = (alert.Alert.model_validate({**fields, "labels": {"alertname": name}}) for name in ("A", "B"))
    assert one_.fingerprint == other.fingerprint
    assert one_.identity != other.identity


def test_labels_that_begin_alike_are_not_the_same_alert() -> None:
    long, longer = "x" * 5_000, "x" * 5_001
    first, second = (alert.parse(webhook(one(labels={**LABELS, "id": text}))).alerts[0] for text in (long, longer))
    assert len(first.labels["id"]) == len(second.labels["id"]) == alert.MAX_LABEL
    assert first.identity != second.identity


@pytest.mark.parametrize(
    "starts_at",
    [
        "0001-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "0000-00-00T00:00:00Z",
        "1969-12-31T23:59:59Z",
        "1999-12-31T23:59:59Z",
        "2200-01-01T00:00:00Z",
        "9999-12-31T23:59:59-14:00",
        "+292277026596-12-04T15:30:07Z",
        "2026-02-30T12:00:00Z",
        "",
        None,
    ],
)
def test_a_time_that_no_clock_says_is_none(starts_at: str | None) -> None:
    (read,) = alert.parse(webhook(one(startsAt=starts_at))).alerts
    assert read.starts_at == alert.NEVER


def test_half_a_character_is_spelled_out_so_that_it_can_be_written_down_and_stays_itself() -> None:
    halves = ("a \ud800 b", "a \ud83d b", "a ? b")
    read = [alert.parse(webhook(one(labels={**LABELS, "note": half}))).alerts[0] for half in halves]
    assert read[0].labels["note"] == r"a \ud800 b"
    assert all(item.canonical() for item in read)
    assert len({item.identity for item in read}) == len(halves)


@pytest.mark.parametrize(
    "text",
    ["\u067e\u0631\u062f\u0627\u062e\u062a\u200c\u0647\u0627", "👩\u200d🚀", "注文", "a\x1b[2Jb", "a\u202eb", "\0"],
)
def test_labels_in_any_language_are_kept_as_they_are(text: str) -> None:
    (read,) = alert.parse(webhook(one(labels={**LABELS, "team": text}))).alerts
    assert read.labels["team"] == text


@pytest.mark.parametrize("said", ["../../x", 7, None, {"a": 1}, "x" * 100, "\ud800"])
def test_a_fingerprint_may_have_any_form(said: Any) -> None:
    (read,) = alert.parse(webhook(one(fingerprint=said))).alerts
    assert read.identity == alert.parse(webhook(one())).alerts[0].identity


def test_long_annotations_are_cut() -> None:
    (read,) = alert.parse(webhook(one(annotations={"summary": "x" * 5_000}))).alerts
    assert len(read.annotations["summary"]) == alert.MAX_LABEL


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        pytest.param(b"", "payload", id="nothing"),
        pytest.param(b"not json", "payload", id="not-json"),
        pytest.param(b"\xff\xfe{}", "payload", id="not-utf-8"),
        pytest.param(b"[" * 100_000, "payload", id="nested-too-deep"),
        pytest.param(b" " * (alert.MAX_BYTES + 1), "payload", id="too-large"),
        pytest.param(b"[]", "payload", id="a-list"),
        pytest.param(b"{}", "payload", id="no-alert"),
        pytest.param(json.dumps({"labels": LABELS}).encode(), "payload", id="an-object-without-a-time"),
        pytest.param(webhook(one(labels={str(n): "x" for n in range(200)})), "alerts[0].labels", id="too-many-labels"),
        pytest.param(json.dumps({"version": "3", "alerts": []}).encode(), "version", id="another-version"),
        pytest.param(json.dumps({"version": 4, "alerts": []}).encode(), "version", id="version-is-no-text"),
        pytest.param(json.dumps({"version": "4"}).encode(), "alerts", id="alerts-missing"),
        pytest.param(webhook(), "alerts", id="no-alerts"),
        pytest.param(json.dumps({"version": "4", "alerts": ["x"]}).encode(), "alerts[0]", id="alert-is-text"),
        pytest.param(webhook(one(labels={})), "alerts[0].labels", id="no-labels"),
        pytest.param(webhook(one(labels={"service": 1})), "alerts[0].labels.service", id="label-is-a-number"),
        pytest.param(webhook(one(status="flapping")), "alerts[0].status", id="unknown-status"),
        pytest.param(webhook(one(startsAt="yesterday")), "alerts[0].startsAt", id="no-such-time"),
        pytest.param(webhook(one(startsAt="2026-01-31T12:00:00")), "alerts[0].startsAt", id="time-without-zone"),
        pytest.param(webhook(one(startsAt=1769860800)), "alerts[0].startsAt", id="time-is-a-number"),
        pytest.param(webhook(one(startsAt="1769860800")), "alerts[0].startsAt", id="time-is-a-number-as-text"),
    ],
)
def test_what_is_no_alert_is_refused_by_name(raw: bytes, field: str) -> None:
    with pytest.raises(BadInput) as refused:
        alert.parse(raw)
    assert refused.value.field == field
    said = str(refused.value)
    assert said.startswith(f"{field} is ")
    assert len(said) < 400


KEYS = st.sampled_from(
    [
        "version",
        "alerts",
        "labels",
        "status",
        "state",
        "startsAt",
        "activeAt",
        "annotations",
        "fingerprint",
        "data",
        "x",
    ]
)
TEXT = st.text(st.characters(), max_size=8) | st.sampled_from(
    ["firing", "success", "4", "1", "2026-01-31T12:00:00Z", "\ud83d"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | TEXT, inner, max_size=5),
    max_leaves=20,
)


def read_or_refused(raw: bytes) -> alert.Payload | BadInput:
    try:
        return alert.parse(raw)
    except BadInput as refused:
        return refused


@given(st.binary(max_size=200))
def test_no_bytes_do_anything_but_read_or_be_refused(raw: bytes) -> None:
    answer = read_or_refused(raw)
    assert isinstance(answer, BadInput) or answer.alerts


@given(JSON, st.sampled_from(["4", "3", None]))
def test_no_json_does_anything_but_read_or_be_refused(body: Any, version: str | None) -> None:
    whole = {"version": version, "alerts": [body], "labels": body, "startsAt": body, "groupLabels": body}
    for sent in (whole, body, [body], {"status": "success", "data": body}):
        answer = read_or_refused(json.dumps(sent).encode())
        assert isinstance(answer, BadInput) or all(item.labels and item.canonical() for item in answer.alerts)
        assert str(answer).encode("utf-8", "backslashreplace")


FIELDS = st.fixed_dictionaries(
    {"labels": st.dictionaries(TEXT, TEXT, max_size=4).map(lambda more: {**LABELS, **more})},
    optional=dict.fromkeys(("annotations", "fingerprint", "generatorURL", "endsAt", "values"), JSON),
)


@given(FIELDS)
def test_an_alert_with_labels_is_read_whatever_stands_in_its_other_fields(fields: dict[str, Any]) -> None:
    (read,) = alert.parse(webhook({"startsAt": "2026-01-31T12:00:00Z", **fields})).alerts
    assert read.labels["service"]
    assert alert.Alert.model_validate_json(read.model_dump_json()) == read
