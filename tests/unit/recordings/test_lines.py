"""Log lines are read from OTLP JSON and from plain JSON lines with fields of any name."""

import json
from pathlib import Path

from incident import logs
from incident.evidence import ErrorLog, Missing
from tests.unit.recordings.folders import NOON, at, attributes, nanos, otlp, said, world
from tools import recorded

STACK = """java.lang.IllegalStateException: no rate for EUR
\tat com.shop.orders.Pricing.rate(Pricing.java:42)
\tat com.shop.orders.Api.create(Api.java:7)
Caused by: java.net.SocketTimeoutException: timed out
\tat com.shop.orders.Client.get(Client.java:3)"""


def record(seconds: float, body: str, **more: object) -> dict[str, object]:
    return {"timeUnixNano": nanos(seconds), "body": {"stringValue": body}, **more}


def lines(found: recorded.RecordedWorld, service: str = "orders") -> tuple[logs.Line, ...]:
    told = found.logs.lines(service, NOON, at(600))
    assert isinstance(told, logs.Lines), told
    return told.lines


def errors(found: recorded.RecordedWorld, service: str = "orders") -> tuple[ErrorLog, ...]:
    told = found.logs.errors(service, NOON, at(600))
    assert not isinstance(told, Missing)
    return told


def test_records_of_otlp_keep_time_level_ids_and_attributes(tmp_path: Path) -> None:
    text = otlp(
        "Logs",
        "logRecords",
        record(2, "second", severityNumber=17, traceId="ABCDEF", attributes=attributes({"http.route": "/orders"})),
        record(1, "first\x1b[31m", severityText="Warning"),
        {"observedTimeUnixNano": int(nanos(3)), "body": {"intValue": "7"}},
    )
    found = lines(world(tmp_path, {"logs/a.jsonl": text}))
    assert [(line.at, line.level, line.message) for line in found] == [
        (at(1), "warning", "first"),
        (at(2), "error", "second"),
        (at(3), "", "7"),
    ]
    assert (found[1].trace_id, found[1].version) == ("abcdef", "v1")
    assert found[1].attributes == {"http.route": "/orders"}


def test_an_exception_of_otlp_is_an_error_with_frames_and_what_stands_behind_it(tmp_path: Path) -> None:
    told = {
        "exception.type": "java.lang.IllegalStateException",
        "exception.message": "no rate for EUR",
        "exception.stacktrace": STACK,
        "http.request.method": "POST",
        "http.route": "/orders",
    }
    text = otlp("Logs", "logRecords", record(1, "failed", severityNumber=17, attributes=attributes(told)))
    (error,) = errors(world(tmp_path, {"logs/a.jsonl": text + text}))[:1]
    assert (error.exception, error.message, error.route) == ("IllegalStateException", "no rate for EUR", "POST /orders")
    assert error.frames[-1].function.endswith("rate")
    assert [(one.relation, one.exception) for one in error.chain] == [("cause", "SocketTimeoutException")]
    assert error.signature is None


def test_an_error_that_one_request_logs_twice_is_one(tmp_path: Path) -> None:
    told = attributes({"exception.type": "ValueError", "exception.message": "x"})
    twice = [record(second, "failed", severityNumber=17, traceId="aa", attributes=told) for second in (1, 2)]
    assert len(errors(world(tmp_path, {"logs/a.jsonl": otlp("Logs", "logRecords", *twice)}))) == 1


def test_plain_lines_are_read_by_their_usual_names(tmp_path: Path) -> None:
    text = "\n".join(
        json.dumps(line)
        for line in (
            {"ts": NOON.timestamp() + 1, "level": "INFO", "service": "orders", "msg": "started", "shard": 3},
            {
                "timestamp": "2026-03-01T12:00:02Z",
                "level": "error",
                "service": "orders",
                "message": "boom",
                "stack": STACK,
            },
            {"@timestamp": "2026-03-01T12:00:03", "severity": "warn", "service": "orders", "message": "no zone"},
        )
    )
    found = world(tmp_path, {"logs/a.ndjson": text})
    assert [(line.at, line.level) for line in lines(found)] == [(at(1), "info"), (at(2), "error"), (at(3), "warning")]
    assert lines(found)[0].attributes == {"shard": "3"}
    assert [error.exception for error in errors(found)] == ["IllegalStateException"]


def test_a_mapping_names_the_fields_and_dots_go_deeper(tmp_path: Path) -> None:
    described = """
[logs]
time = "when.at"
service = "kubernetes.labels.app"
level = "sev"
message = "text"
[services.names]
"orders-api" = "orders"
"""
    line = {
        "when": {"at": 1772366401000},
        "kubernetes": {"labels": {"app": "orders-api"}},
        "sev": "crit",
        "text": "gone",
    }
    found = world(tmp_path, {"logs/a.jsonl": json.dumps(line), "recording.toml": described})
    assert [(one.at, one.level, one.message) for one in lines(found)] == [(at(1), "fatal", "gone")]


def test_broken_lines_are_named_and_the_rest_is_used(tmp_path: Path) -> None:
    good = otlp("Logs", "logRecords", record(1, "good"), {"body": {"stringValue": "no time"}})
    nobody = json.dumps({"ts": 1772366401, "message": "whose?"})
    found = world(tmp_path, {"logs/a.jsonl": f"{good}{{torn\n{nobody}\n[1]\n"})
    assert [line.message for line in lines(found)] == ["good"]
    assert said(found) == [
        "logs/a.jsonl: line 1: a log line has no usable time",
        "logs/a.jsonl: line 2: it is no JSON object",
        "logs/a.jsonl: line 3: a log line names no service",
        "logs/a.jsonl: line 4: it is no JSON object",
    ]


def test_the_same_sentence_many_times_is_told_by_its_number(tmp_path: Path) -> None:
    told = said(world(tmp_path, {"logs/a.jsonl": "x\n" * 500 + otlp("Logs", "logRecords", record(1, "good"))}))
    assert len(told) == 6
    assert told[-1] == "logs/a.jsonl: 495 more like these"


def test_secrets_in_lines_are_not_told(tmp_path: Path) -> None:
    text = otlp(
        "Logs",
        "logRecords",
        record(1, "password=hunter2hunter2", attributes=attributes({"api_key": "sk-" + "a1" * 20})),
    )
    found = str(lines(world(tmp_path, {"logs/a.jsonl": text})))
    assert "hunter2" not in found
    assert "a1a1" not in found


def test_lines_of_an_unknown_service_are_missing_and_later_ones_are_not_served(tmp_path: Path) -> None:
    text = otlp("Logs", "logRecords", record(1, "early"), record(90, "late"))
    found = world(tmp_path, {"logs/a.jsonl": text}, at(60))
    assert [line.message for line in lines(found)] == ["early"]
    assert isinstance(found.logs.lines("stock", NOON, at(60)), Missing)
    assert isinstance(found.logs.errors("stock", NOON, at(60)), Missing)
