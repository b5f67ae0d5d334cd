"""Reads OpenMetrics text in which every sample has its time, as a store of samples exports it.

Each line is read by prometheus_client's parser, which keeps to the format; what stands around the lines is forgiven:
families may be told in pieces, once for each scrape, and the end may be missing.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from io import StringIO
from typing import NamedTuple, TextIO

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
_UNITS = {"seconds": "s", "milliseconds": "ms", "bytes": "By"}


class _Told(NamedTuple):
    types: dict[str, str]
    units: dict[str, str]


def read(whole: str, name: str, troubles: Troubles) -> Iterator[Sample]:
    """The samples of a text; a line that breaks the format, or has no time, gets a sentence."""
    told = _Told({}, {})
    series_of: dict[str, list[tuple[int, str]]] = {}
    for number, line in enumerate(whole.splitlines(), start=1):
        if found := _TOLD.fullmatch(line.strip()):
            (told.types if found[1] == "TYPE" else told.units)[found[2]] = found[3]
        elif line.strip() and not line.startswith("#"):
            start = _SERIES.match(line)
            series_of.setdefault(start.group() if start else line, []).append((number, line))
    for lines in series_of.values():
        try:
            # One series at a time: its lines follow each other, which the format asks for.
            yield from _samples([line for _, line in lines], told)
        except ValueError:
            for number, line in lines:
                try:
                    yield from _samples([line], told)
                except ValueError as error:
                    troubles.say(name, f"it is no sample of OpenMetrics ({error})", number)


def _samples(lines: list[str], told: _Told) -> list[Sample]:
    text = "\n".join([*lines, "# EOF", ""])
    found = [sample for family in _families(StringIO(text)) for sample in family.samples]
    return [_sample(one, told) for one in found]


def _families(text: TextIO) -> Iterable[Metric]:
    found: Iterable[Metric] = parser.text_fd_to_metric_families(text)  # type: ignore[no-untyped-call]
    return found


def _sample(one: Parsed, told: _Told) -> Sample:
    at = None if one.timestamp is None else times.seconds(float(one.timestamp))
    if at is None:
        raise ValueError("it has no time")
    value = float(one.value)
    if not math.isfinite(value):
        raise ValueError("it is no finite number")
    stem = re.sub("|".join(f"{suffix}$" for suffix in _COUNTS), "", one.name)
    unit = _UNITS.get(told.units.get(stem, ""), "")
    labels = tuple(sorted(one.labels.items()))
    return Sample(one.name, labels, at, value, kind_of(one.name, told.types), unit or series.unit_of(one.name))


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
