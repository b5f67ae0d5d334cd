"""Hidden requests with their right answers, one ``oracle.yaml`` beside each fault.

Scorers read it; nothing that agents or tools can read holds any of it.  A scorer sends each request to the
service it names and asks `differences` what is wrong with the answer.
"""

from typing import Literal

import yaml
from pydantic import JsonValue

from evals.lab import faults
from incident.value import Value


class Asked(Value):
    """One hidden request and its right answer."""

    name: str
    to: str
    """The service it is sent to, by way of its router."""
    method: Literal["GET", "POST"] = "POST"
    path: str
    body: dict[str, JsonValue] | None = None
    status: int
    answer: dict[str, JsonValue] = {}
    """Keys that the answer must carry with exactly these values; it may carry more."""


class Oracle(Value):
    """Right answers when the incident has been healed."""

    service: str
    """The sick one."""
    callers: tuple[str, ...]
    """Services that failed with it, and must be well again too."""
    requests: tuple[Asked, ...]


def load(name: str) -> Oracle:
    """The oracle of one fault.  Raises BadInput for a fault that does not exist."""
    folder = faults.FOLDER / faults.load(name).name
    return Oracle.model_validate(yaml.safe_load((folder / "oracle.yaml").read_text()))


def differences(asked: Asked, status: int, body: JsonValue) -> tuple[str, ...]:
    """Faults of an answer, one sentence each; nothing when it is right."""
    found = [] if status == asked.status else [f"{asked.name}: status {status} instead of {asked.status}"]
    if asked.answer and not isinstance(body, dict):
        return (*found, f"{asked.name}: the answer is no object")
    answered = body if isinstance(body, dict) else {}
    for key, right in asked.answer.items():
        if key not in answered:
            found.append(f"{asked.name}: {key} is missing")
        elif answered[key] != right:
            found.append(f"{asked.name}: {key} is {answered[key]!r} instead of {right!r}")
    return tuple(found)
