"""Log templates: lines that differ only in what varies are one, with count, first, last and an example.

A line's template is a function of that line alone, so it is the same in every window, version and order of reading,
and what one window has and another lacks can be told by comparing names.  Drain (He et al., 2017) finds more by
clustering, but its templates depend on the lines before; its library ``drain3`` had its last release in 2022 and
pins its dependencies to single old versions, so neither serves here.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import AwareDatetime

from incident.evidence import Missing
from incident.value import Value
from tools import text
from tools.secrets import redaction

MAX_TEMPLATES = 200
"""Templates that are listed, the most frequent; the lines of all others are counted together."""

MAX_LINE = 2000
"""Characters of a line that are looked at."""

MAX_SHOWN = 300
"""Characters of a template and of an example."""

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


class Template(Value):
    """Lines of one template within a window."""

    template: str
    count: int
    first: AwareDatetime
    last: AwareDatetime
    example: str
    """The first line, masked: without secrets, addresses and long numbers."""


class Templates(Value):
    """Templates of a window, the most frequent first."""

    templates: tuple[Template, ...]
    others: int = 0
    """Lines of templates that are not listed."""


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
