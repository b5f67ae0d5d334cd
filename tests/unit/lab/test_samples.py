"""Windows over stored samples: increments, resets, staleness, and absence that says so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.lab.metrics import samples
from evals.lab.metrics.exposition import Page
from evals.lab.metrics.samples import Samples, Scrape, Target
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
    assert samples.increase([float(value) for value in readings]) == expected


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
    assert known.points("orders", "requests", 0, 3, 3) == [(1.0, 11.0), (2.0, 7.0)]
    assert known.points("orders", "memory_bytes", 0, 3, 3) == [(1.0, 200.0), (2.0, 200.0)]


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
    found = samples.quantile(buckets, share)
    assert found == (None if expected is None else pytest.approx(expected))
