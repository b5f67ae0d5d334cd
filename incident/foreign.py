"""Bodies that are often sent by mistake, by their own marks, so that a refusal can say what was sent."""

import json
import re
from collections.abc import Mapping

from pydantic import JsonValue

_OBJECTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("an AWS SNS message", ("Type", "TopicArn")),
    ("an AWS CloudWatch alarm", ("AlarmName", "NewStateValue")),
    ("AWS CloudWatch alarms", ("MetricAlarms",)),
    ("an AWS EventBridge event", ("detail-type", "detail")),
    ("an AWS event of records", ("Records.0.EventSource",)),
    ("an AWS event of records", ("Records.0.eventSource",)),
    ("logs of AWS CloudWatch", ("awslogs.data",)),
    ("a PagerDuty event", ("routing_key", "event_action")),
    ("a PagerDuty event", ("service_key", "event_type")),
    ("a PagerDuty change event", ("routing_key", "payload.summary")),
    ("a PagerDuty webhook", ("event.event_type", "event.data")),
    ("a PagerDuty webhook", ("messages", "messages.0.event")),
    ("an Opsgenie webhook", ("action", "alert.alertId")),
    ("an Opsgenie alert", ("message", "responders")),
    ("an Opsgenie alert", ("message", "alias", "priority")),
    ("alerts of Opsgenie's API", ("data.0.tinyId",)),
    ("a Sentry webhook", ("action", "data.issue")),
    ("a Sentry webhook", ("action", "data.event")),
    ("a Sentry webhook", ("action", "data.error")),
    ("a Sentry webhook", ("action", "data.metric_alert")),
    ("a Sentry webhook", ("action", "actor", "installation")),
    ("a Sentry webhook", ("project_name", "culprit")),
    ("a Sentry webhook", ("project_slug", "event")),
    ("a Sentry event", ("event_id", "platform")),
    ("a Datadog webhook", ("event_type", "last_updated")),
    ("a Datadog webhook", ("alert_transition",)),
    ("a Datadog webhook", ("alert_type", "aggreg_key")),
    ("a Datadog webhook", ("alertTransition",)),
    ("a Datadog event", ("alert_type", "date_happened")),
    ("metrics for Datadog", ("series.0.metric", "series.0.points")),
    ("a Datadog monitor", ("query", "overall_state")),
    ("a Datadog monitor", ("query", "type", "options")),
    ("a New Relic webhook", ("issueUrl",)),
    ("a New Relic webhook", ("condition_name", "policy_name")),
    ("a Splunk On-Call (VictorOps) alert", ("message_type", "entity_id")),
    ("a Google Cloud Monitoring webhook", ("incident.incident_id",)),
    ("a Google Cloud Pub/Sub message", ("message.messageId", "subscription")),
    ("a Google Cloud error report", ("group_info", "exception_info")),
    ("an Azure Monitor alert", ("schemaId", "data")),
    ("a classic Azure alert", ("status", "context.resourceId")),
    ("an Azure Event Grid event", ("eventType", "eventTime", "topic")),
    ("a CloudEvent", ("specversion", "source")),
    ("a Splunk alert", ("sid", "search_name")),
    ("a Dynatrace problem", ("ProblemID",)),
    ("a Dynatrace problem", ("ProblemTitle",)),
    ("a Honeycomb trigger", ("trigger_url", "result_groups")),
    ("an Alerta alert", ("resource", "event", "environment")),
    ("an Icinga event", ("type", "check_result")),
    ("an answer of Icinga", ("results.0.attrs", "results.0.joins")),
    ("a notification of Nagios or Checkmk", ("NOTIFICATIONTYPE", "HOSTNAME")),
    ("an answer of Zabbix", ("jsonrpc", "result.0.objectid")),
    ("a JSON-RPC answer", ("jsonrpc", "result")),
    ("a Microsoft Teams card", ("@type", "@context")),
    ("a GitHub webhook", ("repository", "sender")),
    ("a GitLab webhook", ("object_kind", "project")),
    ("OTLP telemetry", ("resourceMetrics",)),
    ("OTLP telemetry", ("resourceLogs",)),
    ("OTLP telemetry", ("resourceSpans",)),
    ("an alerting rule of Grafana", ("grafana_alert",)),
    ("a file of Grafana's rules", ("apiVersion", "groups.0.folder")),
    ("a Grafana notification of the legacy kind", ("ruleId", "evalMatches")),
    ("a Grafana notification of the legacy kind", ("ruleName", "ruleUrl")),
    ("a Grafana OnCall webhook", ("alert_group", "event")),
    ("a Zabbix notification", ("trigger_id", "event_id")),
    ("an Uptime Kuma notification", ("heartbeat", "monitor")),
    ("a Slack message", ("attachments", "channel")),
    ("a Slack message", ("blocks",)),
    ("a file of Prometheus rules", ("groups.0.rules",)),
    ("a file of Prometheus rules", ("spec.groups.0.rules",)),
    ("an Alertmanager configuration", ("route", "receivers")),
    ("an Alertmanager silence", ("matchers", "createdBy")),
    ("an alerting rule of Prometheus", ("alert", "expr")),
    ("an answer of Loki to a query", ("data.resultType", "data.result.0.stream")),
    ("an answer of Prometheus or Loki to a query", ("data.resultType",)),
    ("a list of Prometheus' targets", ("data.activeTargets",)),
    ("an error of an HTTP API", ("errorType", "error")),
    ("an object of Kubernetes", ("apiVersion", "kind")),
)
"""Names of bodies, each with keys that all are there; a dot leads into an object or a list."""

_PRODUCTS = (
    *("Sentry", "Datadog", "PagerDuty", "Opsgenie", "VictorOps", "Splunk", "Zabbix", "Icinga", "Nagios", "Checkmk"),
    *("New Relic", "newrelic", "Dynatrace", "Honeycomb", "Instana", "AppDynamics", "Elastic", "Kibana", "Loki"),
    *("Azure", "AWS", "amazonaws"),
    *("Pingdom", "StatusCake", "UptimeRobot", "Better Stack", "Checkly", "Rootly", "Squadcast", "LogicMonitor"),
    *("ServiceNow", "Jira", "Slack", "Discord", "GitHub", "GitLab", "SolarWinds", "PRTG", "Sensu", "Alerta", "Grafana"),
)
"""Systems that send alerts; their names stand in the addresses and keys of most of what they send."""

_BYTES: tuple[tuple[str, bytes], ...] = (
    ("a file that gzip packed", b"\x1f\x8b"),
    ("a ZIP archive", b"PK\x03\x04"),
    ("a file that zstd packed", b"\x28\xb5\x2f\xfd"),
    ("a file that bzip2 packed", b"BZh"),
    ("a file that xz packed", b"\xfd7zXZ\x00"),
    ("a picture", b"\x89PNG"),
    ("a PDF document", b"%PDF-"),
)
"""First bytes of what is no text."""

_BLANK = r"\A(?:[ \t]*+(?:[#;].*)?\n)*+"
_KEY = r"[\"']?[\w.-]++[\"']?:(?=\s)"
_TEXTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("an XML or HTML document", re.compile(r"\A\s*+<")),
    (
        "an HTTP message with its headers, of which only the body is wanted",
        re.compile(r"\A(?:HTTP/\d|[A-Z]{3,8} \S+ HTTP/\d)"),
    ),
    (
        "a YAML file of Prometheus rules",
        re.compile(r"^[ \t]*+(?:-[ \t]++)?+[\"']?(?:alert|record)[\"']?:[ \t]++\S|\bkind: ?PrometheusRule\b", re.M),
    ),
    ("a YAML file of rules", re.compile(r"^[\"']?groups[\"']?:(?=\s)", re.M)),
    ("an Alertmanager configuration in YAML", re.compile(r"^(?:route|receivers|inhibit_rules):(?=\s)", re.M)),
    ("a Prometheus configuration in YAML", re.compile(r"^(?:scrape_configs|rule_files|remote_write):(?=\s)", re.M)),
    ("a YAML file of Kubernetes", re.compile(r"^apiVersion:[ \t]*+\S++\s*?$", re.M)),
    (
        "a table as amtool prints it",
        re.compile(r"^(?:Alertname|Labels)[ \t]++(?:Annotations[ \t]++)?Starts At\b", re.M),
    ),
    ("metrics in the format of Prometheus", re.compile(r"^(?:# (?:HELP|TYPE) |\w++\{[^}\n]*+\} )", re.M)),
    ("a form, not its JSON", re.compile(r"^(?:payload|body|data)=[%{]")),
    ("a Sentry envelope", re.compile(r"""^\{"type": ?"(?:event|transaction|session|attachment)""", re.M)),
    ("an e-mail", re.compile(r"\A(?:From|Received|Return-Path|Subject): ")),
    ("a YAML document", re.compile(rf"\A---\s*?$|{_BLANK}{_KEY}.*\n[ \t]*+(?:- |{_KEY})", re.M)),
    (
        "a TOML or INI file",
        re.compile(rf"{_BLANK}(?:\[[^\]\n]++\]++[ \t]*+\n{_BLANK[2:]}[\w.\"-]++[ \t]*+=|[\w.\"-]++[ \t]++=[ \t])"),
    ),
)

_LOOK = 64_000
"""Characters of a text that are looked at."""


def named(body: JsonValue) -> str:
    """Return what a JSON body is, with its article; empty when none of the marks is there."""
    first = body[0] if isinstance(body, list) and body else body
    if not isinstance(first, dict):
        return ""
    found = next((name for name, marks in _OBJECTS if all(_has(first, mark) for mark in marks)), "")
    return f"a list with {found}" if found and first is not body else found


def described(body: JsonValue) -> str:
    """Return what a JSON body looks like that has none of the marks, and the system that its words speak of."""
    match body:
        case dict():
            said = f"a JSON object with the keys {', '.join(list(body)[:5])}" if body else "an empty JSON object"
        case list():
            said = f"a JSON list of {len(body)}" if body else "an empty JSON list"
        case str():
            said = "a JSON text"
        case _:
            said = f"the JSON value {json.dumps(body)[:20]}"
    return f"JSON that speaks of {system}: {said}" if (system := spoken(body)) else said


def spoken(body: JsonValue) -> str:
    """Return the system that the words of a JSON body speak of; empty when they speak of none."""
    words = json.dumps(body)[:_LOOK].lower()
    return next((name for name in _PRODUCTS if re.search(rf"(?<![a-z]){name.lower()}(?:hq)?(?![a-z])", words)), "")


def named_text(text: str) -> str:
    """Return what a text is that is no JSON, with its article; empty when none of the marks is there."""
    start = text[:_LOOK].replace("\r\n", "\n")
    return next((name for name, mark in _TEXTS if mark.search(start)), "")


def named_bytes(raw: bytes) -> str:
    """Return what a body is that is no text, with its article; empty when none of the marks is there."""
    return next((name for name, mark in _BYTES if raw.startswith(mark)), "")


def _has(body: Mapping[str, JsonValue], mark: str) -> bool:
    here: JsonValue = dict(body)
    for part in mark.split("."):
        if isinstance(here, list) and part.isdecimal() and int(part) < len(here):
            here = here[int(part)]
        elif isinstance(here, dict) and part in here:
            here = here[part]
        else:
            return False
    return True
