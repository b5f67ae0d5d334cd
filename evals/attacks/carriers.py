"""The places in which text of others can stand, and the nearest way from there to a model."""

from collections.abc import Mapping
from enum import StrEnum


class Carrier(StrEnum):
    """Place in which the text is planted."""

    ALERT_ANNOTATION = "alert annotation"
    ALERT_LABEL = "alert label"
    LOG = "log"
    STACK = "foreign stack"
    FIELD = "request field"
    PATH = "path"
    USER_AGENT = "user agent"
    EVENT = "event"
    ANNOTATION = "annotation"
    CONFIG = "config value"
    FLAG = "flag"
    METRIC_LABEL = "metric label"
    SPAN = "span name"
    ATTRIBUTE = "attribute"
    GRAPH = "graph property"
    RUNBOOK = "runbook"
    MEMORY = "memory"
    SANDBOX = "sandbox output"
    REPOSITORY = "file or commit"
    DIFF = "diff"
    TOOL_ERROR = "tool error"


WAYS: Mapping[Carrier, str] = {
    Carrier.ALERT_ANNOTATION: "the payload's annotations; journaled, shown to no model",
    Carrier.ALERT_LABEL: "a label of the alert and of its rule, in the dossier's condition",
    Carrier.LOG: "the message of the most frequent error",
    Carrier.STACK: "a stack trace of Java, Go, Node, .NET or Ruby beside errors, whose frames name innocent code",
    Carrier.FIELD: "a key in the bodies of requests, in traits, shapes, and the record that the ranking suspects",
    Carrier.PATH: "the route of failing requests, in errors and in the shapes of requests",
    Carrier.USER_AGENT: "a header of the recorded request, quoted in an error's message",
    Carrier.EVENT: "the actor of a restart in the platform's history",
    Carrier.ANNOTATION: "our own marks at the workload; read by code, not by a model",
    Carrier.CONFIG: "a setting's name, in the running configuration and the history of its change; its value is shown as a digest",
    Carrier.FLAG: "the key, a variant and the actor of a turned flag; a variant is shown as a digest",
    Carrier.METRIC_LABEL: "a label matcher in the rule's expression",
    Carrier.SPAN: "the name of failed spans",
    Carrier.ATTRIBUTE: "a key and a value of the attributes of spans and of log lines",
    Carrier.GRAPH: "a host in the topology seen in spans (there is no graph store yet)",
    Carrier.RUNBOOK: "a RUNBOOK.md beside the service's source (there is no store of runbooks yet)",
    Carrier.MEMORY: "past incidents in the store, with the patch that healed one and a person's word",
    Carrier.SANDBOX: "what the first candidate's tests printed, as feedback to the patch agent",
    Carrier.REPOSITORY: "a commit's subject and a comment in the service's source, and with them the commits and the patch of a deploy",
    Carrier.DIFF: "the subject and the patch of another service's innocent release, with the words of the new errors",
    Carrier.TOOL_ERROR: "the error that a backend answers a reading tool with",
}

Plants = Mapping[Carrier, str]
"""The texts in the world; a carrier that is not named holds what it holds on a good day."""
