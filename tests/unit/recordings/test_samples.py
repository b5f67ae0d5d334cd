"""Samples are read from OpenMetrics text, answers of query_range and OTLP JSON, and make the golden series."""

import json
from pathlib import Path

import pytest

from incident import series
from incident.evidence import Missing, Ratios, Signals
from tests.unit.recordings.folders import NOON, SECOND, at, nanos, otlp, said, world
from tools import recorded

START = NOON.timestamp()


def openmetrics(*, service: str = "orders") -> str:
    """Ten requests each 15 s; from 12:01 on two of them fail, under a status that was not there before."""
    lines = ["# TYPE http_requests counter"]
    for tick in range(9):
        time = START + 15 * tick
        lines.append(f'http_requests_total{{job="{service}",code="200",instance="a"}} {100 + 10 * tick} {time}')
        if tick > 4:
            lines.append(f'http_requests_total{{job="{service}",code="500",instance="a"}} {2 * (tick - 4)} {time}')
    return "\n".join([*lines, "# EOF", ""])


def counted(found: recorded.RecordedWorld, start: float = 0, end: float = 120) -> tuple[int, int]:
    signals = found.metrics.signals("orders", at(start), at(end))
    assert isinstance(signals, Signals), signals
    return signals.requests, signals.errors


def test_openmetrics_text_is_counted_with_errors_that_begin_later(tmp_path: Path) -> None:
    found = world(tmp_path, {"metrics/scrapes.txt": openmetrics()})
    assert found.platform.services() == ("orders",)
    assert counted(found, 0, 60) == (40, 0)
    assert counted(found) == (88, 8)
    points = found.metrics.range("orders", "errors", NOON, at(120))
    assert isinstance(points, series.Series)
    assert [value for _, value in points.points] == [0, 0, 0, 0, 2, 2, 2, 2]
    assert (points.step_seconds, points.points[-1][0]) == (15.0, at(120))
    assert said(found) == []


def test_scrapes_that_are_put_one_behind_the_other_are_read(tmp_path: Path) -> None:
    half = openmetrics().splitlines()
    pieces = "\n".join([*half[:4], "# EOF", "# TYPE http_requests counter", *half[4:]])
    assert counted(world(tmp_path, {"metrics/scrapes.prom": pieces})) == (88, 8)


def test_a_broken_line_is_one_sentence_and_the_rest_is_used(tmp_path: Path) -> None:
    lines = openmetrics().splitlines()
    lines.insert(3, 'http_requests_total{job="orders",code="200} 1 x')
    lines.insert(5, 'queue_depth{job="orders"} 7')
    found = world(
        tmp_path, {"metrics/scrapes.txt": "\n".join(lines), "metrics/other.json": "[", "metrics/c.jsonl": "x\n"}
    )
    assert counted(found) == (88, 8)
    told = said(found)
    assert len(told) == 4
    assert any(line.startswith("metrics/scrapes.txt: line 4: ") for line in told)
    assert "metrics/scrapes.txt: line 6: it is no sample of OpenMetrics (it has no time)" in told
    assert "metrics/other.json: it is no JSON" in told
    assert "metrics/c.jsonl: line 1: it is no JSON object" in told


def test_a_matrix_of_query_range_is_read_with_its_texts_and_without_nan(tmp_path: Path) -> None:
    values = [[START + 30 * tick, str(50 * tick)] for tick in range(5)]
    metric = {"__name__": "http_requests_total", "job": "orders", "status": "200"}
    bad = {**metric, "status": "503"}
    ratio = {"metric": {}, "values": [[START + 30 * tick, "NaN" if tick == 1 else "0.5"] for tick in range(5)]}
    answer = {"status": "success", "data": {"resultType": "matrix", "result": [
        {"metric": metric, "values": values},
        {"metric": bad, "values": [[START + 30 * tick, str(tick)] for tick in range(5)]},
    ]}}  # fmt: skip
    described = '[files."metrics/panel.json"]\nservice = "orders"\n__name__ = "share"\n[kinds]\nshare = "ratio"\n'
    found = world(tmp_path, {
        "metrics/q.json": json.dumps(answer),
        "metrics/panel.json": json.dumps({"result": [ratio]}),
        "recording.toml": described,
    })  # fmt: skip
    assert counted(found) == (204, 4)
    points = found.metrics.range("orders", "share", NOON, at(120))
    assert isinstance(points, series.Series)
    assert points.metric.kind == "ratio"
    assert [time for time, _ in points.points] == [at(60), at(90), at(120)]
    assert said(found) == []


def sums(temporality: int, values: list[float], **labels: str) -> dict[str, object]:
    points = [
        {
            "timeUnixNano": nanos(10 * tick),
            "asInt": str(int(value)),
            "attributes": [{"key": key, "value": {"stringValue": one}} for key, one in labels.items()],
        }
        for tick, value in enumerate(values)
    ]
    return {
        "name": "http_requests_total",
        "sum": {"aggregationTemporality": temporality, "isMonotonic": True, "dataPoints": points},
    }


@pytest.mark.parametrize(
    ("temporality", "values"), [(2, [5, 15, 35, 10]), (1, [99, 10, 20, 10])], ids=["cumulative, with a reset", "delta"]
)
def test_sums_of_otlp_are_counted_by_their_temporality(tmp_path: Path, temporality: int, values: list[float]) -> None:
    text = otlp("Metrics", "metrics", sums(temporality, values, code="200"))
    assert counted(world(tmp_path, {"metrics/m.jsonl": text}), 0, 30) == (40, 0)


def test_a_histogram_of_otlp_tells_requests_errors_and_percentiles(tmp_path: Path) -> None:
    def histogram(status: str, counts: list[int]) -> dict[str, object]:
        points = [
            {
                "timeUnixNano": nanos(10 * tick),
                "count": str(tick * sum(counts)),
                "sum": 1.0,
                "bucketCounts": [str(tick * count) for count in counts],
                "explicitBounds": [0.1, 0.2],
                "attributes": [{"key": "http.response.status_code", "value": {"intValue": status}}],
            }
            for tick in range(4)
        ]
        return {
            "name": "http.server.request.duration",
            "unit": "s",
            "histogram": {"aggregationTemporality": "AGGREGATION_TEMPORALITY_CUMULATIVE", "dataPoints": points},
        }

    text = otlp("Metrics", "metrics", histogram("200", [80, 10, 0]), histogram("500", [0, 10, 0]))
    found = world(tmp_path, {"metrics/m.jsonl": text}).metrics.signals("orders", NOON, at(30))
    assert isinstance(found, Signals)
    assert (found.requests, found.errors) == (300, 30)
    assert found.p50_ms == pytest.approx(62.5)
    assert found.p99_ms == pytest.approx(195.0)


def test_series_that_are_named_win_over_the_usual_names(tmp_path: Path) -> None:
    described = """
[services]
labels = ["svc"]
[services.names]
"orders-api" = "orders"
[series]
requests = 'rpc_total{side="server"}'
errors = 'rpc_total{side="server",outcome=~"fail|refused"}'
memory_bytes = "rss"
"""
    lines = [
        line
        for tick in range(4)
        for line in (
            f'rpc_total{{svc="orders-api",side="server",outcome="ok"}} {tick * 10} {START + tick}',
            f'rpc_total{{svc="orders-api",side="server",outcome="fail"}} {tick * 3} {START + tick}',
            f'rpc_total{{svc="orders-api",side="client",outcome="fail"}} {tick * 50} {START + tick}',
            f'rss{{svc="orders-api",pod="a"}} 100 {START + tick}',
            f'rss{{svc="orders-api",pod="b"}} 50 {START + tick}',
            f'depth{{svc="orders-api",queue="q",pod="a"}} {tick} {START + tick}',
            f'depth{{svc="orders-api",queue="q",pod="b"}} {2 * tick} {START + tick}',
        )
    ]
    found = world(tmp_path, {"metrics/a.om": "\n".join(lines), "recording.toml": described})
    signals = found.metrics.signals("orders", NOON, at(3))
    assert isinstance(signals, Signals)
    assert (signals.requests, signals.errors, signals.memory_bytes) == (39, 9, 150.0)
    names = found.metrics.names("orders")
    assert isinstance(names, series.Metrics)
    assert [metric.name for metric in names.metrics[len(series.GOLDEN) :]] == [
        'depth{queue="q"}',
        'rpc_total{outcome="fail",side="client"}',
    ]
    depth = found.metrics.range("orders", 'depth{queue="q"}', NOON, at(3))
    assert isinstance(depth, series.Series)
    assert [value for _, value in depth.points] == [2, 4, 6]


def test_a_share_without_counts_opens_no_gate_and_nothing_is_no_zero(tmp_path: Path) -> None:
    lines = [
        f'error_ratio{{service="orders"}} 0.2 {START + tick}\nup{{service="stock"}} 1 {START + tick}'
        for tick in range(9)
    ]
    found = world(tmp_path, {"metrics/a.txt": "\n".join(lines)})
    assert isinstance(found.metrics.signals("orders", NOON, at(8)), Ratios)
    assert isinstance(found.metrics.signals("stock", NOON, at(8)), Missing)
    assert isinstance(found.metrics.range("stock", "errors", NOON, at(8)), Missing)


def test_requests_whose_errors_nobody_counts_are_not_healthy(tmp_path: Path) -> None:
    lines = [f'http_requests_total{{service="orders"}} {10 * tick} {START + tick}' for tick in range(9)]
    found = world(tmp_path, {"metrics/a.txt": "\n".join(lines)}).metrics.signals("orders", NOON, at(8))
    assert isinstance(found, Missing)
    assert "errors" in found.reason


def test_nothing_behind_the_as_of_is_served_and_old_samples_are_stale(tmp_path: Path) -> None:
    files = {"metrics/scrapes.txt": openmetrics()}
    early = world(tmp_path, files, at(61))
    points = early.metrics.range("orders", "requests", NOON, at(120))
    assert isinstance(points, series.Series)
    assert points.points[-1][0] == at(60)
    assert counted(early) == (40, 0)
    late = world(tmp_path, files, at(600))
    assert isinstance(late.metrics.signals("orders", at(60), at(600)), Missing)


def test_instances_that_are_sampled_at_their_own_times_are_added_up(tmp_path: Path) -> None:
    lines = []
    for tick in range(6):
        for instance, shift in (("a", 0.0), ("b", 4.2)):
            labels = f'job="orders",code="200",instance="{instance}"'
            lines.append(f"http_requests_total{{{labels}}} {10 * tick} {START + 15 * tick + shift}")
    found = world(tmp_path, {"metrics/a.txt": "\n".join(lines)})
    points = found.metrics.range("orders", "requests", NOON, at(90))
    assert isinstance(points, series.Series)
    assert sum(value for _, value in points.points) == 100
    assert len(points.points) <= 6


def test_too_many_points_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.recorded.bounds.MAX_POINTS", 5)
    assert any("at most 5 points" in line for line in said(world(tmp_path, {"metrics/a.txt": openmetrics()})))


def test_a_window_is_open_at_its_start(tmp_path: Path) -> None:
    found = world(tmp_path, {"metrics/scrapes.txt": openmetrics()})
    assert counted(found, 0, 30) == (20, 0)
    assert counted(found, 30, 60) == (20, 0)
    assert isinstance(found.metrics.signals("orders", at(60), at(60) + SECOND), Missing)


def test_a_sample_that_marks_the_end_of_a_series_is_none(tmp_path: Path) -> None:
    lines = [
        f'error_ratio{{service="orders"}} {value} {START + tick}' for tick, value in enumerate(["0.1", "0.2", "NaN"])
    ]
    found = world(tmp_path, {"metrics/a.txt": "\n".join(lines)}, at(3))
    points = found.metrics.range("orders", "error_ratio", NOON, at(3))
    assert isinstance(points, series.Series)
    assert [value for _, value in points.points] == [0.2]
    assert said(found) == []
