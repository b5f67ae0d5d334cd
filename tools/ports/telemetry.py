"""Ports of telemetry: samples, logs, spans and recorded requests."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, Protocol

from incident import series
from incident.calls import Call
from incident.capture import Capture
from incident.evidence import Condition, ErrorLog, Measurement, Missing, Neighbours, Ratios, Signals, Span
from incident.logs import Lines


class Metrics(Protocol):
    """Stored samples and the rules that are evaluated over them."""

    def rule(self, name: str, labels: Mapping[str, str]) -> Condition | Missing:
        """The condition of the one rule with this name and these labels; several matches are Missing."""

    def measure(self, condition: Condition) -> Measurement | Missing:
        """The condition's value now.  No samples, stale samples and NaN are Missing."""

    def signals(
        self, service: str, start: datetime, end: datetime, version: str | None = None
    ) -> Signals | Ratios | Missing:
        """Golden signals over a window, of all versions or of one; ratios where the store has no counts."""

    def names(self, service: str) -> series.Metrics | Missing:
        """Every series of a service, the golden ones first; at most `series.MAX_NAMES`, and how many more there are."""

    def range(
        self, service: str, name: str, start: datetime, end: datetime, version: str | None = None
    ) -> series.Series | Missing:
        """One series over (start, end], one point per sample.  An absent numerator beside a live denominator is 0.

        Missing for a name that is not among `names`, for no sample, and for samples that end too early.
        """

    def of(self, condition: Condition, start: datetime, end: datetime) -> series.Series | Missing:
        """The expression of a served condition over (start, end], one point per sample that it is known at."""

    def firing(self) -> tuple[dict[str, str], ...]:
        """Label sets of the alerts that fire now."""


class Logs(Protocol):
    """Logs.  Workload-written: normalised by the adapter, and never trusted."""

    def errors(
        self, service: str, start: datetime, end: datetime, version: str | None = None
    ) -> tuple[ErrorLog, ...] | Missing:
        """Errors with stack traces, oldest first.  Missing when the service's log cannot be read at all."""

    def lines(
        self, service: str, start: datetime, end: datetime, version: str | None = None, limit: int = 1000
    ) -> Lines | Missing:
        """Lines of every level with their attributes, oldest first; the newest `limit` of them.

        Templates of lines are made of them by :mod:`tools.frames.templates`, the same for every store.
        """


class Traces(Protocol):
    """Spans and the topology seen in them."""

    def failing(self, service: str, start: datetime, end: datetime, limit: int) -> tuple[tuple[Span, ...], ...]:
        """Whole traces with at least one failed span of this service, newest last."""

    def whole(self, service: str, start: datetime, end: datetime, limit: int) -> tuple[tuple[Span, ...], ...]:
        """Whole traces through this service, healthy ones too, newest last."""

    def calls(self, start: datetime, end: datetime) -> tuple[Call, ...] | Missing:
        """Calls between all services in a window, as far as they were traced."""

    def neighbours(self, service: str) -> Neighbours | Missing:
        """Direct and transitive neighbours."""


class Captures(Protocol):
    """Recorded requests."""

    def recorded(
        self,
        service: str,
        outcome: Literal["failed", "ok"],
        start: datetime,
        end: datetime,
        version: str | None = None,
        limit: int = 200,
    ) -> tuple[Capture, ...] | Missing:
        """Recorded requests of one outcome, oldest first; the newest `limit` of them.

        Missing when nobody records or the records cannot be reached: that none failed is another answer.
        """
