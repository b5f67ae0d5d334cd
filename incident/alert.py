"""Alerts, whichever of the known systems sent them (:mod:`incident.shapes`).

A group is read alert by alert: one that cannot be read is left out and said, and the others go on.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from pydantic import AwareDatetime, Field, JsonValue, TypeAdapter, ValidationError

from incident import foreign, shapes
from incident.errors import BadInput
from incident.value import Value, encode

MAX_BYTES = 32 * 1024 * 1024
"""A payload above this size is refused."""

MAX_LABEL = 1_024
"""Characters of one label or annotation value that are kept."""

MAX_LABELS = 128
"""Labels of one alert; Prometheus' own alerts have a dozen."""

NEVER = datetime(1, 1, 1, tzinfo=UTC)
"""Start of an alert whose sender says no time that a clock could say: Go's zero time, which some senders write."""

YEARS = (2000, 2199)
"""Years in which alerts begin."""

_HEARTBEAT = re.compile(r"watchdog|infoinhibitor|alwaysfiring|heartbeat|.*deadmans?s?(?:switch|snitch)")
"""Names of alerts that always fire, or that only inhibit others, in lower case and without other signs."""

_TIME = TypeAdapter(AwareDatetime)
_TIMELIKE = re.compile(r"[+-]?\d{4,12}-\d\d-\d\d[Tt ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:[Zz]|[+-]\d\d:?\d\d)")
"""RFC 3339's form, whatever the numbers in it."""


class Alert(Value):
    """One alert: what fired, on what, since when."""

    status: shapes.Status
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

    @property
    def heartbeat(self) -> bool:
        """True for an alert that asks for nothing: it shows that alerting works, or only inhibits others."""
        plain = re.sub(r"[\W_]", "", self.name.lower())
        severities = (value.strip().lower() for label, value in self.labels.items() if label.lower() == "severity")
        return _HEARTBEAT.fullmatch(plain) is not None or "none" in severities


class Payload(Value):
    """Alerts that came in one body."""

    alerts: tuple[Alert, ...]
    group_labels: dict[str, str] = {}
    beside: int = 0
    """Firing alerts about the same services that were counted and are not kept in `alerts`."""
    left_out: tuple[str, ...] = Field(default=(), exclude=True)
    """Sentences about the alerts that could not be read: told by the command, and kept in no record."""

    def firing(self) -> tuple[Alert, ...]:
        """The alerts that fire and ask for something; a body may mix them with others."""
        return tuple(alert for alert in self.alerts if alert.status == "firing" and not alert.heartbeat)


def parse(raw: bytes) -> Payload:
    """Read the body of an alerting system.  Raises BadInput with one sentence when no alert in it can be read."""
    if len(raw) > MAX_BYTES:
        raise BadInput("payload", f"more than {MAX_BYTES} bytes", f"send at most {MAX_BYTES} bytes at once")
    found = shapes.alerts(_json(raw))
    read: list[Alert] = []
    refused: list[BadInput] = []
    for where, item in found.alerts:
        try:
            read.append(_alert(shapes.said(item, where), where))
        except BadInput as error:
            refused.append(error)
    if not read:
        raise refused[0]
    unread = [f"{error}" for error in refused]
    if found.truncated:
        unread.append(f"{found.truncated} more alerts were left out by the sender (truncatedAlerts)")
    return Payload(alerts=tuple(read), group_labels=_notes(found.group_labels), left_out=tuple(unread))


def _json(raw: bytes) -> JsonValue:
    """Return the JSON of a body, in any encoding of Unicode.  Raises BadInput saying what it is, or where it goes wrong."""
    if packed := foreign.named_bytes(raw):
        raise BadInput("payload", packed, shapes.READ)
    encoding = json.detect_encoding(raw)
    try:
        text = raw.decode(encoding, "surrogatepass")
    except UnicodeDecodeError as error:
        where = f"it is not {encoding.removesuffix('-sig').upper()} at byte {error.start}"
        raise BadInput("payload", raw[:20], f"{where}; send JSON in UTF-8") from error
    if not text.strip("\ufeff\0 \t\r\n"):
        raise BadInput("payload", text[:40], f"it is empty; {shapes.READ}")
    try:
        body: JsonValue = json.loads(text)
    except json.JSONDecodeError as error:
        if what := foreign.named_text(text):
            raise BadInput("payload", what, shapes.READ) from error
        where = f"line {error.lineno}, column {error.colno}"
        raise BadInput("payload", text[:40], f"it is no JSON at {where} ({error.msg}); {shapes.READ}") from error
    # Deeply nested JSON raises RecursionError, which is no ValueError.
    except (ValueError, RecursionError) as error:
        raise BadInput("payload", text[:40], "its numbers are too long, or it is nested too deep; send JSON") from error
    return body


def _alert(said: shapes.Said, where: str) -> Alert:
    labels = _strings(said.labels, f"{where}.labels")
    if not 0 < len(labels) <= MAX_LABELS:
        raise BadInput(f"{where}.labels", f"{len(labels)} labels", f"send 1 to {MAX_LABELS} labels")
    return Alert(
        status=said.status,
        labels=labels,
        annotations=_notes(said.annotations),
        starts_at=_time(said.starts_at, f"{where}.startsAt"),
        fingerprint=fingerprint_of(labels),
        fingerprint_said=_kept(said.fingerprint),
    )


def _time(value: JsonValue, where: str) -> datetime:
    """Return the time that is said; `NEVER` for none, and for one that no clock says."""
    said = value.strip() if isinstance(value, str) else value
    if said is None or said == "":
        return NEVER
    # pydantic would read a number as Unix time, in seconds or milliseconds by its size.
    if not isinstance(said, str) or not _TIMELIKE.fullmatch(said):
        raise BadInput(where, value, "use an RFC 3339 time with a zone, like 2026-01-31T12:00:00Z")
    try:
        found = _TIME.validate_python(said)
    except ValidationError:
        return NEVER
    return found if YEARS[0] <= found.year <= YEARS[1] else NEVER


def _strings(value: JsonValue, where: str) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise BadInput(where, value, "send an object of strings")
    for key, item in value.items():
        if not isinstance(item, str):
            raise BadInput(f"{where}.{key}", item, "send a string")
    return {_kept(key): _kept(item) for key, item in value.items()}


def _notes(value: JsonValue) -> dict[str, str]:
    """Return annotations, or the labels of a group; they decide nothing, so whatever stands there keeps no alert from being read."""
    if not isinstance(value, Mapping):
        return {}
    return {_kept(key): _kept(item) for key, item in list(value.items())[:MAX_LABELS]}


def _kept(value: JsonValue) -> str:
    """Return a value as text that can be written down: whole, or its beginning with a digest of the whole.

    Half characters (lone surrogates, which JSON can spell and UTF-8 cannot) are spelled out, so that two texts that
    differ stay two.  All else stays as it is: it is cleaned where it is shown.
    """
    text = value if isinstance(value, str) else "" if value is None else json.dumps(value)
    if not text.isascii():
        text = text.encode("utf-8", "backslashreplace").decode("utf-8")
    if len(text) <= MAX_LABEL:
        return text
    mark = hashlib.sha256(text.encode()).hexdigest()[:32]
    return f"{text[: MAX_LABEL - len(mark) - 1]}…{mark}"


def fingerprint_of(labels: Mapping[str, str]) -> str:
    """Alertmanager's fingerprint: FNV-1a (64 bit) over the sorted names and values, each ended by 0xff.

    Source: prometheus/common model/signature.go.
    """
    # Go compares bytes and Python code points; in UTF-8 both give the same order.
    signed = b"".join(name.encode() + b"\xff" + labels[name].encode() + b"\xff" for name in sorted(labels))
    state = 0xCBF29CE484222325
    for byte in signed:
        state = ((state ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return f"{state:016x}"
