"""Log templates: lines that differ only in what varies are one, with count, first, last and an example.

A line's template is a function of that line alone, so it is the same in every window, version and order of reading,
and what one window has and another lacks can be told by comparing names.  Drain (He et al., 2017) finds more by
clustering, but its templates depend on the lines before; its library ``drain3`` had its last release in 2022 and
pins its dependencies to single old versions, so neither serves here.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Literal, NamedTuple

from pydantic import AwareDatetime

from incident.evidence import Missing
from incident.templates import Template, TemplateChange, Templates
from tools import text
from tools.secrets import redaction

MAX_TEMPLATES = 200
"""Templates that are listed, the most frequent; the lines of all others are counted together."""

MAX_LINE = 2000
"""Characters of a line that are looked at."""

MAX_SHOWN = 300
"""Characters of a template and of an example."""

MAX_CHANGED = 12
"""Templates that are told of each kind of change, the most frequent."""

LEAST = 10
"""Lines more or less than the window before lets expect, from which a count has changed."""

TIMES = 3
"""Times as many lines per second as before, from which a template has grown."""

_VARIABLE: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("<time>", re.compile(r"\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:Z| ?[+-]\d\d:?\d\d)?)?")),
    ("<time>", re.compile(r"\b\d\d:\d\d:\d\d(?:[.,]\d{1,9})?\b")),
    # An id mixes letters and digits: of a pod, an order, a trace.  A word with a number at its end (http2) is a name.
    (
        "<id>",
        re.compile(r"\b(?=[A-Za-z_-]{0,40}\d[\w-]{0,40}[A-Za-z])(?=[\w-]{8,})[A-Za-z0-9]+(?:[_-][A-Za-z0-9]+)*\b"),
    ),
    ("<id>", re.compile(r"\b[A-Za-z0-9_-]{32,}\b")),
)


def template(line: str) -> str:
    """The line with every variable part replaced.

    >>> template("2026-11-28T10:00:00Z order ORD-7f3a2 of user 17 took 12.5 ms")
    '<time> order <id> of user <n> took <n> ms'
    """
    said = text.normalise(redaction.redact_text(line[:MAX_LINE]), MAX_LINE)
    for name, pattern in _VARIABLE:
        said = pattern.sub(name, said)
    return text.template(said, MAX_SHOWN)


@dataclass
class _Seen:
    count: int
    first: tuple[AwareDatetime, str]
    last: AwareDatetime


def of(lines: Iterable[tuple[AwareDatetime, str]]) -> Templates:
    """Templates of lines with their times, in any order; equal lines give equal templates whatever their order."""
    found: dict[str, _Seen] = {}
    for at, line in lines:
        cut = line[:MAX_LINE]
        seen = found.setdefault(template(cut), _Seen(0, (at, cut), at))
        seen.count += 1
        seen.first = min(seen.first, (at, cut))
        seen.last = max(seen.last, at)
    ranked = sorted(found.items(), key=lambda item: (-item[1].count, item[1].first, item[0]))
    return Templates(
        templates=tuple(
            Template(
                template=name,
                count=seen.count,
                first=seen.first[0],
                last=seen.last,
                example=text.mask(redaction.redact_text(text.normalise(seen.first[1], MAX_LINE)), MAX_SHOWN),
            )
            for name, seen in ranked[:MAX_TEMPLATES]
        ),
        others=sum(seen.count for _, seen in ranked[MAX_TEMPLATES:]),
    )


def unseen(now: Templates, before: Templates) -> tuple[Template, ...] | Missing:
    """Templates that are there now and were not before.

    Missing when not all of before's are listed: whatever is not among them may have been there.
    """
    if before.others:
        return Missing(reason=f"{before.others} earlier lines have templates that are not listed")
    known = {one.template for one in before.templates}
    return tuple(one for one in now.templates if one.template not in known)


class Window(NamedTuple):
    """Templates of the lines of so many seconds."""

    found: Templates
    seconds: float


def changes(service: str, before: Window, since: Window) -> tuple[tuple[TemplateChange, ...], tuple[Missing, ...]]:
    """Templates that are new since the onset, grown, or gone; and the reason for each kind that cannot be told.

    Counts are compared per second, so the windows may differ in length.  At most `MAX_CHANGED` of each kind.
    """
    if before.seconds <= 0 or since.seconds <= 0:
        return (), (Missing(reason="there is no time to compare"),)
    new, gone = unseen(since.found, before.found), unseen(before.found, since.found)
    told = [
        *_told(service, "new", () if isinstance(new, Missing) else new, before, since),
        *_told(service, "grown", _grown(before, since), before, since),
        *_told(service, "gone", () if isinstance(gone, Missing) else _expected(gone, before, since), before, since),
    ]
    return tuple(told), tuple(one for one in (new, gone) if isinstance(one, Missing))


def _grown(before: Window, since: Window) -> Iterator[Template]:
    share = since.seconds / before.seconds
    known = {one.template: one.count * share for one in before.found.templates}
    for one in since.found.templates:
        expected = known.get(one.template)
        if expected is not None and one.count >= max(TIMES * expected, expected + LEAST):
            yield one


def _expected(gone: Iterable[Template], before: Window, since: Window) -> Iterator[Template]:
    """Those of which so many lines were to be expected that none is no accident."""
    return (one for one in gone if one.count * since.seconds / before.seconds >= LEAST)


def _told(
    service: str, change: Literal["new", "grown", "gone"], found: Iterable[Template], before: Window, since: Window
) -> Iterator[TemplateChange]:
    earlier = {one.template: one.count for one in before.found.templates}
    later = {one.template: one.count for one in since.found.templates}
    for one in islice(found, MAX_CHANGED):
        yield TemplateChange(
            service=service,
            change=change,
            template=one.template,
            example=one.example,
            before=earlier.get(one.template, 0),
            since=later.get(one.template, 0),
            before_seconds=round(before.seconds, 3),
            since_seconds=round(since.seconds, 3),
            first=one.first,
            last=one.last,
        )
