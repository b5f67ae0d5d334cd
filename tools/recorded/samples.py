"""Reads the samples of a recording from its three forms, and keeps them as series of services."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from pydantic import JsonValue

from incident import series
from tools.recorded import bounds, openmetrics, otlp_metrics, times
from tools.recorded.description import Description
from tools.recorded.files import Files, within
from tools.recorded.naming import Naming
from tools.recorded.otlp import number, objects
from tools.recorded.raw import Kind, Raw, Sample

FOLDER = "metrics"
NAME = "__name__"


def read(files: Files, naming: Naming, description: Description) -> list[Raw]:
    """The series of all files, with the service and version that their labels name."""
    found: dict[tuple[str, tuple[tuple[str, str], ...]], Raw] = {}
    names = files.named(FOLDER, *openmetrics.SUFFIXES, ".json", ".jsonl")
    room = within(bounds.MAX_POINTS, files.troubles, FOLDER, "points")
    for file in names:
        given = description.files.get(file, {})
        for sample in _samples(files, file):
            if not room():
                break
            name = sample.name or given.get(NAME, "") or file.rpartition("/")[2].rpartition(".")[0]
            own = {**{key: value for key, value in given.items() if key != NAME}, **dict(sample.labels)}
            key = (name, tuple(sorted(own.items())))
            if key not in found:
                kind: Kind = description.kinds.get(name, sample.kind)
                service, version = naming.service(own), naming.version(own)
                found[key] = Raw(name, own, service, version, kind, sample.unit, sample.delta)
            found[key].points.append((sample.at, sample.value))
    for raw in found.values():
        raw.settle()
    return list(found.values())


def until(raws: Iterable[Raw], as_of: datetime) -> list[Raw]:
    """The series without their samples after a time; those that had none by then are left out."""
    found = []
    for raw in raws:
        raw.points = [point for point in raw.points if point[0] <= as_of]
        if raw.points:
            found.append(raw)
    return found


def _samples(files: Files, file: str) -> Iterator[Sample]:
    if file.endswith(".jsonl"):
        for line in files.lines(file):
            yield from otlp_metrics.read(line, files.troubles)
    elif file.endswith(".json"):
        yield from matrix(files.document(file), file, files)
    else:
        whole = files.content(file)
        yield from openmetrics.read(whole, file, files.troubles) if whole is not None else ()


def matrix(answer: JsonValue, file: str, files: Files) -> Iterator[Sample]:
    """The samples of an answer of ``query_range``, with or without the envelope around its data."""
    if answer is None:
        return
    held = answer.get("data", answer) if isinstance(answer, dict) else None
    result = held.get("result") if isinstance(held, dict) else None
    if not isinstance(result, list):
        files.troubles.say(file, "it is no answer of query_range")
        return
    for one in objects(result):
        metric, values = one.get("metric"), one.get("values")
        if not isinstance(metric, dict) or not isinstance(values, list):
            files.troubles.say(file, "a series of it has no metric or no values")
            continue
        labels = {str(key): str(value) for key, value in metric.items()}
        name = labels.pop(NAME, "")
        yield from _points(name, labels, values, file, files)


def _points(name: str, labels: Mapping[str, str], values: list[JsonValue], file: str, files: Files) -> Iterator[Sample]:
    told, kind, unit = tuple(sorted(labels.items())), openmetrics.kind_of(name, {}), series.unit_of(name)
    for pair in values:
        at = times.read(pair[0]) if isinstance(pair, list) and len(pair) == 2 else None
        value = number(pair[1]) if isinstance(pair, list) and len(pair) == 2 else None
        if at is None:
            files.troubles.say(file, "a value of it has no time")
        elif value is not None:
            # NaN is no sample: Prometheus writes it for a share of nothing.
            yield Sample(name, told, at, value, kind, unit)
