"""Reads metrics in OTLP JSON: gauges, sums and histograms; a histogram becomes buckets, a count and a sum, as in Prometheus."""

from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from tools.recorded import otlp, times
from tools.recorded.files import Line, Troubles
from tools.recorded.raw import Kind, Sample

_DELTA = ("unspecified", "delta", "cumulative")
_PREFIX = "AGGREGATION_TEMPORALITY_"
_UNITS = {"seconds": "s", "milliseconds": "ms", "bytes": "By"}


def read(line: Line, troubles: Troubles) -> Iterator[Sample]:
    """The samples of one request; a point that cannot be used gets a sentence."""
    if not otlp.is_request(line.body):
        troubles.say(line.file, "it is no OTLP JSON of metrics", line.number)
    for item in otlp.items(line.body, "resourceMetrics", "scopeMetrics", "metrics"):
        name, said = otlp.text(item.body, "name"), otlp.text(item.body, "unit")
        unit = _UNITS.get(said, said) or ""
        for form in ("gauge", "sum", "histogram"):
            held = item.body.get(form)
            if name and isinstance(held, dict):
                for point in otlp.objects(held.get("dataPoints")):
                    labels = {**item.resource, **otlp.attributes(point.get("attributes"))}
                    found = list(_samples(name, labels, form, held, point, unit))
                    if not found:
                        troubles.say(line.file, f"a point of {name} has no usable time or value", line.number)
                    yield from found


def _samples(
    name: str, labels: Mapping[str, str], form: str, held: otlp.Object, point: otlp.Object, unit: str
) -> Iterator[Sample]:
    at = times.nanos(point.get("timeUnixNano"))
    if at is None:
        return
    delta = otlp.choice(held.get("aggregationTemporality"), _DELTA, _PREFIX) == "delta"
    told = tuple(sorted(labels.items()))
    if form != "histogram":
        value = _value(point)
        counts = form == "sum" and held.get("isMonotonic") is True
        kind: Kind = "counter" if counts else "gauge"
        if value is not None:
            yield Sample(name, told, at, value, kind, unit or "1", delta and counts)
        return
    count, total = otlp.number(point.get("count")), otlp.number(point.get("sum"))
    if count is not None:
        yield Sample(f"{name}_count", told, at, count, "counter", "1", delta)
    if total is not None:
        yield Sample(f"{name}_sum", told, at, total, "counter", unit or "1", delta)
    for bound, upto in _buckets(point):
        with_bound = tuple(sorted((*told, ("le", bound))))
        yield Sample(f"{name}_bucket", with_bound, at, upto, "counter", unit or "1", delta)


def _value(point: otlp.Object) -> float | None:
    return otlp.number(point.get("asDouble")) if "asDouble" in point else otlp.number(point.get("asInt"))


def _buckets(point: otlp.Object) -> Iterator[tuple[str, float]]:
    """The upper bound of each bucket with the observations up to it."""
    counts, limits = _numbers(point.get("bucketCounts")), _numbers(point.get("explicitBounds"))
    if len(counts) != len(limits) + 1:
        return
    upto = 0.0
    for bound, count in zip((*(f"{limit:g}" for limit in limits), "+Inf"), counts, strict=True):
        upto += count
        yield bound, upto


def _numbers(value: JsonValue) -> list[float]:
    found = [otlp.number(item) for item in value] if isinstance(value, list) else []
    return [item for item in found if item is not None]
