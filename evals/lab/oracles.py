"""Hidden requests with their right answers: ``oracle.yaml`` beside a fault.

Scorers read it; nothing that agents or tools can read holds any of it.  `evals.judging.asking` sends the requests
to the services, through their routers, and `differences` says what is wrong with an answer.
"""

from pathlib import Path
from typing import Literal

from pydantic import ConfigDict, Field, JsonValue

from evals.lab import reading
from incident.value import Value

FILE = "oracle.yaml"


class Question(Value):
    """One hidden request and its right answer."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    name: str = Field(min_length=1)
    to: str
    """The service that is asked, through its router."""
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "POST"
    path: str = Field(pattern="^/")
    body: JsonValue = None
    status: int = Field(ge=100, le=599)
    """The right status."""
    answer: JsonValue = None
    """Right JSON: objects may have more keys, lists are as long as here; null: only the status counts."""


class Oracle(Value):
    """Right answers when the incident has been healed."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    service: str
    """The sick one."""
    callers: tuple[str, ...] = ()
    """Services that failed with it, and must be well again too."""
    requests: tuple[Question, ...] = Field(min_length=1)


def load(folder: Path) -> Oracle | None:
    """The oracle in a fault's folder; None when it has none.  Raises BadInput for the first mistake in it."""
    path = folder / FILE
    return reading.only(Oracle, path) if path.exists() else None


def differences(right: JsonValue, got: JsonValue, path: str = "answer") -> list[str]:
    """Differences between `got` and `right`; further keys of an object are allowed.

    >>> differences({"a": [1, 2]}, {"a": [1, 3], "b": 0})
    ['answer.a[1]: 2, got 3']
    """
    if isinstance(right, dict) and isinstance(got, dict):
        missing = [f"{path}.{key}: missing" for key in right if key not in got]
        return missing + [
            item for key in right if key in got for item in differences(right[key], got[key], f"{path}.{key}")
        ]
    if isinstance(right, list) and isinstance(got, list) and len(right) == len(got):
        pairs = zip(right, got, strict=True)
        return [item for at, (one, two) in enumerate(pairs) for item in differences(one, two, f"{path}[{at}]")]
    same = type(right) is type(got) and right == got
    return [] if same else [f"{path}: {right}, got {str(got)[:60]}"]
