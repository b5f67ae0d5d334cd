"""Selectors of series, as ``NAME`` or ``NAME{label="value",other=~"regular expression"}``."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from incident.errors import BadInput
from tools.recorded.raw import Raw

_WHOLE = re.compile(r"\s*([^{}\s]+)\s*(?:\{(.*)\})?\s*", re.DOTALL)
_MATCHER = re.compile(r"\s*([^\s=!~,{}\"]+)\s*(=~|!~|!=|=)\s*\"((?:[^\"\\]|\\.)*)\"\s*(?:,|$)")


class Matcher(NamedTuple):
    """Demand on one label; a label that is not there is empty."""

    label: str
    operator: str
    value: str

    def fits(self, raw: Raw) -> bool:
        """True when the label of a series is so."""
        held = raw.labels.get(self.label, "")
        if self.operator in ("=", "!="):
            return (held == self.value) == (self.operator == "=")
        return (re.fullmatch(self.value, held) is not None) == (self.operator == "=~")


class Selector(NamedTuple):
    """A name, and demands on the labels."""

    name: str
    matchers: tuple[Matcher, ...] = ()

    def of(self, raws: Iterable[Raw], suffix: str = "") -> list[Raw]:
        """The series that fit, of this name or of this name with a suffix."""
        return [
            raw for raw in raws if raw.name == f"{self.name}{suffix}" and all(one.fits(raw) for one in self.matchers)
        ]


def parse(said: str) -> Selector:
    """Read a selector.  Raises BadInput."""
    whole = _WHOLE.fullmatch(said)
    inner = (whole[2] or "").strip() if whole else ""
    matchers = [Matcher(*found.groups()) for found in _MATCHER.finditer(inner)]
    read = "".join(found.group() for found in _MATCHER.finditer(inner))
    if whole is None or len(read) != len(inner):
        raise BadInput("series", said, 'use NAME or NAME{label="value"}')
    for one in matchers:
        if "~" in one.operator:
            try:
                re.compile(one.value)
            except re.error as error:
                raise BadInput("series", said, f"correct its regular expression ({error})") from error
    return Selector(whole[1], tuple(matchers))
