"""Alert rules: when they fire, when they resolve, and that not knowing does neither."""

from hypothesis import given
from hypothesis import strategies as st

from evals.lab.metrics import rules
from evals.lab.metrics.exposition import Page
from evals.lab.metrics.rules import Rules, State
from evals.lab.metrics.samples import Samples, Scrape, Target
from incident.evidence import Measurement, Missing


class Bench:
    """One service under a rule, sampled once a second at a given error share."""

    def __init__(self) -> None:
        self.now, self.requests, self.errors = 0.0, 0.0, 0.0
        self.target = Target("orders", "1", 0.0)
        samples = Samples()
        samples.begin(self.target)
        self.rules = Rules(rules.ordinary(["orders"]), samples)

    def run(self, seconds: int, share: float, per_second: float = 50, scraped: bool = True) -> None:
        for _ in range(seconds):
            self.now += 1
            self.requests += per_second
            self.errors += per_second * share
            if scraped:
                read = Page(self.requests, self.errors, 1.0, 1.0, ())
                self.target.scrapes.append(Scrape(self.now, read))
            self.rules.evaluate(self.now)

    @property
    def firing(self) -> bool:
        return [one.condition.service for one in self.rules.firing()] == ["orders"]

    def measure(self) -> Measurement | Missing:
        return self.rules.measure(self.rules.conditions[0], self.now)


def test_a_rule_fires_after_its_window_crossed_the_threshold_for_five_seconds() -> None:
    bench = Bench()
    bench.run(30, 0.0)
    bench.run(8, 0.15)
    assert not bench.firing
    bench.run(4, 0.15)
    assert bench.firing


def test_a_healthy_service_never_fires() -> None:
    bench = Bench()
    bench.run(120, 0.04)
    assert not bench.firing


def test_a_rule_resolves_when_the_errors_left_its_window() -> None:
    bench = Bench()
    bench.run(30, 0.15)
    bench.run(12, 0.0)
    assert not bench.firing


def test_firing_does_not_resolve_because_the_samples_stop() -> None:
    bench = Bench()
    bench.run(30, 0.15)
    bench.run(60, 0.0, scraped=False)
    assert bench.firing
    assert isinstance(bench.measure(), Missing)


def test_the_start_of_an_alert_does_not_move_while_it_fires() -> None:
    bench = Bench()
    bench.run(30, 0.15)
    first = bench.rules.firing()[0].since
    bench.run(30, 0.15)
    assert bench.rules.firing()[0].since == first


def test_too_few_requests_are_no_rate() -> None:
    bench = Bench()
    bench.run(30, 1.0, per_second=1)
    found = bench.measure()
    assert isinstance(found, Missing)
    assert "requests in 10 s" in found.reason
    assert not bench.firing


def test_a_measurement_tells_the_share_and_on_how_much_it_rests() -> None:
    bench = Bench()
    bench.run(30, 0.2)
    found = bench.measure()
    assert isinstance(found, Measurement)
    assert (round(found.value, 3), found.samples, found.firing) == (0.2, 500, True)


def test_a_condition_that_the_world_does_not_serve_is_missing() -> None:
    bench = Bench()
    bench.run(30, 0.2)
    other = bench.rules.conditions[0].model_copy(update={"threshold": 0.9})
    assert isinstance(bench.rules.measure(other, bench.now), Missing)


def test_a_false_alarm_fires_and_its_measurement_tells_the_truth() -> None:
    bench = Bench()
    bench.run(30, 0.0)
    bench.rules.force("orders", bench.now, 20)
    found = bench.measure()
    assert isinstance(found, Measurement)
    assert (found.value, found.firing) == (0.0, True)
    bench.run(25, 0.0)
    assert not bench.firing


looks = st.lists(st.sampled_from([True, False, None]), max_size=60)


@given(looks, st.integers(0, 10))
def test_a_rule_fires_only_after_an_unbroken_run_of_known_breaches(seen: list[bool | None], for_seconds: int) -> None:
    state, run, fired = State(), 0, False
    for now, breached in enumerate(seen):
        state = rules.step(state, breached, float(now), float(for_seconds))
        fired = fired and breached is not False
        run = run + 1 if breached else 0
        fired = fired or run > max(for_seconds, 1)
        assert (state.phase == "firing") == fired
