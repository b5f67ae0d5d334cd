"""What alerting systems send is read, whichever shape it has; what is none of them is refused by its name."""

import gzip
import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from incident import alert
from incident.errors import BadInput

SENT = sorted((Path(__file__).parent / "sent").iterdir())
LABELS = {"alertname": "HighErrorRate", "service": "orders"}
STARTS = "2026-01-31T12:00:00Z"
ONE = {"labels": LABELS, "startsAt": STARTS}


def read(body: Any) -> alert.Payload:
    return alert.parse(json.dumps(body).encode())


def refusal(raw: bytes) -> str:
    with pytest.raises(BadInput) as refused:
        alert.parse(raw)
    return str(refused.value)


@pytest.mark.parametrize("path", SENT, ids=lambda path: path.stem)
def test_each_shape_of_the_field_is_read(path: Path) -> None:
    """In each file one alert about orders fires since the same second."""
    (found,) = alert.parse(path.read_bytes()).firing()
    assert (found.name, found.labels["service"], found.labels["severity"]) == ("HighErrorRate", "orders", "critical")
    assert abs(found.starts_at - datetime(2026, 11, 28, 18, tzinfo=UTC)) < timedelta(seconds=1)


def test_the_same_alert_of_two_systems_is_the_same_alert() -> None:
    api = {**ONE, "status": {"state": "active"}, "receivers": []}
    rule = {"labels": LABELS, "state": "firing", "activeAt": STARTS}
    bodies: list[Any] = [ONE, [api], rule, [rule], {"data": {"alerts": [rule]}}, {"version": "1", "alerts": [ONE]}]
    assert len({(item.identity, item.starts_at) for body in bodies for item in read(body).alerts}) == 1


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("firing", "firing"),
        ("Alerting (NoData)", "firing"),
        ("NoData", "firing"),
        ("Error", "firing"),
        ("Recovering", "firing"),
        ("pending", "pending"),
        ("inactive", "resolved"),
        ("Normal", "resolved"),
    ],
)
def test_states_of_rules_are_read(state: str, status: str) -> None:
    assert read({"labels": LABELS, "state": state, "activeAt": STARTS}).alerts[0].status == status


@pytest.mark.parametrize("state", ["suppressed", "active", "unprocessed"])
def test_a_silenced_alert_asks_for_nothing(state: str) -> None:
    payload = read([{**ONE, "status": {"state": state}}])
    assert bool(payload.firing()) == (state != "suppressed")


def test_one_alert_that_cannot_be_read_hides_no_other() -> None:
    payload = read({"version": "4", "alerts": [7, {"labels": {"a": 1}}, ONE, {**ONE, "status": "odd"}]})
    assert [item.labels for item in payload.alerts] == [LABELS]
    assert [line.split(" is ")[0] for line in payload.left_out] == [
        "alerts[0]",
        "alerts[1].labels.a",
        "alerts[3].status",
    ]


def test_alerts_that_the_sender_left_out_are_said() -> None:
    assert "7 more alerts" in read({"version": "4", "alerts": [ONE], "truncatedAlerts": 7}).left_out[0]


def test_what_was_left_out_is_in_no_record() -> None:
    payload = read({"version": "4", "alerts": [ONE, 7]})
    assert payload.left_out
    assert "left_out" not in payload.model_dump()


FOREIGN: dict[str, tuple[Any, str]] = {
    "sentry-issue": ({"action": "created", "installation": {"uuid": "1"}, "data": {"issue": {"id": "1"}}, "actor": {}}, "Sentry"),
    "sentry-metric": ({"action": "critical", "data": {"metric_alert": {}, "description_text": "x"}, "actor": {}}, "Sentry"),
    "sentry-legacy": ({"project_name": "shop", "culprit": "orders", "level": "error", "event": {}, "url": "u"}, "Sentry"),
    "datadog": ({"id": "1", "last_updated": "1", "event_type": "query_alert_monitor", "title": "t", "org": {}}, "Datadog"),
    "datadog-own": ({"alert_transition": "Triggered", "alert_id": "1", "hostname": "h"}, "Datadog"),
    "datadog-monitor": ({"id": 1, "query": "avg(x) > 1", "type": "metric alert", "options": {}, "name": "n"}, "Datadog"),
    "pagerduty-v3": ({"event": {"event_type": "incident.triggered", "resource_type": "incident", "data": {}}}, "PagerDuty"),
    "pagerduty-v2": ({"messages": [{"event": "incident.trigger", "incident": {}}]}, "PagerDuty"),
    "pagerduty-events": ({"routing_key": "k", "event_action": "trigger", "payload": {"summary": "s"}}, "PagerDuty"),
    "opsgenie": ({"action": "Create", "alert": {"alertId": "1", "message": "m"}, "integrationId": "2"}, "Opsgenie"),
    "sns": ({"Type": "Notification", "TopicArn": "arn:aws:sns:x", "Message": "{}", "Signature": "s"}, "SNS"),
    "cloudwatch": ({"AlarmName": "a", "NewStateValue": "ALARM", "Trigger": {}}, "CloudWatch"),
    "eventbridge": ({"version": "0", "detail-type": "CloudWatch Alarm State Change", "detail": {}}, "EventBridge"),
    "newrelic": ({"issueUrl": "u", "title": "t", "state": "ACTIVATED"}, "New Relic"),
    "victorops": ({"message_type": "CRITICAL", "entity_id": "e"}, "VictorOps"),
    "google": ({"incident": {"incident_id": "0.x", "policy_name": "p"}, "version": "1.2"}, "Google"),
    "azure": ({"schemaId": "azureMonitorCommonAlertSchema", "data": {"essentials": {}}}, "Azure"),
    "grafana-legacy": ({"dashboardId": 1, "evalMatches": [], "ruleId": 1, "ruleName": "r", "state": "alerting"}, "legacy"),
    "rules-json": ({"groups": [{"name": "g", "rules": [{"alert": "A", "expr": "up == 0"}]}]}, "rules"),
    "prometheus-rule": ({"apiVersion": "monitoring.coreos.com/v1", "kind": "PrometheusRule", "spec": {"groups": [{"rules": []}]}}, "rules"),
    "query": ({"status": "success", "data": {"resultType": "vector", "result": []}}, "query"),
    "error": ({"status": "error", "errorType": "bad_data", "error": "x"}, "error"),
    "pod": ({"apiVersion": "v1", "kind": "Pod", "metadata": {"labels": {}}}, "Kubernetes"),
    "pagerduty-change": ({"routing_key": "k", "payload": {"summary": "s", "source": "x"}, "links": []}, "PagerDuty change"),
    "pagerduty-by-its-words": ({"incidents": [{"html_url": "https://x.pagerduty.com/incidents/P"}], "limit": 25}, "PagerDuty"),
    "datadog-by-its-words": ({"alert_id": "1", "link": "https://app.datadoghq.com/event"}, "Datadog"),
    "alerts-by-their-words": ({"alerts": [{"id": "P", "self": "https://api.pagerduty.com/x", "status": "triggered"}]}, "PagerDuty"),
    "datadog-series": ({"series": [{"metric": "system.load.1", "points": []}]}, "Datadog"),
    "opsgenie-alerts": ({"data": [{"id": "1", "tinyId": "1", "status": "open"}], "took": 0.1}, "Opsgenie"),
    "opsgenie-small": ({"message": "m", "alias": "a", "priority": "P1", "entity": "orders"}, "Opsgenie"),
    "zabbix-api": ({"jsonrpc": "2.0", "result": [{"eventid": "1", "objectid": "2"}], "id": 1}, "Zabbix"),
    "icinga": ({"type": "StateChange", "host": "web", "state": 2.0, "check_result": {}}, "Icinga"),
    "checkmk": ({"NOTIFICATIONTYPE": "PROBLEM", "HOSTNAME": "web", "SERVICEDESC": "CPU"}, "Nagios"),
    "azure-classic": ({"status": "Activated", "context": {"resourceId": "/x"}, "properties": {}}, "Azure"),
    "event-grid": ([{"eventType": "x", "eventTime": STARTS, "topic": "/x", "data": {}}], "Azure Event Grid"),
    "cloudevent": ({"specversion": "1.0", "type": "x", "source": "/y", "id": "1"}, "CloudEvent"),
    "pubsub": ({"message": {"data": "e30=", "messageId": "1"}, "subscription": "projects/p"}, "Pub/Sub"),
    "lambda-records": ({"Records": [{"EventSource": "aws:sns", "Sns": {}}]}, "AWS"),
    "cloudwatch-logs": ({"awslogs": {"data": "H4sI"}}, "CloudWatch"),
    "splunk": ({"result": {}, "sid": "x", "search_name": "s"}, "Splunk"),
    "dynatrace": ({"State": "OPEN", "ProblemID": "P-1", "ProblemTitle": "t"}, "Dynatrace"),
    "otlp": ({"resourceMetrics": []}, "OTLP"),
    "grafana-rules": ({"apiVersion": 1, "groups": [{"folder": "f", "rules": []}]}, "Grafana's rules"),
    "targets": ({"status": "success", "data": {"activeTargets": []}}, "targets"),
    "unknown-object": ({"what": 1, "is": 2, "this": 3}, "a JSON object with the keys what, is, this"),
    "unknown-value": (None, "the JSON value null"),
    "silences": ([{"matchers": [], "createdBy": "me", "comment": "c", "id": "1"}], "silence"),
}  # fmt: skip


@pytest.mark.parametrize(("body", "word"), FOREIGN.values(), ids=FOREIGN)
def test_the_body_of_another_system_is_called_by_its_name(body: Any, word: str) -> None:
    said = refusal(json.dumps(body).encode())
    assert word in said
    assert "Alertmanager" in said, "and what is read instead"
    assert len(said) < 300


TEXTS = {
    "rules": ("groups:\n- name: shop\n  rules:\n  - alert: A\n    expr: up == 0\n", "YAML file of Prometheus rules"),
    "rules-alone": ("# ours\n- alert: A\n  expr: up == 0\n", "YAML file of Prometheus rules"),
    "operator": (
        "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nspec: {}\n",
        "YAML file of Prometheus rules",
    ),
    "route": ("route:\n  receiver: x\nreceivers:\n- name: x\n", "Alertmanager configuration"),
    "html": ("<!DOCTYPE html><html></html>", "HTML"),
    "rules-with-a-licence": ("# words\n" * 2_000 + "groups:\n- name: shop\n", "YAML file of rules"),
    "rules-in-a-line": ("groups: [{name: g, rules: [{alert: A, expr: up == 0}]}]\n", "YAML file of rules"),
    "rules-quoted": ('"groups":\n- "rules":\n  - "expr": up\n    "alert": A\n', "YAML file of Prometheus rules"),
    "alert-in-yaml": ("labels:\n  service: orders\nstartsAt: 2026-01-31T12:00:00Z\n", "YAML document"),
    "prometheus-yml": ("global:\n  scrape_interval: 15s\nscrape_configs:\n- job_name: x\n", "Prometheus configuration"),
    "toml": ('[alert.labels]\nservice = "orders"\n', "TOML"),
    "toml-flat": ('service = "orders"\n', "TOML"),
    "http": ("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[]", "HTTP message"),
    "envelope": ('{"event_id":"9e"}\n{"type":"event","length":41}\n{}\n', "Sentry envelope"),
    "table-extended": ("Labels   Annotations  Starts At  Ends At\nalertname=A  x  2026  2026\n", "table as amtool"),
    "table": ("Alertname  Starts At  Summary  State\nA  2026  x  active\n", "amtool"),
    "metrics": ("# HELP up x\n# TYPE up gauge\nup 1\n", "metrics"),
    "form": ("payload=%7B%22a%22%3A1%7D", "form"),
}


@pytest.mark.parametrize(("text", "word"), TEXTS.values(), ids=TEXTS)
def test_a_text_that_is_no_json_is_called_by_its_name(text: str, word: str) -> None:
    assert word in refusal(text.encode())


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_every_encoding_of_unicode_is_read(encoding: str) -> None:
    assert alert.parse(json.dumps(ONE).encode(encoding)).firing()
    assert "YAML file of rules" in refusal("groups:\n- name: shop\n".encode(encoding))
    assert "it is empty" in refusal("".encode(encoding))


@pytest.mark.parametrize(
    ("raw", "word"),
    [(gzip.compress(b"{}", mtime=0), "gzip"), (b"PK\x03\x04x", "ZIP"), (b"\x89PNG\r\n", "picture"), (b"\xfc", "UTF-8")],
)
def test_what_is_no_text_is_called_by_its_name(raw: bytes, word: str) -> None:
    assert word in refusal(raw)


@pytest.mark.parametrize(
    "text", ["-" * 200_000, " " * 200_000 + "x", "\n" * 200_000 + "x", "a.b" * 60_000, "[" + "a=" * 90_000]
)
def test_a_refusal_of_a_long_text_takes_no_time(text: str) -> None:
    begun = time.perf_counter()
    refusal(text.encode())
    assert time.perf_counter() - begun < 2.0


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('{"version": "4",\n "alerts": [{"labels" {"a": "b"}}]}', "line 2, column 23"),
        ('{"labels": {"service": "orders"}', "line 1, column 33"),
        ('{"a": 1}\n{"b": 2}', "line 2, column 1"),
        ("not json", "line 1, column 1"),
        ("level=info ts=2026-01-31T12:00:00Z msg=x", "line 1, column 1"),
        ("curl: (7) Failed to connect\n", "line 1, column 1"),
        ('[alert]\n{"a": 1}', "line 1, column 2"),
        ('{"a": "x\ty"}', "line 1, column 9"),
    ],
)
def test_malformed_json_is_refused_with_its_line_and_column(text: str, where: str) -> None:
    assert where in refusal(text.encode())


@pytest.mark.parametrize("name", ["Watchdog", "watchdog", "InfoInhibitor", "DeadMansSwitch", "DeadManSwitch", "Dead Man's Switch",
    "dead_mans_switch", "PrometheusAlertmanagerE2eDeadManSwitch", "DeadMansSnitch", "AlwaysFiring", "Heartbeat"])  # fmt: skip
def test_a_heartbeat_asks_for_nothing(name: str) -> None:
    assert read({**ONE, "labels": {**LABELS, "alertname": name, "severity": "critical"}}).firing() == ()


@pytest.mark.parametrize("label", ["severity", "Severity"])
@pytest.mark.parametrize("severity", ["none", "None", " NONE "])
def test_an_alert_of_severity_none_asks_for_nothing(label: str, severity: str) -> None:
    assert read({**ONE, "labels": {**LABELS, label: severity}}).firing() == ()


@pytest.mark.parametrize(
    "name", ["HighErrorRate", "MissingHeartbeat", "HardwareWatchdog", "WatchdogTimeout", "DeadMansSwitchMissing", ""]
)
def test_an_alert_about_a_heartbeat_that_stopped_is_none(name: str) -> None:
    assert read({**ONE, "labels": {**LABELS, "alertname": name}}).firing()
