"""Alerts as Alertmanager sends them (webhook v4), or one bare alert.

Unknown keys are ignored, because Alertmanager adds some with every release; required ones are
refused by name.  A bare alert is an object with ``labels`` and ``startsAt`` and no ``version``.

Source: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
"""

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, JsonValue, TypeAdapter, ValidationError

from incident.errors import BadInput
from incident.value import Value, encode

MAX_BYTES = 1_000_000
"""A payload above this size is refused: Alertmanager's own groups stay far below it."""

MAX_LABEL = 1_024
"""Characters of one label or annotation value that are kept."""

YEARS = (1970, 2199)
"""An alert that began before or after these years did not: no clock says so, and no arithmetic bears it."""

_TIME = TypeAdapter(AwareDatetime)


class Alert(Value):
    """One alert: what fired, on what, since when."""

    status: Literal["firing", "resolved"]
    labels: dict[str, str]
    annotations: dict[str, str] = {}
    starts_at: AwareDatetime
    fingerprint: str
    """As Alertmanager computes it from the labels, so that people find the alert there."""
    fingerprint_said: str = ""
    """The sender's name for it: data, and no part of who the alert is."""

    @property
    def identity(self) -> str:
        """Identity of the alert: a function of all its labels, that nobody can aim at another alert's.

        Alertmanager's fingerprint alone would not do: it is a checksum (FNV-1a), for which other labels are easily found.
        """
        labels: dict[str, JsonValue] = dict(self.labels)
        return f"{self.fingerprint}-{hashlib.sha256(encode(labels)).hexdigest()[:32]}"

    @property
    def name(self) -> str:
        """The rule's name, or an empty string when the label is missing."""
        return self.labels.get("alertname", "")


class Payload(Value):
    """Body of one call of the webhook."""

    alerts: tuple[Alert, ...]
    group_labels: dict[str, str] = {}

    def firing(self) -> tuple[Alert, ...]:
        """The alerts that are firing; a group may mix them with resolved ones."""
        return tuple(alert for alert in self.alerts if alert.status == "firing")


def parse(raw: bytes) -> Payload:
    """Read a webhook payload or a bare alert.  Raises BadInput with one sentence."""
    if len(raw) > MAX_BYTES:
        raise BadInput("payload", f"{len(raw)} bytes", f"send at most {MAX_BYTES} bytes")
    try:
        body: JsonValue = json.loads(raw)
    # Deeply nested JSON raises RecursionError, which is no ValueError.
    except (ValueError, RecursionError) as error:
        raise BadInput("payload", raw[:40].decode("utf-8", "replace"), "send JSON in UTF-8") from error
    if not isinstance(body, dict):
        raise BadInput("payload", body, "send a JSON object: an Alertmanager webhook (version 4) or one alert")
    # A bare alert says no version; a webhook of another version must not be taken for one.
    if "version" not in body and "alerts" not in body and "labels" in body:
        return Payload(alerts=(_alert(body, "alert"),))
    if body.get("version") != "4":
        raise BadInput("version", body.get("version"), 'send Alertmanager webhook version "4"')
    alerts = body.get("alerts")
    if not isinstance(alerts, list) or not alerts:
        raise BadInput("alerts", alerts, "send a list with at least one alert")
    group = _strings(body.get("groupLabels") or {}, "groupLabels")
    read = tuple(_alert(alert, f"alerts[{index}]") for index, alert in enumerate(alerts))
    return Payload(alerts=read, group_labels=group)


def _alert(body: JsonValue, where: str) -> Alert:
    if not isinstance(body, dict):
        raise BadInput(where, body, "send an object with labels and startsAt")
    labels = _strings(body.get("labels"), f"{where}.labels")
    if not labels:
        raise BadInput(f"{where}.labels", labels, "send at least one label")
    status = body.get("status", "firing")
    if status not in ("firing", "resolved"):
        raise BadInput(f"{where}.status", status, 'use "firing" or "resolved"')
    said = body.get("fingerprint") or ""
    if not isinstance(said, str) or not (said.isalnum() or not said) or len(said) > 64:
        raise BadInput(f"{where}.fingerprint", said, "use at most 64 letters and digits, or leave it out")
    return Alert(
        status="resolved" if status == "resolved" else "firing",
        labels=labels,
        annotations=_strings(body.get("annotations") or {}, f"{where}.annotations"),
        starts_at=_time(body.get("startsAt"), f"{where}.startsAt"),
        fingerprint=fingerprint_of(labels),
        fingerprint_said=said,
    )


def _time(value: JsonValue, where: str) -> datetime:
    try:
        # pydantic would read a number as Unix time, in seconds or milliseconds by its size.
        if not isinstance(value, str):
            raise ValueError(where)  # noqa: TRY004 (it becomes a BadInput three lines below)
        found = _TIME.validate_python(value)
    except (ValidationError, ValueError) as error:
        raise BadInput(where, value, "use an RFC 3339 time with a zone, like 2026-01-31T12:00:00Z") from error
    if not YEARS[0] <= found.year <= YEARS[1]:
        raise BadInput(where, value, "use the time at which the alert began to fire")
    return found


def _strings(value: JsonValue, where: str) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise BadInput(where, value, "send an object of strings")
    for key, item in value.items():
        if not isinstance(item, str):
            raise BadInput(f"{where}.{key}", item, "send a string")
        # An annotation is prose and may have lines; a label is a name.
        if _has_control(key) or (where.endswith(".labels") and _has_control(item)):
            raise BadInput(f"{where}.{key}", item, "remove the control characters")
    return {str(key): _shortened(_whole(str(item))) for key, item in value.items()}


def _shortened(text: str) -> str:
    """The text, or its beginning with a digest of the whole: two that begin alike stay two."""
    if len(text) <= MAX_LABEL:
        return text
    mark = hashlib.sha256(text.encode()).hexdigest()[:32]
    return f"{text[: MAX_LABEL - len(mark) - 1]}…{mark}"


def _whole(text: str) -> str:
    """The text with half characters (lone surrogates, which JSON can spell and UTF-8 cannot) replaced."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _has_control(text: str) -> bool:
    return any(unicodedata.category(char) in ("Cc", "Cf", "Cs") for char in text)


def fingerprint_of(labels: Mapping[str, str]) -> str:
    """Alertmanager's fingerprint: FNV-1a (64 bit) over the sorted names and values, each ended by 0xff.

    Source: prometheus/common model/signature.go.
    """
    state = 0xCBF29CE484222325
    # Go compares bytes and Python code points; in UTF-8 both give the same order.
    for name in sorted(labels):
        for part in (name, labels[name]):
            for byte in (*part.encode(), 0xFF):
                state = ((state ^ byte) * 0x100000001B3) % 2**64
    return f"{state:016x}"
