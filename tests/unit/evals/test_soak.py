"""The soak counts failures and stops for none."""

from datetime import UTC, datetime

from evals import soak
from evals.scenarios import spec

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


def ran(what: str, seed: int, *, passed: bool) -> soak.Ran:
    return soak.Ran(
        what=what,
        kind="demo",
        seed=seed,
        started=NOW,
        seconds=10.0 * seed,
        passed=passed,
        detail="" if passed else "late",
    )


def test_a_failure_stops_nothing() -> None:
    told: list[soak.Ran] = []
    runs = [lambda: ran("demo", 1, passed=False), lambda: ran("demo", 2, passed=True)]
    assert soak.soak(runs, told.append) == told
    assert [item.passed for item in told] == [False, True]


def test_failures_are_counted_per_kind_with_their_seeds() -> None:
    told = [ran("demo", 1, passed=True), ran("demo", 2, passed=False), ran("1 High", 1, passed=True)]
    summary = soak.summary(told, isolated=False)
    assert (summary["runs"], summary["failed"], summary["isolated"]) == (3, 1, False)
    by = summary["by"]
    assert isinstance(by, dict)
    assert by["demo"] == {"runs": 2, "passed": 1, "median_seconds": 15.0, "longest_seconds": 20.0, "seeds": [1, 2]}


def test_every_scenario_is_planned_in_every_round_with_a_seed_of_its_own() -> None:
    planned: list[tuple[int, int]] = []

    def note(scenario: spec.Scenario, seed: int) -> soak.Ran:
        planned.append((scenario.id, seed))
        return ran("x", seed, passed=True)

    for run in soak.rounds(0, 2, 5, note):
        run()
    ids = [scenario.id for scenario in spec.every()]
    assert planned == [(one, seed) for seed in (5, 6) for one in ids]
    assert len(soak.rounds(3, 0, 1, note)) == 3
