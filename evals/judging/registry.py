"""Registry of judges by name, and those that judge every run."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import JsonValue, ValidationError, validate_call

from evals.judging import endings, oracle, recorded, source, worlds
from evals.judging.seen import Finding, Seen
from incident.errors import BadInput
from incident.value import Value

Judge = Callable[..., Finding]

JUDGES: Mapping[str, Judge] = {
    judge.__name__: judge
    for judge in (
        endings.ending,
        endings.remedy,
        endings.within,
        oracle.oracle_answers,
        recorded.audit_verifies,
        recorded.effects_once,
        recorded.held_after,
        recorded.journal_names,
        recorded.no_leftovers,
        recorded.proofs_failed,
        recorded.replay_verifies,
        recorded.says,
        recorded.told_truly,
        recorded.was_tried,
        source.only_function_differs,
        source.source_unchanged,
        worlds.alive,
        worlds.callers_healthy,
        worlds.main_unmoved,
        worlds.others_untouched,
        worlds.serves,
        worlds.untouched,
        worlds.world_as_before,
    )
}

ALWAYS = (
    "ending",
    "alive",
    "main_unmoved",
    "effects_once",
    "replay_verifies",
    "audit_verifies",
    "told_truly",
    "no_leftovers",
)
"""Judges that no scenario can leave out; `ending` comes from what the scenario promises."""


class Call(Value):
    """One judge with its arguments."""

    judge: str
    arguments: dict[str, JsonValue] = {}


def call(judge: str, arguments: Mapping[str, JsonValue] | None = None) -> Call:
    """A checked call.  Raises BadInput for a judge that does not exist or arguments that do not fit it."""
    if judge not in JUDGES:
        raise BadInput("judge", judge, f"use one of {', '.join(sorted(JUDGES))}")
    given = dict(arguments or {})
    try:
        inspect.signature(JUDGES[judge]).bind(None, **given)
    except TypeError as error:
        raise BadInput(f"judge {judge}", sorted(given), str(error)) from error
    return Call(judge=judge, arguments=given)


def hear(calls: tuple[Call, ...], seen: Seen) -> tuple[Finding, ...]:
    """Every judge's finding.  A judge whose arguments have the wrong type says so and fails the run."""
    return tuple(_hear(one, seen) for one in calls)


def _hear(one: Call, seen: Seen) -> Finding:
    try:
        found: Any = validate_call(JUDGES[one.judge])(seen, **one.arguments)
    except ValidationError as error:
        return Finding(judge=one.judge, passed=False, detail=f"arguments: {error.errors()[0]['msg']}")
    return Finding.model_validate(found)
