"""Calls of every read-only tool, which a model that wants to know everything makes first."""

from collections.abc import Iterator

from pydantic import JsonValue

from agents.playbook.conversation import Reading
from agents.view.local import Agent

FILES = ("services/orders/pricing.py", "services/orders/settings.ini", "services/orders/RUNBOOK.md")


def curious(reading: Reading, agent: Agent) -> Iterator[tuple[str, dict[str, JsonValue]]]:
    """Reading calls in the order of their worth; the loop carries out the first twelve of an answer."""
    for path in FILES:
        yield "read_file", {"path": path}
    if agent == "rca":
        yield "errors_of", {"service": "stock"}
        yield "failing_spans", {"service": "orders"}
        yield "log_lines", {"service": "orders", "level": "error"}
        yield "changes_of_everybody", {}
        yield "recent_commits", {}
        yield "errors_of", {"service": "orders"}
    if "request_shapes" in reading.bound:
        yield "request_shapes", {"outcome": "failed"}
    yield "search_code", {"words": "password"}
