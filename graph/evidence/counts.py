"""Counted signals: a share without counts is missing to everything that decides."""

from datetime import datetime

from incident.evidence import Missing, Ratios, Signals
from tools import ports


def signals(
    metrics: ports.Metrics, service: str, start: datetime, end: datetime, version: str | None = None
) -> Signals | Missing:
    """Return the golden signals of a window with their counts.  Raises Unavailable."""
    found = metrics.signals(service, start, end, version)
    if isinstance(found, Ratios):
        return Missing(reason=f"of {service} only a share of errors is known ({found.error_ratio:.1%}), and no counts")
    return found
