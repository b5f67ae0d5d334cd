"""Outcomes of checks and phrases that their details share.  Short: a failed one is fed back to the next attempt."""

from collections.abc import Iterable

from incident.proof import Check
from tools.proof.checks.trial import Thrown


def unknown(name: str, detail: str) -> Check:
    """A check without an answer, which holds."""
    return Check(name=name, outcome="unknown", detail=detail[:600])


def failed(name: str, detail: str) -> Check:
    """A check that failed."""
    return Check(name=name, outcome="failed", detail=detail[:600])


def passed(name: str, detail: str) -> Check:
    """A check that passed."""
    return Check(name=name, outcome="passed", detail=detail[:600])


def said(thrown: Thrown) -> str:
    """An exception in words, with the innermost place in the tree."""
    at = f" at {thrown.frames[-1].path}:{thrown.frames[-1].line}" if thrown.frames else ""
    return f"{thrown.type}: {thrown.message[:160]}{at}"


def some(values: Iterable[object]) -> str:
    """The first five different values, and how many more there are."""
    items = [str(item) for item in dict.fromkeys(values)]
    return ", ".join(items[:5]) + (f" and {len(items) - 5} more" if len(items) > 5 else "")
