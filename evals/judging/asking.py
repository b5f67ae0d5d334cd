"""Asks the hidden requests of a fault's ``oracle.yaml`` and compares the answers with the right ones.

An answer may carry more keys than the right one names; lists must have the same length.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

import httpx
import yaml
from pydantic import Field, JsonValue

from evals.judging.seen import Asked
from incident.value import Value


class Question(Value):
    """One hidden request."""

    name: str
    to: str
    """The service that is asked, through its router."""
    method: Literal["GET", "POST"] = "POST"
    path: str
    body: JsonValue = None
    status: int
    answer: JsonValue = None


class Oracle(Value):
    """``oracle.yaml``: which service was sick, who calls it, and what is right."""

    service: str
    callers: tuple[str, ...]
    requests: tuple[Question, ...] = Field(min_length=1)


def load(path: Path) -> Oracle:
    """Read an oracle.  Raises OSError, and ValidationError for a file that does not fit."""
    return Oracle.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))


Send = Callable[[str, str, JsonValue], tuple[int, JsonValue] | None]
"""(method, address, body) to (status, JSON body), or None when there was no answer."""


def ask(oracle: Oracle, doors: Mapping[str, str], send: Send) -> tuple[Asked, ...]:
    """Ask everything, one after the other."""
    return tuple(_asked(question, doors.get(question.to), send) for question in oracle.requests)


def _asked(question: Question, door: str | None, send: Send) -> Asked:
    got = None if door is None else send(question.method, door + question.path, question.body)
    if got is None:
        return Asked(name=question.name, expected_status=question.status, status=None)
    status, body = got
    wrong = () if question.answer is None else tuple(differences(question.answer, body))
    return Asked(name=question.name, expected_status=question.status, status=status, wrong=wrong)


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


def over_http(method: str, address: str, body: JsonValue) -> tuple[int, JsonValue] | None:
    """Send one request as a user would."""
    try:
        answer = httpx.request(method, address, json=body, timeout=10, trust_env=False)
    except httpx.HTTPError:
        return None
    try:
        return answer.status_code, answer.json()
    except ValueError:
        return answer.status_code, None
