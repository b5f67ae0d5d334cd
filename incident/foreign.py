"""Bodies that are often sent by mistake, by their own marks, so that a refusal can say what was sent."""

import re
from collections.abc import Mapping

from pydantic import JsonValue

_OBJECTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("an AWS SNS message", ("Type", "TopicArn")),
    ("an AWS CloudWatch alarm", ("AlarmName", "NewStateValue")),
    ("an AWS EventBridge event", ("detail-type", "detail")),
    ("a PagerDuty event", ("routing_key", "event_action")),
    ("a PagerDuty event", ("service_key", "event_type")),
    ("a PagerDuty webhook", ("event.event_type", "event.data")),
    ("a PagerDuty webhook", ("messages", "messages.0.event")),
    ("an Opsgenie webhook", ("action", "alert.alertId")),
    ("an Opsgenie alert", ("message", "responders")),
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
    ("a Datadog monitor", ("query", "overall_state")),
    ("a Datadog monitor", ("query", "type", "options")),
    ("a New Relic webhook", ("issueUrl",)),
    ("a New Relic webhook", ("condition_name", "policy_name")),
    ("a Splunk On-Call (VictorOps) alert", ("message_type", "entity_id")),
    ("a Google Cloud Monitoring webhook", ("incident.incident_id",)),
    ("an Azure Monitor alert", ("schemaId", "data")),
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
    ("an answer of Prometheus to a query", ("data.resultType",)),
    ("an error of an HTTP API", ("errorType", "error")),
    ("an object of Kubernetes", ("apiVersion", "kind")),
)
"""Names of bodies, each with keys that all are there; a dot leads into an object or a list."""

_TEXTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("an XML or HTML document", re.compile(r"\s*<")),
    ("a YAML file of Prometheus rules", re.compile(r"^\s*-?\s*(?:alert|record):\s*\S|^kind:\s*PrometheusRule\b", re.M)),
    ("a YAML file of Prometheus rules", re.compile(r"^groups:\s*(?:#.*)?$", re.M)),
    ("an Alertmanager configuration in YAML", re.compile(r"^(?:route|receivers|inhibit_rules):\s*(?:#.*)?$", re.M)),
    ("a YAML file of Kubernetes", re.compile(r"^apiVersion:\s*\S+\s*$", re.M)),
    ("a table as amtool prints it", re.compile(r"^Alertname\s+Starts At\b", re.M)),
    ("metrics in the format of Prometheus", re.compile(r"^(?:# (?:HELP|TYPE) |\w+\{[^}\n]*\} )", re.M)),
    ("a form, not its JSON", re.compile(r"^(?:payload|body|data)=[%{]")),
    ("a YAML document", re.compile(r"\A---\s*$", re.M)),
)

_LOOK = 4_000
"""Characters of a text that are looked at."""


def named(body: JsonValue) -> str:
    """Return what a JSON body is, with its article; empty when none of the marks is there."""
    first = body[0] if isinstance(body, list) and body else body
    if not isinstance(first, dict):
        return ""
    found = next((name for name, marks in _OBJECTS if all(_has(first, mark) for mark in marks)), "")
    return f"a list with {found}" if found and first is not body else found


def named_text(text: str) -> str:
    """Return what a text is that is no JSON, with its article; empty when none of the marks is there."""
    return next((name for name, mark in _TEXTS if mark.search(text[:_LOOK])), "")


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
