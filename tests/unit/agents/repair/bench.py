"""Runs a small function until it fails, and then its repaired candidates: the fault is never written by hand."""

import asyncio
import inspect
import traceback
from dataclasses import dataclass
from functools import cache
from types import TracebackType
from typing import Any

from agents.playbook.repair import catalogue
from agents.playbook.repair.fault import Candidate, Fault
from agents.view import source


@dataclass(frozen=True)
class Bug:
    """A module with a function that fails for one call, and what right answers are."""

    name: str
    module: str
    failing: str
    """The call that fails, as Python."""
    right: str
    """What it must return, as Python."""
    healthy: tuple[tuple[str, str], ...] = ()
    """Calls that work, and what they return."""
    traits: tuple[str, ...] = ()
    schemas: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()


@cache
def fault_of(bug: Bug) -> Fault:
    """Run the failing call and describe the failure as the logs would."""
    try:
        run(bug.module, bug.failing)
    except Exception as error:  # noqa: BLE001 (any failure is the point)
        line = _line(error.__traceback__)
        place = _around(bug, line)
        return Fault(
            source=source.cut(bug.module, place),
            line=line - place.first + 1,
            exception=type(error).__name__,
            message=str(error),
            traits=bug.traits,
            module=bug.module,
            schemas=bug.schemas,
            keys=bug.keys,
        )
    raise AssertionError(f"{bug.name} does not fail")


def _around(bug: Bug, line: int) -> source.Place:
    places = [place for place in source.outline("m.py", bug.module) if place.first <= line <= place.last]
    return min(places, key=lambda place: place.last - place.first)


def _line(trace: TracebackType | None) -> int:
    return [frame.lineno or 0 for frame in traceback.extract_tb(trace) if frame.filename == "<bug>"][-1]


def run(module: str, call: str) -> Any:
    """What a call returns in a fresh copy of the module."""
    space: dict[str, Any] = {}
    exec(compile(module, "<bug>", "exec"), space)
    value = eval(call, space)
    return asyncio.run(value) if inspect.iscoroutine(value) else value


def repaired(bug: Bug, candidate: Candidate) -> str:
    """The module with the candidate in place of the function."""
    fault = fault_of(bug)
    place = next(item for item in source.outline("m.py", bug.module) if source.cut(bug.module, item) == fault.source)
    return source.replace(bug.module, place, candidate.source)


@cache
def candidates_of(bug: Bug) -> tuple[Candidate, ...]:
    """All candidates for a bug."""
    return catalogue.candidates(fault_of(bug))


def is_right(bug: Bug, candidate: Candidate) -> bool:
    """Whether the candidate gives the right answer to the failing call and to all healthy ones."""
    return answers_right(bug, repaired(bug, candidate))


def answers_right(bug: Bug, module: str) -> bool:
    """Whether a module gives the right answers."""
    try:
        return all(run(module, call) == run(module, right) for call, right in ((bug.failing, bug.right), *bug.healthy))
    except Exception:  # noqa: BLE001 (a candidate may fail in any way)
        return False


def rank(bug: Bug) -> int | None:
    """Place of the first right candidate, from 0; None when there is none."""
    found = candidates_of(bug)
    return next((place for place, item in enumerate(found) if is_right(bug, item)), None)
