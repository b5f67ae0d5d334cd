"""Asks the hidden requests of a fault's oracle and compares the answers with the right ones."""

from collections.abc import Callable, Mapping

import httpx
from pydantic import JsonValue

from evals.judging.seen import Asked
from evals.lab import oracles
from evals.lab.oracles import Oracle, Question

Send = Callable[[str, str, JsonValue], tuple[int, JsonValue] | None]
"""(method, address, body) to (status, JSON body), or None when there was no answer."""


def ask(oracle: Oracle, doors: Mapping[str, str], send: Send) -> tuple[Asked, ...]:
    """Ask everything, one after the other."""
    return tuple(_asked(question, doors.get(question.to), send) for question in oracle.requests)


def judged(question: Question, got: tuple[int, JsonValue] | None) -> Asked:
    """Verdict on an answer (status, JSON body); None: there was none."""
    if got is None:
        return Asked(name=question.name, expected_status=question.status, status=None)
    status, body = got
    wrong = () if question.answer is None else tuple(oracles.differences(question.answer, body))
    return Asked(name=question.name, expected_status=question.status, status=status, wrong=wrong)


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


def _asked(question: Question, door: str | None, send: Send) -> Asked:
    return judged(question, None if door is None else send(question.method, door + question.path, question.body))
