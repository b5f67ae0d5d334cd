"""Alert rules over stored samples: typed conditions with their PromQL as text for people.

The windows are short (10 s, `for` 5 s) because a demo cannot wait as long as production does.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, model_validator

from evals.lab.metrics import exposition, points
from evals.lab.metrics.samples import Samples, Window
from incident.evidence import Condition, Measurement, Missing
from incident.series import SeriesKind
from incident.value import Value

NAME = "HighErrorRate"
WINDOW = 10.0
FOR = 5.0
THRESHOLD = 0.05
ENOUGH = 20
"""Requests in the window below which a rate says nothing."""

_SERIES = r"^[a-zA-Z_:][a-zA-Z0-9_:]*$"
Found = tuple[float, int, float] | Missing
"""(value, requests that it rests on, time of the newest sample)."""


class _Common(Value):
    """Parts of every rule."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    alert: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")
    """Name of the alert."""
    service: str
    window_seconds: float = Field(default=WINDOW, ge=2, le=600)
    """The value is measured over the newest so many seconds."""
    for_seconds: float = Field(default=FOR, ge=0, le=600)
    """It must be breached for so long without a break."""
    severity: str = "critical"
    summary: str = ""
    """Sentence for the person who is paged; empty: one is made of the rule."""

    @property
    def key(self) -> tuple[str, str]:
        """Names of the alert and the service: one rule each."""
        return self.alert, self.service

    @property
    def condition(self) -> Condition:
        """The rule as the world serves it."""
        comparison, threshold = self._limit()
        return Condition(
            name=self.alert,
            service=self.service,
            expression=self._expression(),
            comparison=comparison,
            threshold=threshold,
            window_seconds=self.window_seconds,
            for_seconds=self.for_seconds,
            labels={"alertname": self.alert, "service": self.service, "severity": self.severity},
        )

    @property
    def measures(self) -> tuple[str, SeriesKind]:
        """Unit (UCUM) and kind of the rule's value over time."""
        return "1", "ratio"

    def _limit(self) -> tuple[Literal[">", "<"], float]:
        raise NotImplementedError

    def _expression(self) -> str:
        raise NotImplementedError

    def _rate(self, series: str, extra: str = "") -> str:
        return f'sum(rate({series}{{service="{self.service}"{extra}}}[{self.window_seconds:.0f}s]))'

    def _window(self, samples: Samples, now: float) -> Window | Missing:
        return samples.window(self.service, now - self.window_seconds, now, now)


class _Limited(_Common):
    """A rule about a number that has a limit, above or below."""

    above: float | None = None
    """Breached above this."""
    below: float | None = None
    """Breached below this; write one of the two."""
    at_least: int = Field(default=ENOUGH, ge=0)
    """Requests of the service in the window below which nothing is known; 0: it does not depend on requests."""

    @model_validator(mode="after")
    def _one_limit(self) -> "_Limited":
        if (self.above is None) == (self.below is None):
            raise ValueError("write either above or below, and a number")
        return self

    def _limit(self) -> tuple[Literal[">", "<"], float]:
        return (">", self.above) if self.above is not None else ("<", self.below or 0.0)

    def value(self, samples: Samples, now: float) -> Found:
        """The value over the rule's window, or why there is none."""
        ends = samples.ends(self.service, now - self.window_seconds, now, now)
        if isinstance(ends, Missing):
            return ends
        pairs, newest = ends
        requests = round(points.grown(exposition.REQUESTS, (), pairs) or 0.0)
        if requests < self.at_least:
            return Missing(reason=f"only {requests} requests in {self.window_seconds:.0f} s")
        measured = self._of(pairs)
        if measured is None:
            return Missing(reason=f"nothing to measure in {self.window_seconds:.0f} s")
        return measured, requests, newest

    def _of(self, pairs: points.Pairs) -> float | None:
        raise NotImplementedError


class ErrorShare(_Limited):
    """Share of requests that were answered with 500 or above (0..1)."""

    kind: Literal["errors"] = "errors"

    def told(self) -> str:
        """Sentence about a breach."""
        return f"{_than(self)} {self._limit()[1]:.0%} of the requests to {self.service} fail"

    def value(self, samples: Samples, now: float) -> Found:
        """The share over the rule's window, or why there is none."""
        window = self._window(samples, now)
        if isinstance(window, Missing):
            return window
        if window.requests < max(self.at_least, 1):
            return Missing(reason=f"only {window.requests} requests in {self.window_seconds:.0f} s")
        return window.errors / window.requests, window.requests, window.end

    def _expression(self) -> str:
        return self._rate("http_requests_total", ',status=~"5.."') + " / " + self._rate("http_requests_total")


class ClientErrorShare(_Limited):
    """Share of requests that were answered with 400 to 499 (0..1)."""

    kind: Literal["client_errors"]

    def told(self) -> str:
        """Sentence about a breach."""
        return f"{_than(self)} {self._limit()[1]:.0%} of the requests to {self.service} are refused"

    def _expression(self) -> str:
        return self._rate("http_requests_total", ',status=~"4.."') + " / " + self._rate("http_requests_total")

    def _of(self, pairs: points.Pairs) -> float | None:
        requests = points.grown(exposition.REQUESTS, (), pairs)
        # No refusal counted beside requests that are: none happened.
        refused = points.grown(exposition.REQUESTS, (("status", "4.."),), pairs) or 0.0
        return refused / requests if requests else None


class Latency(_Limited):
    """Seconds within which this share of the requests was answered."""

    kind: Literal["latency"]
    quantile: float = Field(gt=0, lt=1)
    """Share of the requests (0..1), for example 0.99."""

    @property
    def measures(self) -> tuple[str, SeriesKind]:
        """Unit (UCUM) and kind of the rule's value over time."""
        return "s", "percentile"

    def told(self) -> str:
        """Sentence about a breach."""
        share, limit = f"{self.quantile * 100:g} %", f"{self._limit()[1] * 1000:g} ms"
        side = "above" if self.above is not None else "below"
        return f"The time in which {share} of the requests to {self.service} are answered is {side} {limit}"

    def value(self, samples: Samples, now: float) -> Found:
        """The quantile over the rule's window, or why there is none."""
        window = self._window(samples, now)
        if isinstance(window, Missing):
            return window
        measured = points.quantile(window.buckets, self.quantile)
        if measured is None or window.requests < self.at_least:
            return Missing(reason=f"only {window.requests} requests in {self.window_seconds:.0f} s")
        return measured, window.requests, window.end

    def _expression(self) -> str:
        buckets = self._rate("http_request_duration_seconds_bucket").replace("sum(", "sum by (le) (", 1)
        return f"histogram_quantile({self.quantile:g}, {buckets})"


class Metric(_Limited):
    """A number that the service exposes itself: a gauge, a counter's rate, or the ratio of two counters."""

    kind: Literal["metric"]
    series: str = Field(pattern=_SERIES)
    """Name of the series, as the service's page has it."""
    labels: dict[str, str] = {}
    """Patterns that the labels' whole values match, as PromQL's ``=~``; matching series are added up."""
    type: Literal["gauge", "counter"]
    """Of a gauge the newest value counts, of a counter its growth per second."""
    per: str | None = Field(default=None, pattern=_SERIES)
    """Another counter, with the same labels: the value is the growth of `series` for each of its."""

    @property
    def measures(self) -> tuple[str, SeriesKind]:
        """Unit (UCUM) and kind of the rule's value over time; what a gauge counts only its service knows."""
        return ("1/s" if self.type == "counter" and self.per is None else "1"), "gauge"

    def told(self) -> str:
        """Sentence about a breach."""
        side = "above" if self.above is not None else "below"
        over = f" per {self.per}" if self.per else ""
        return f"{self.series}{over} of {self.service} is {side} {self._limit()[1]:g}"

    def _expression(self) -> str:
        shown = "".join(f',{key}=~"{pattern}"' for key, pattern in self._labels())
        if self.type == "gauge":
            return f'sum({self.series}{{service="{self.service}"{shown}}})'
        over = f" / {self._rate(self.per, shown)}" if self.per else ""
        return self._rate(self.series, shown) + over

    def _of(self, pairs: points.Pairs) -> float | None:
        if self.type == "gauge":
            return points.level(self.series, self._labels(), pairs)
        grown = points.grown(self.series, self._labels(), pairs)
        if self.per is None:
            return None if grown is None else grown / self.window_seconds
        over = points.grown(self.per, self._labels(), pairs)
        return (grown or 0.0) / over if over else None

    def _labels(self) -> points.Labels:
        return tuple(sorted(self.labels.items()))


class Absence(_Common):
    """No samples of a service, or of one of its series, though there should be some: 1 when they are absent, else 0."""

    kind: Literal["absence"]
    series: str = Field(default=exposition.CPU, pattern=_SERIES)
    """Name of the series; without it any sample of the service will do."""
    labels: dict[str, str] = {}
    """Patterns that the labels' whole values match."""

    @property
    def measures(self) -> tuple[str, SeriesKind]:
        """Unit (UCUM) and kind of the rule's value over time."""
        return "1", "gauge"

    def told(self) -> str:
        """Sentence about a breach."""
        return f"There are no samples of {self.series} of {self.service}"

    def value(self, samples: Samples, now: float) -> Found:
        """1 when the newest samples are missing or stale, else 0."""
        ends = samples.ends(self.service, now - self.window_seconds, now, now)
        if isinstance(ends, Missing):
            return 1.0, 0, now
        found = points.level(self.series, tuple(sorted(self.labels.items())), ends[0])
        return float(found is None), len(ends[0]), ends[1]

    def _limit(self) -> tuple[Literal[">", "<"], float]:
        return ">", 0.0

    def _expression(self) -> str:
        shown = "".join(f',{key}=~"{pattern}"' for key, pattern in sorted(self.labels.items()))
        return f'absent({self.series}{{service="{self.service}"{shown}}})'


Rule = Annotated[ErrorShare | ClientErrorShare | Latency | Metric | Absence, Field(discriminator="kind")]


def _than(rule: _Limited) -> str:
    return "More than" if rule.above is not None else "Less than"


def ordinary(services: Iterable[str], threshold: float = THRESHOLD) -> tuple[ErrorShare, ...]:
    """One error-rate rule per service."""
    return tuple(ErrorShare(alert=NAME, service=service, above=threshold) for service in services)


@dataclass(frozen=True)
class State:
    """State of one rule, and its start (seconds since the epoch)."""

    phase: Literal["inactive", "pending", "firing"] = "inactive"
    since: float = 0.0


def step(state: State, breached: bool | None, now: float, for_seconds: float) -> State:  # noqa: FBT001 (three-valued)
    """The next state.  `breached` is None when nothing is known: then nothing resolves and nothing begins to fire."""
    match state.phase:
        case "firing":
            return State() if breached is False else state
        case "pending" if breached:
            return State("firing", now) if now - state.since >= for_seconds else state
        case _:
            return State("pending", now) if breached else State()


@dataclass(frozen=True)
class Firing:
    """A rule that fires, and since when (seconds since the epoch)."""

    condition: Condition
    summary: str
    since: float


class Rules:
    """All rules with their states; of two with the same alert and service the later one counts."""

    def __init__(self, known: Iterable[Rule], samples: Samples) -> None:
        self._samples = samples
        self._rules = {rule.key: rule for rule in known}
        self._conditions = {key: rule.condition for key, rule in self._rules.items()}
        self._states = {key: State() for key in self._rules}
        self._forced: dict[tuple[str, str], tuple[float, float]] = {}

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The conditions as they are served."""
        return tuple(self._conditions.values())

    def evaluate(self, now: float) -> None:
        """Look at the samples once and move every rule on."""
        for key, rule in self._rules.items():
            found = rule.value(self._samples, now)
            breached = None if isinstance(found, Missing) else self._conditions[key].breached(found[0])
            self._states[key] = step(self._states[key], breached, now, rule.for_seconds)
        self._forced = {key: span for key, span in self._forced.items() if now < span[1]}

    def force(self, service: str, now: float, seconds: float, alert: str = NAME) -> None:
        """Report a rule as firing although its condition may not hold: a false alarm.  Raises KeyError."""
        self._conditions[alert, service]
        self._forced[alert, service] = (now, now + seconds)

    def firing(self) -> tuple[Firing, ...]:
        """Rules that fire now."""
        real = {key: state.since for key, state in self._states.items() if state.phase == "firing"}
        forced = {key: since for key, (since, _) in self._forced.items()}
        return tuple(self._firing(key, since) for key, since in (forced | real).items())

    def stirring(self) -> str:
        """One rule that is pending or fires, in words; empty when all are quiet."""
        active = [(key, state.phase) for key, state in self._states.items() if state.phase != "inactive"]
        return f"{active[0][0][0]} of {active[0][0][1]} is {active[0][1]}" if active else ""

    def value(self, asked: Condition, now: float) -> Found:
        """The value of one of the served conditions at a time; any other is Missing."""
        key = (asked.name, asked.service)
        if self._conditions.get(key) != asked:
            return Missing(reason=f"no rule of this world reads like this {asked.name} of {asked.service}")
        return self._rules[key].value(self._samples, now)

    def measures(self, asked: Condition) -> tuple[str, SeriesKind]:
        """Unit and kind of a served condition's value.  Raises KeyError."""
        return self._rules[asked.name, asked.service].measures

    def measure(self, asked: Condition, now: float) -> Measurement | Missing:
        """The value of one of the served conditions now; any other is Missing."""
        found = self.value(asked, now)
        if isinstance(found, Missing):
            return found
        value, requests, at = found
        return Measurement(
            value=value,
            samples=requests,
            at=datetime.fromtimestamp(at, UTC),
            firing=any(one.condition == asked for one in self.firing()),
        )

    def _firing(self, key: tuple[str, str], since: float) -> Firing:
        rule = self._rules[key]
        return Firing(self._conditions[key], rule.summary or rule.told(), since)
