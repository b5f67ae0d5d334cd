"""Log of a service as evidence: its errors by where they were raised, and changed templates of lines."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from graph.context import Context
from graph.evidence.answers import Found, once
from graph.state import Case
from incident.evidence import ErrorGroup, ErrorLog, Fact, Gap, Missing, Origin, Signature
from incident.unplaced import Unplaced, UnplacedErrors
from tools.frames import groups
from tools.frames import templates as log_templates

GROUPS = 8
"""Most groups of errors that are told, the most frequent."""

UNPLACED = 4
"""Most groups without a place that are told, the most frequent."""

LINES = 5_000
"""Most lines of one window that templates are made of, the newest."""


def errors(context: Context, case: Case, start: datetime, now: datetime, gaps: list[Gap]) -> Iterator[Found]:
    """Yield the groups of logged errors since the onset; a gap where the log cannot be read."""
    # The onset is an estimate, and clocks differ: the slack keeps the first errors.
    found = context.world.logs.errors(case.service, case.windows.recent(start - case.windows.slack, now), now)
    if isinstance(found, Missing):
        gaps.append(Gap(source="logs", sought="errors with stack traces", reason=found.reason))
        return
    facts: list[Fact] = [*grouped(found)[:GROUPS], *unplaced(found)[:UNPLACED]]
    for fact in facts:
        yield "logs", Origin.WORKLOAD, fact


def grouped(found: tuple[ErrorLog, ...]) -> list[ErrorGroup]:
    """Return the errors with a place, counted by signature, the most frequent first."""
    told = [
        ErrorGroup(signature=key, **_counted(members))
        for key, members in _by_key(found).items()
        if isinstance(key, Signature)
    ]
    return sorted(told, key=lambda group: (-group.count, group.signature.path, group.signature.line))


def unplaced(found: tuple[ErrorLog, ...]) -> list[UnplacedErrors]:
    """Return the errors without a place in the service's source, counted, the most frequent first."""
    told = [
        UnplacedErrors(unplaced=key, **_counted(members))
        for key, members in _by_key(found).items()
        if isinstance(key, Unplaced)
    ]
    return sorted(told, key=lambda group: (-group.count, group.unplaced.canonical()))


def _by_key(found: tuple[ErrorLog, ...]) -> dict[Signature | Unplaced, list[ErrorLog]]:
    by_key: dict[Signature | Unplaced, list[ErrorLog]] = {}
    for log in found:
        key = groups.key(log.service, log.route, log.exception, log.message, log.frames, log.signature)
        by_key.setdefault(key, []).append(log)
    return by_key


def _counted(members: list[ErrorLog]) -> dict[str, Any]:
    newest = members[-1]
    return {
        "count": len(members),
        "first": members[0].at,
        "last": newest.at,
        "versions": tuple(sorted({log.version for log in members})),
        "message": newest.message,
        "frames": newest.frames,
        "chain": newest.chain,
    }


def templates(context: Context, case: Case, start: datetime, now: datetime, gaps: list[Gap]) -> Iterator[Found]:
    """Yield the templates of log lines that are new since the onset, more frequent, or gone; gaps where lines miss."""
    times = case.windows
    # The first bad lines may stand a little before the estimated onset.
    onset = start - times.slack
    before = _window(context, case, (onset - times.before, onset), "before the onset", gaps)
    since = _window(context, case, (times.recent(onset, now), now), "since the onset", gaps)
    if before is None or since is None:
        return
    changed, untold = log_templates.changes(case.service, before, since)
    gaps.extend(Gap(source="logs", sought="changed log lines", reason=missing.reason) for missing in untold)
    for change in changed:
        yield "logs", Origin.WORKLOAD, change


def _window(
    context: Context, case: Case, stretch: tuple[datetime, datetime], name: str, gaps: list[Gap]
) -> log_templates.Window | None:
    """Return the templates of a stretch of time, of the part of it from which all lines are told."""
    start, end = stretch
    found = once(lambda: context.world.logs.lines(case.service, start, end, limit=LINES))
    if isinstance(found, Missing):
        gaps.append(Gap(source="logs", sought=f"log lines {name}", reason=found.reason))
        return None
    if found.since > start:
        reason = f"there are too many; all are told from {found.since:%H:%M:%S} on"
        gaps.append(Gap(source="logs", sought=f"log lines {name}", reason=reason))
    told = log_templates.of((line.at, line.message) for line in found.lines)
    return log_templates.Window(told, (end - max(start, found.since)).total_seconds())
