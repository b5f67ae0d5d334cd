"""Log lines counted per kind and bucket: templates, attributes and places.  Pure.

Lines are counted here and then forgotten: an hour of forty services is hundreds of thousands of them.
"""

from collections.abc import Iterable
from functools import lru_cache

from incident.evidence import ErrorLog
from incident.logs import Line
from incident.observed import Logged, seconds
from tools import text
from tools.frames import templates
from tools.secrets import redaction

TEMPLATES = 200
"""Most kinds of lines of one service that are kept of each sort, the most frequent."""

VALUE = 64
"""Most characters of an attribute's value that is counted."""

DISTINCT = 30
"""Distinct values from which an attribute is an id and is not counted."""

UNCOUNTED = frozenset({"exception.stacktrace", "exception.message", "trace_id", "span_id"})
"""Attributes that are told otherwise."""

Kind = tuple[str, str, str]
"""Version, sort (template, attribute, place) and text."""


class Counter:
    """Counts of the lines of one service, in buckets of so many seconds from a start."""

    def __init__(self, service: str, start: float, bucket: float) -> None:
        self._service = service
        self._start = start
        self._bucket = bucket
        self._counts: dict[Kind, dict[int, int]] = {}
        self._first: dict[Kind, tuple[float, str, str]] = {}
        self.last: float | None = None
        """Time of the newest line."""

    def lines(self, lines: Iterable[Line]) -> None:
        """Count lines by their templates, levels and attributes."""
        for line in lines:
            at = seconds(line.at)
            self.last = max(at, self.last or at)
            self._add((line.version, "template", _template(line.message[:2000])), at, line.message, line.level)
            for name, value in (("level", line.level), *line.attributes.items()):
                if value and len(value) <= VALUE and name not in UNCOUNTED:
                    self._add((line.version, "attribute", f"{name}={value}"), at, line.message, line.level)

    def errors(self, errors: Iterable[ErrorLog]) -> None:
        """Count errors by the place in the service's own source that raised them."""
        for error in errors:
            if error.signature is not None:
                place = f"{error.signature.path}:{error.signature.function}"
                said = f"{error.exception}: {error.message}"
                self._add((error.version, "place", place), seconds(error.at), said, "error")

    def counted(self) -> tuple[Logged, ...]:
        """Everything that was counted; attributes with too many values are left out."""
        values: dict[str, set[str]] = {}
        for _, what, said in self._counts:
            if what == "attribute":
                values.setdefault(said.partition("=")[0], set()).add(said)
        kept = [
            kind
            for kind in self._counts
            if kind[1] != "attribute" or len(values[kind[2].partition("=")[0]]) <= DISTINCT
        ]
        kept.sort(key=lambda kind: (kind[1], -sum(self._counts[kind].values()), kind))
        seen: dict[str, int] = {}
        found: list[Logged] = []
        for kind in kept:
            seen[kind[1]] = seen.get(kind[1], 0) + 1
            if seen[kind[1]] <= TEMPLATES:
                found.append(self._logged(kind))
        return tuple(found)

    def _add(self, kind: Kind, at: float, said: str, level: str) -> None:
        bucket = int((at - self._start) // self._bucket)
        counts = self._counts.setdefault(kind, {})
        counts[bucket] = counts.get(bucket, 0) + 1
        if kind not in self._first or at < self._first[kind][0]:
            self._first[kind] = (at, said, level)

    def _logged(self, kind: Kind) -> Logged:
        version, what, said = kind
        first, example, level = self._first[kind]
        counts = sorted(self._counts[kind].items())
        return Logged.model_validate(
            {
                "service": self._service,
                "version": version,
                "what": what,
                "text": said,
                "level": level,
                "example": text.mask(redaction.redact_text(text.normalise(example, 2000)), templates.MAX_SHOWN),
                "at": tuple(round(self._start + bucket * self._bucket, 3) for bucket, _ in counts),
                "count": tuple(count for _, count in counts),
                "first": first,
            }
        )


@lru_cache(maxsize=20_000)
def _template(message: str) -> str:
    return templates.template(message)
