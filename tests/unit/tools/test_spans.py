"""Spans of one incident form one trace, in its file, whatever becomes of the block."""

import contextvars
import json
import threading
from pathlib import Path
from typing import Any

import pytest

from tools import spans
from tools.scripted.clock import ManualClock


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_spans_nest_and_take_the_clocks_time(tmp_path: Path) -> None:
    clock, path = ManualClock(), tmp_path / "trace.jsonl"
    tracer = spans.open(path, "inc-1", clock, {})
    with tracer.span("gather", service="orders", tries=2):
        clock.sleep(1.0)
        with tracer.span("fetch"):
            clock.sleep(0.25)
    tracer.close()
    inner, outer = read(path)
    assert (outer["name"], outer["parent_id"], outer["duration_ms"]) == ("gather", None, 1250.0)
    assert outer["attributes"] == {"service": "orders", "tries": 2}
    assert (inner["name"], inner["parent_id"], inner["duration_ms"]) == ("fetch", outer["span_id"], 250.0)
    assert (outer["start"], inner["start"]) == ("2026-01-01T00:00:00+00:00", "2026-01-01T00:00:01+00:00")
    assert outer["error"] is None


def test_a_resumed_run_adds_to_the_same_trace_and_another_incident_has_its_own(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"
    for incident in ("inc-1", "inc-1", "inc-2"):
        tracer = spans.open(path, incident, ManualClock(), {})
        with tracer.span("run"):
            pass
        tracer.close()
    traces = [span["trace_id"] for span in read(path)]
    assert traces[0] == traces[1] != traces[2]
    assert len({span["span_id"] for span in read(path)}) == 3


def test_an_error_that_leaves_the_block_is_recorded_redacted_and_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"
    tracer = spans.open(path, "inc-1", ManualClock(), {})
    with pytest.raises(KeyError), tracer.span("act", url="https://u:hunter2@x/"):
        raise KeyError("password=hunter2")
    tracer.close()
    (span,) = read(path)
    assert span["error"].startswith("KeyError: ")
    assert "hunter2" not in json.dumps(span)


def test_a_long_attribute_is_cut(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"
    tracer = spans.open(path, "inc-1", ManualClock(), {})
    with tracer.span("act", text="x" * 100_000):
        pass
    assert len(path.read_text()) < 5_000


def test_a_span_in_a_pool_thread_keeps_its_parent_when_the_context_travels(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"
    tracer = spans.open(path, "inc-1", ManualClock(), {})

    def work() -> None:
        with tracer.span("inner"):
            pass

    with tracer.span("outer"):
        context = contextvars.copy_context()
        thread = threading.Thread(target=context.run, args=(work,))
        thread.start()
        thread.join()
    inner, outer = read(path)
    assert inner["parent_id"] == outer["span_id"]


def test_a_file_that_cannot_be_written_does_not_stop_the_work(tmp_path: Path) -> None:
    tracer = spans.open(tmp_path / "missing" / "trace.jsonl", "inc-1", ManualClock(), {})
    done = []
    with tracer.span("act"):
        done.append(1)
    tracer.flush()
    tracer.close()
    assert done == [1]


def test_an_endpoint_without_its_exporter_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"
    tracer = spans.open(path, "inc-1", ManualClock(), {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"})
    with tracer.span("act"):
        pass
    assert len(read(path)) == 1


class Wild:
    """A provider whose every part raises."""

    def get_tracer(self, _name: str) -> "Wild":
        return self

    def __getattr__(self, name: str) -> Any:
        def fails(*_: Any, **__: Any) -> None:
            raise MemoryError(name)

        return fails


def test_tracing_that_fails_stops_no_work() -> None:
    provider: Any = Wild()
    tracer = spans.SpanTracer(provider, ManualClock())
    done = []
    with tracer.span("gather", service="orders"):
        done.append("worked")
    with pytest.raises(KeyError, match="its own"), tracer.span("gather"):
        raise KeyError("its own")
    tracer.flush()
    tracer.close()
    assert done == ["worked"]


@pytest.mark.parametrize("place", ["missing/trace.jsonl", "a-folder"])
def test_spans_that_cannot_be_written_stop_no_work(tmp_path: Path, place: str) -> None:
    (tmp_path / "a-folder").mkdir()
    tracer = spans.open(tmp_path / place, "inc-1", ManualClock(), {})
    with tracer.span("gather"):
        pass
    tracer.close()
    tracer.close()
