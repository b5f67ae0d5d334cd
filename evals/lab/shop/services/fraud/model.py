"""From findings to one score."""

from collections.abc import Sequence

from services.fraud import rules

BASE = 5
"""The score of a payment without any finding."""


def score(findings: Sequence[rules.Finding]) -> int:
    """The base and the points of every finding, at most 100."""
    return min(100, BASE + sum(finding.points for finding in findings))
