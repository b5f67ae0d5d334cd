"""Alert rules over stored samples: typed conditions with their PromQL as text for people.

The windows are short (10 s, `for` 5 s) because a demo cannot wait as long as production does.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from evals.lab.metrics.samples import Samples
from incident.evidence import Condition, Measurement, Missing

NAME = "HighErrorRate"
WINDOW = 10.0
FOR = 5.0
THRESHOLD = 0.05
ENOUGH = 20
"""Requests in the window below which a rate says nothing."""


def conditions(services: Iterable[str], threshold: float = THRESHOLD) -> tuple[Condition, ...]:
    """One error-rate rule per service."""
    return tuple(_error_rate(service, threshold) for service in services)


def _error_rate(service: str, threshold: float) -> Condition:
    def rate(extra: str) -> str:
        return f'sum(rate(http_requests_total{{service="{service}"{extra}}}[{WINDOW:.0f}s]))'

    return Condition(
        name=NAME,
        service=service,
        expression=rate(',status=~"5.."') + " / " + rate(""),
        comparison=">",
        threshold=threshold,
        window_seconds=WINDOW,
        for_seconds=FOR,
        labels={"alertname": NAME, "service": service, "severity": "critical"},
    )


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


def value(condition: Condition, samples: Samples, now: float) -> tuple[float, int, float] | Missing:
    """(share of failed requests, requests, time of the newest sample) over the condition's window."""
    window = samples.window(condition.service, now - condition.window_seconds, now, now)
    if isinstance(window, Missing):
        return window
    if window.requests < ENOUGH:
        return Missing(reason=f"only {window.requests} requests in {condition.window_seconds:.0f} s")
    return window.errors / window.requests, window.requests, window.end


class Rules:
    """All rules with their states."""

    def __init__(self, known: Iterable[Condition], samples: Samples) -> None:
        self._samples = samples
        self._conditions = {condition.service: condition for condition in known}
        self._states = {service: State() for service in self._conditions}
        self._forced: dict[str, tuple[float, float]] = {}

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The conditions as they are served."""
        return tuple(self._conditions.values())

    def evaluate(self, now: float) -> None:
        """Look at the samples once and move every rule on."""
        for service, condition in self._conditions.items():
            found = value(condition, self._samples, now)
            breached = None if isinstance(found, Missing) else condition.breached(found[0])
            self._states[service] = step(self._states[service], breached, now, condition.for_seconds)
        self._forced = {service: span for service, span in self._forced.items() if now < span[1]}

    def force(self, service: str, now: float, seconds: float) -> None:
        """Report a rule as firing although its condition may not hold: a false alarm.  Raises KeyError."""
        self._conditions[service]
        self._forced[service] = (now, now + seconds)

    def firing(self) -> Mapping[str, tuple[Condition, float]]:
        """Conditions that fire now, by service, each with its start."""
        forced = {service: (self._conditions[service], since) for service, (since, _) in self._forced.items()}
        real = {
            service: (self._conditions[service], state.since)
            for service, state in self._states.items()
            if state.phase == "firing"
        }
        return forced | real

    def measure(self, asked: Condition, now: float) -> Measurement | Missing:
        """The value of one of the served conditions; any other is Missing."""
        condition = self._conditions.get(asked.service)
        if condition is None or condition != asked:
            return Missing(reason=f"no rule of this world reads like this {asked.name} of {asked.service}")
        found = value(condition, self._samples, now)
        if isinstance(found, Missing):
            return found
        rate, requests, at = found
        return Measurement(
            value=rate,
            samples=requests,
            at=datetime.fromtimestamp(at, UTC),
            firing=asked.service in self.firing(),
        )
