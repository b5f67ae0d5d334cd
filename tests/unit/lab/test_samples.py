"""Windows over stored samples: increments, resets, staleness, and absence that says so."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.lab.metrics import exposition, points, samples
from evals.lab.metrics.exposition import Page
from evals.lab.metrics.samples import Samples, Scrape, Target
from incident import series
from incident.evidence import Missing


def page(requests: float, errors: float = 0, cpu: float = 0, memory: float = 100) -> Page:
    return Page(requests=requests, errors=errors, memory_bytes=memory, cpu_seconds=cpu, buckets=((1.0, requests),))


def target(*scrapes: tuple[float, Page], version: str = "1", started: float = 0.0) -> Target:
    made = Target("orders", version, started)
    made.scrapes.extend(Scrape(at, read) for at, read in scrapes)
    return made


def stored(*targets: Target) -> Samples:
    made = Samples()
    for each in targets:
        made.begin(each)
    return made


def window(known: Samples, start: float, end: float, version: str | None = None) -> samples.Window:
    found = known.window("orders", start, end, end, version)
    assert isinstance(found, samples.Window)
    return found


def missing(known: Samples, start: float, end: float, version: str | None = None) -> str:
    found = known.window("orders", start, end, end, version)
    assert isinstance(found, Missing)
    return found.reason


def told(known: Samples, name: str, start: float, end: float) -> list[tuple[float, float]]:
    found = known.range("orders", name, start, end, end)
    assert not isinstance(found, Missing)
    return found[1]


def test_a_window_counts_what_grew_inside_it() -> None:
    known = stored(target((1, page(10, 1)), (2, page(30, 2)), (3, page(60, 7))))
    found = window(known, 1, 3)
    assert (found.requests, found.errors) == (50, 6)


def test_requests_before_the_first_scrape_are_not_lost() -> None:
    assert window(stored(target((1, page(10)))), 0, 1).requests == 10


def test_a_counter_that_fell_began_again_at_zero() -> None:
    known = stored(target((1, page(100)), (2, page(110)), (3, page(4)), (4, page(9))))
    assert window(known, 1, 4).requests == 10 + 4 + 5


@given(st.lists(st.lists(st.integers(0, 50), min_size=1), min_size=1))
def test_an_increase_survives_any_number_of_resets(lives: list[list[int]]) -> None:
    readings, expected, last = [0], 0, 0
    for life in lives:
        total = 0
        for step in life:
            total += step
            readings.append(total)
            expected += total - last if total >= last else total
            last = total
    assert points.increase([float(value) for value in readings]) == expected


def test_no_samples_are_missing_and_not_zero() -> None:
    assert "no samples of orders" in missing(stored(), 0, 10)


def test_an_unknown_version_is_missing() -> None:
    assert "no samples of orders 9" in missing(stored(target((1, page(1)))), 0, 2, "9")


@pytest.mark.parametrize(("age", "known"), [(samples.STALE, True), (samples.STALE + 0.1, False)])
def test_samples_go_stale_after_five_seconds(age: float, known: bool) -> None:
    store = stored(target((10, page(50))))
    assert isinstance(store.window("orders", 5, 10 + age, 10 + age), samples.Window) is known


def test_one_silent_version_makes_the_whole_service_unknown() -> None:
    fresh, silent = target((20, page(50))), target((10, page(5)), version="2")
    assert "2" in missing(stored(fresh, silent), 10, 20)


def test_a_silent_version_without_traffic_hides_nothing() -> None:
    fresh, silent = target((20, page(50))), target((10, page(5)), version="2")
    silent.idle = True
    assert window(stored(fresh, silent), 10, 20).requests == 50


def test_a_process_that_ended_in_the_window_still_counts_and_is_not_silent() -> None:
    old, new = target((10, page(40)), (11, page(45))), target((20, page(7)), started=12.0)
    old.ended = 12.0
    assert window(stored(old, new), 10, 20).requests == 5 + 7


def test_memory_is_that_of_the_living_and_unknown_before_the_first_scrape() -> None:
    assert window(stored(target((1, page(1, memory=70)))), 0, 1).memory_bytes == 70
    assert window(stored(target()), 0, 1).memory_bytes is None


def test_series_has_one_point_per_interval_over_all_versions() -> None:
    known = stored(target((1, page(10)), (2, page(15))), target((1.2, page(1)), (2.2, page(3)), version="2"))
    assert told(known, "requests", 0, 3) == [(1.0, 11.0), (2.0, 7.0)]
    assert told(known, "memory_bytes", 0, 3) == [(1.0, 200.0), (2.0, 200.0)]


EXPOSED = """# TYPE http_requests_total counter
# TYPE baskets_open gauge
# TYPE query_seconds histogram
http_requests_total{{route="GET /a",status="200"}} {requests}
baskets_open 7
query_seconds_bucket{{le="0.1"}} {requests}
query_seconds_bucket{{le="+Inf"}} {requests}
query_seconds_count {requests}
query_seconds_sum 0.5
process_resident_memory_bytes 100
process_cpu_seconds_total 1
"""


def exposed(at: float, requests: float) -> tuple[float, Page]:
    return at, exposition.read(EXPOSED.format(requests=requests))


def test_every_series_that_a_service_exposes_is_named_with_its_unit_and_kind_and_told() -> None:
    known = stored(target(exposed(1, 10), exposed(2, 30)))
    names = known.names("orders")
    assert isinstance(names, series.Metrics)
    others = {metric.name: (metric.unit, metric.kind) for metric in names.metrics[len(series.GOLDEN) :]}
    assert others == {
        'http_requests_total{route="GET /a",status="200"}': ("1", "counter"),
        "baskets_open": ("1", "gauge"),
        "p50(query_seconds)": ("s", "percentile"),
        "p99(query_seconds)": ("s", "percentile"),
        "query_seconds_count": ("1", "counter"),
        "query_seconds_sum": ("s", "counter"),
        "process_resident_memory_bytes": ("By", "gauge"),
        "process_cpu_seconds_total": ("s", "counter"),
    }
    assert told(known, 'http_requests_total{route="GET /a",status="200"}', 1, 2) == [(2.0, 20.0)]
    assert told(known, "baskets_open", 1, 2) == [(2.0, 7.0)]
    assert [value for _, value in told(known, "p50(query_seconds)", 1, 2)] == [pytest.approx(0.05)]
    assert isinstance(known.range("orders", "moods", 1, 2, 2), Missing)


def test_a_process_that_does_not_count_makes_counts_missing_and_its_ratio_unknown() -> None:
    mute = exposition.read("process_resident_memory_bytes 100\nprocess_cpu_seconds_total 1\n")
    known = stored(target((1, mute), (2, mute)))
    assert "counts no requests" in missing(known, 0, 2)
    assert told(known, "errors", 0, 2) == []
    assert told(known, "error_ratio", 0, 2) == []


@given(
    st.sampled_from([1.0, 15.0, 60.0]),
    st.lists(st.integers(0, 40), min_size=2, max_size=30),
    st.lists(st.floats(0.1, 200.0), min_size=1, max_size=30),
)
def test_no_sample_is_counted_twice_or_lost_at_any_step(step: float, grown: list[int], pauses: list[float]) -> None:
    totals = list(itertools.accumulate(grown))
    known = Samples(step)
    known.begin(target(*((step * number, page(total)) for number, total in enumerate(totals, start=1))))
    end = step * len(totals)
    looks = [0.0, *(at for at in itertools.accumulate(pauses) if at < end), end]
    parts = [known.window("orders", one, other, end) for one, other in itertools.pairwise(looks)]
    assert sum(part.requests for part in parts if isinstance(part, samples.Window)) == totals[-1]
    assert sum(value for _, value in told(known, "requests", 0.0, end)) == totals[-1]


def test_ended_targets_are_forgotten_after_an_hour() -> None:
    old = target((10, page(40)))
    old.ended = 11.0
    known = stored(old, target(started=20.0 + samples.KEPT))
    assert "no samples" in missing(known, 5, 15)


@pytest.mark.parametrize(
    ("buckets", "share", "expected"),
    [
        ((), 0.5, None),
        (((0.1, 0.0), (float("inf"), 0.0)), 0.5, None),
        (((0.1, 10.0), (0.2, 20.0), (float("inf"), 20.0)), 0.75, 0.15),
        (((0.1, 10.0), (float("inf"), 20.0)), 0.99, 0.1),
    ],
)
def test_quantiles_follow_promql(
    buckets: tuple[tuple[float, float], ...], share: float, expected: float | None
) -> None:
    found = points.quantile(buckets, share)
    assert found == (None if expected is None else pytest.approx(expected))
