"""The log adapter on what a workload may write."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import JsonValue

from incident.errors import Unavailable
from incident.evidence import ErrorLog, Missing
from tools.embedded import lines
from tools.embedded.logs import EmbeddedLogs
from tools.frames import places

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
ROOT = "/srv/checkouts/abc"


def entry(at: datetime = NOW, more: Mapping[str, JsonValue] | None = None, **fields: JsonValue) -> dict[str, JsonValue]:
    return {
        "ts": at.isoformat(),
        "level": "ERROR",
        "service": "orders",
        "version": "v1",
        "logger": "orders",
        "message": "request failed",
        "trace_id": "a" * 32,
        "span_id": "b" * 16,
        "route": "POST /orders",
        "status": 500,
        "exception": {
            "type": "builtins.KeyError",
            "message": "'tier'",
            "stack": [{"file": f"{ROOT}/services/orders/app.py", "line": 9, "function": "price", "code": "d['tier']"}],
        },
        **fields,
        **(more or {}),
    }


def write(
    folder: Path, *entries: dict[str, JsonValue], name: str = "orders.v1.7.jsonl", root: JsonValue = ROOT
) -> None:
    place = folder / name
    if not place.exists():
        place.write_text(json.dumps({"ts": NOW.isoformat(), "message": "started", "root": root}) + "\n")
    with place.open("a") as file:
        file.writelines(json.dumps(one) + "\n" for one in entries)


def adapter(folder: Path, component: Callable[[str], str] = lambda _: "services/orders") -> EmbeddedLogs:
    return EmbeddedLogs(lines.Folder(folder), lambda service: places.Files((), component(service)))


def read(logs: EmbeddedLogs, seconds: float = 60) -> tuple[ErrorLog, ...]:
    found = logs.errors("orders", NOW - timedelta(seconds=seconds), NOW + timedelta(seconds=seconds))
    assert not isinstance(found, Missing)
    return found


def test_a_logged_error_is_one_with_its_signature(tmp_path: Path) -> None:
    write(tmp_path, entry())
    (found,) = read(adapter(tmp_path))
    assert (found.exception, found.message, found.route) == ("KeyError", "'tier'", "POST /orders")
    assert found.signature is not None
    assert (found.signature.path, found.signature.line) == ("services/orders/app.py", 9)


@pytest.mark.parametrize(
    "more",
    [
        {"service": "billing-api"},
        {"version": "v2"},
        {"service": None},
        {"level": "INFO"},
        {"level": "WARNING"},
        {"exception": None},
        {"exception": "KeyError"},
        {"ts": "yesterday"},
        {"ts": None},
        {"ts": "2026-01-01T12:00:00"},
    ],
)
def test_a_line_that_is_no_error_of_this_process_is_nobodys(tmp_path: Path, more: dict[str, JsonValue]) -> None:
    write(tmp_path, entry(more=more))
    assert read(adapter(tmp_path)) == ()


def test_control_the_same_line_unchanged_is_read(tmp_path: Path) -> None:
    write(tmp_path, entry())
    assert len(read(adapter(tmp_path))) == 1


@pytest.mark.parametrize("root", [None, 5, "", "relative", "/elsewhere"])
def test_without_a_usable_root_there_is_an_error_but_no_signature(tmp_path: Path, root: JsonValue) -> None:
    write(tmp_path, entry(), root=root)
    (found,) = read(adapter(tmp_path))
    assert found.signature is None
    assert found.frames[0].path.startswith("/")


NODE = """TypeError: Cannot read properties of undefined (reading 'tier')
    at price (file://{root}/services/orders/price.mjs:9:12)
    at Layer.handle ({root}/node_modules/express/lib/router/layer.js:95:5)
[cause]: Error: no account
    at account ({root}/services/orders/accounts.mjs:3:5)"""


def test_the_stack_of_another_language_gives_a_signature_too(tmp_path: Path) -> None:
    raised: JsonValue = {"type": "TypeError", "message": "no 'tier'", "stack": NODE.format(root=ROOT)}
    write(tmp_path, entry(exception=raised))
    (found,) = read(adapter(tmp_path))
    assert found.signature is not None
    assert (found.signature.path, found.signature.line, found.signature.function) == (
        "services/orders/price.mjs", 9, "price",
    )  # fmt: skip
    assert [(one.relation, one.frames[0].path) for one in found.chain] == [("cause", "services/orders/accounts.mjs")]


def test_an_error_that_only_a_library_raised_is_told_without_a_signature(tmp_path: Path) -> None:
    raised: JsonValue = {
        "type": "SyntaxError",
        "message": "bad",
        "stack": "SyntaxError: bad\n    at JSON.parse (<anonymous>)\n    at parse (/srv/app/node_modules/body/json.js:9:1)",
    }
    write(tmp_path, entry(exception=raised))
    (found,) = read(adapter(tmp_path))
    assert (found.signature, found.exception, found.frames[-1].function) == (None, "SyntaxError", "JSON.parse")


def test_hostile_fields_are_made_harmless(tmp_path: Path) -> None:
    raised: JsonValue = {
        "type": "a.b.Boom\x1b[31m\n",
        "message": "card 4111111111111111 of 'Ann Lee'\u202e\n" + "x" * 5000,
        "stack": [],
    }
    write(tmp_path, entry(exception=raised, route="POST /o\u200b\r\nx", trace_id={"a": 1}))
    (found,) = read(adapter(tmp_path))
    assert (found.exception, found.route, found.trace_id) == ("Boom", "POST /o x", "")
    assert found.message.startswith("card [redacted] of <text>")
    assert len(found.message) == 300


def test_an_error_that_one_request_logs_twice_is_one(tmp_path: Path) -> None:
    write(tmp_path, entry(), entry(NOW + timedelta(milliseconds=2)), entry(trace_id="c" * 32))
    assert len(read(adapter(tmp_path))) == 2


def test_errors_without_a_trace_are_all_counted(tmp_path: Path) -> None:
    write(tmp_path, entry(trace_id=""), entry(trace_id=""))
    assert len(read(adapter(tmp_path))) == 2


def test_lines_out_of_order_come_out_in_order(tmp_path: Path) -> None:
    for number, offset in enumerate((3, 1, 2)):
        write(tmp_path, entry(NOW + timedelta(seconds=offset), trace_id=f"{number:032x}"))
    assert [log.at.second for log in read(adapter(tmp_path))] == [1, 2, 3]


def test_asking_again_reads_only_what_was_added(tmp_path: Path) -> None:
    write(tmp_path, entry())
    logs = adapter(tmp_path)
    assert len(read(logs)) == 1
    place = tmp_path / "orders.v1.7.jsonl"
    # What was read stays known although its bytes are gone: they are not read a second time.
    place.write_bytes(b" " * (place.stat().st_size - 1) + b"\n")
    write(tmp_path, entry(trace_id="d" * 32))
    assert len(read(logs)) == 2


def test_a_repository_that_does_not_answer_costs_no_line(tmp_path: Path) -> None:
    """A service is diagnosed without its source; as soon as the repository answers, it says which frame is its own."""
    answers: list[str | None] = [None, "services/orders"]

    def component(_: str) -> str:
        answer = answers.pop(0)
        if answer is None:
            raise Unavailable("not now")
        return answer

    write(tmp_path, entry())
    logs = adapter(tmp_path, component)
    (found,) = read(logs)
    assert found.signature is not None
    write(tmp_path, entry(trace_id="d" * 32), name="orders.v1.8.jsonl")
    assert len(read(logs)) == 2
    assert answers == []


def test_a_service_without_any_file_is_missing_and_so_is_a_version(tmp_path: Path) -> None:
    write(tmp_path, entry())
    logs = adapter(tmp_path)
    assert isinstance(logs.errors("billing-api", NOW, NOW), Missing)
    assert isinstance(logs.errors("orders", NOW, NOW, "v2"), Missing)
    assert not isinstance(logs.errors("orders", NOW, NOW, "v1"), Missing)


def test_restarted_processes_write_files_of_their_own(tmp_path: Path) -> None:
    write(tmp_path, entry())
    logs = adapter(tmp_path)
    assert len(read(logs)) == 1
    write(tmp_path, entry(trace_id="d" * 32), name="orders.v1.8.jsonl")
    write(tmp_path, entry(trace_id="e" * 32, version="v2"), name="orders.v2.9.jsonl")
    assert sorted(log.version for log in read(logs)) == ["v1", "v1", "v2"]
