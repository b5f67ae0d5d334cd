"""The metrics page of a service: what is read, and what is refused."""

import pytest

from evals.lab.metrics import exposition

PAGE = """# HELP http_requests_total Requests
http_requests_total{service="orders",version="1",route="GET /a",status="200"} 90
http_requests_total{service="orders",version="1",route="POST /b",status="500"} 8
http_requests_total{service="orders",version="1",route="POST /b",status="503"} 2.0
http_requests_total{service="orders",version="1",route="GET /healthz",status="200"} 1000
http_requests_created{service="orders",version="1",route="GET /a",status="200"} 1.7e9
http_request_duration_seconds_bucket{route="GET /a",le="0.1"} 80
http_request_duration_seconds_bucket{route="POST /b",le="0.1"} 5
http_request_duration_seconds_bucket{route="GET /a",le="+Inf"} 90
http_request_duration_seconds_bucket{route="POST /b",le="+Inf"} 10
process_resident_memory_bytes{service="orders"} 5.1e+07
process_cpu_seconds_total{service="orders"} 1.25
"""


def test_counters_are_summed_over_routes_without_the_platforms_own_requests() -> None:
    read = exposition.read(PAGE)
    assert (read.requests, read.errors) == (100, 10)
    assert read.buckets == ((0.1, 85.0), (float("inf"), 100.0))
    assert (read.memory_bytes, read.cpu_seconds) == (5.1e7, 1.25)


@pytest.mark.parametrize("value", ["NaN", "+Inf", "-1", "many"])
def test_a_value_that_is_no_count_makes_the_page_unreadable(value: str) -> None:
    with pytest.raises(exposition.Unreadable):
        exposition.read(PAGE.replace("} 90\nhttp_requests_total", f"}} {value}\nhttp_requests_total", 1))


def test_a_page_without_memory_is_unreadable() -> None:
    with pytest.raises(exposition.Unreadable):
        exposition.read(PAGE.replace("process_resident_memory_bytes", "process_something"))


QUIET = "\n".join(line for line in PAGE.splitlines() if line.startswith("process_"))


def test_a_service_without_requests_yet_counts_zero() -> None:
    assert exposition.read(f"# TYPE http_requests_total counter\n{QUIET}").requests == 0


def test_a_service_that_does_not_count_is_not_one_without_requests() -> None:
    assert exposition.read(QUIET).requests is None


def test_every_series_is_kept_without_the_labels_that_the_target_says() -> None:
    read = exposition.read(PAGE + 'baskets_open{service="orders",version="1"} -3\nrate_of_exchange NaN\n')
    assert read.value('http_requests_total{route="POST /b",status="503"}') == 2.0
    assert read.value("baskets_open") == -3
    assert read.value("rate_of_exchange") is None
    assert read.value('http_requests_total{route="GET /healthz",status="200"}') is None


def test_equal_pages_share_their_names() -> None:
    assert exposition.read(PAGE).shape is exposition.read(PAGE.replace("} 90", "} 91")).shape
