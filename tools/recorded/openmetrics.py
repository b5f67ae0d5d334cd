"""Reads OpenMetrics text in which every sample has its time, as a store of samples exports it.

Each line is read by prometheus_client's parser, which keeps to the format; what stands around the lines is forgiven:
families may be told in pieces, once for each scrape, and the end may be missing.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from io import StringIO
from typing import NamedTuple

from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics import parser
from prometheus_client.samples import Sample as Parsed

from incident import series
from tools.recorded import times
from tools.recorded.files import Troubles
from tools.recorded.raw import Kind, Sample

SUFFIXES = (".txt", ".om", ".prom")

_TOLD = re.compile(r"# (TYPE|UNIT) (\S+) (\S+)")
_SERIES = re.compile(r"[^{\s]+(?:\{(?:[^\"}]|\"(?:[^\"\\]|\\.)*\")*\})?")
_COUNTS = ("_total", "_count", "_sum", "_bucket")
_SUFFIX = re.compile("|".join(f"{suffix}$" for suffix in _COUNTS))
_UNITS = {"seconds": "s", "milliseconds": "ms", "bytes": "By"}


class _Told(NamedTuple):
    types: dict[str, str]
    units: dict[str, str]


def read(whole: str, name: str, troubles: Troubles) -> Iterator[Sample]:
    """The samples of a text; a line that breaks the format, or has no time, gets a sentence."""
    told = _Told({}, {})
    lines_of: dict[str, list[tuple[int, str]]] = {}
    for number, line in enumerate(whole.splitlines(), start=1):
        if found := _TOLD.fullmatch(line.strip()):
            (told.types if found[1] == "TYPE" else told.units)[found[2]] = found[3]
        elif line.strip() and not line.startswith("#"):
            start = _SERIES.match(line)
            lines_of.setdefault(start.group() if start else "", []).append((number, line))
    for which, lines in lines_of.items():
        try:
            yield from _samples(which, [line for _, line in lines], told)
        except ValueError:
            for number, line in lines:
                try:
                    yield from _samples(which, [line], told)
                except ValueError as error:
                    troubles.say(name, f"it is no sample of OpenMetrics ({error})", number)


def _samples(which: str, lines: list[str], told: _Told) -> list[Sample]:
    """The samples of one series; NaN and infinity are none: a store marks with them that a series ended."""
    # Its labels are read once, which takes most of the time; the other lines go by a short name.
    (head,) = _parsed([lines[0]])
    rest = _parsed([f"x{line[len(which) :]}" for line in lines[1:]])
    stem = re.sub(_SUFFIX, "", head.name)
    unit = _UNITS.get(told.units.get(stem, ""), "") or series.unit_of(head.name)
    labels, kind = tuple(sorted(head.labels.items())), kind_of(head.name, told.types)
    found = []
    for one in (head, *rest):
        at = None if one.timestamp is None else times.seconds(float(one.timestamp))
        if at is None:
            raise ValueError("it has no time")
        if math.isfinite(one.value):
            found.append(Sample(head.name, labels, at, float(one.value), kind, unit))
    return found


def _parsed(lines: list[str]) -> list[Parsed]:
    text = StringIO("\n".join([*lines, "# EOF", ""]))
    families: Iterable[Metric] = parser.text_fd_to_metric_families(text)  # type: ignore[no-untyped-call]
    return [sample for family in families for sample in family.samples]


def kind_of(name: str, types: Mapping[str, str]) -> Kind:
    """The kind of a sample: by the type of its family where that is told, else by how its name ends.

    >>> (
    ...     kind_of("a_total", {}),
    ...     kind_of("a", {}),
    ...     kind_of("a", {"a": "counter"}),
    ...     kind_of("a_count", {"a_count": "gauge"}),
    ... )
    ('counter', 'gauge', 'counter', 'gauge')
    """
    if name in types:
        # Samples of a summary that carry its own name are quantiles.
        return "counter" if types[name] == "counter" else "gauge"
    return "counter" if name.endswith(_COUNTS) else "gauge"
