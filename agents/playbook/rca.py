"""Finds root causes by fixed rules, from the dossier and two or three look-ups.

In this order: what the ranking over all services convicts, where there is one; a fresh change before the onset; a
version that is not ready; a host or service below where the errors begin; a fresh change of a called service; a
resource that ran out; the place where the errors are raised.  What the ranking cleared is left out.  What fits nothing
is not guessed.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from agents.playbook import calls_out, past, suspicions
from agents.playbook.blaming import blame
from agents.playbook.conversation import Asked, Reading

FRESH = timedelta(minutes=15)
"""A change this long before the onset still counts as fresh."""

SLACK = timedelta(seconds=3)
"""The onset is estimated from samples: a change this much after it may still have caused it."""

MANY_TIMES = 4.0
"""Memory that grew to this multiple since the onset ran away."""

Ranked = tuple[float, Asked]


def decide(reading: Reading) -> tuple[Asked, ...]:
    """Look at the code and the spans once, then name causes, the most credible first."""
    if reading.turns == 0:
        looks = tuple(_looks(reading))
        if looks:
            return looks
    behind = past.failed(reading)
    ranked = sorted(_ranked(reading), key=lambda item: -past.weighed(item[0], item[1], behind))
    if not ranked:
        return (Asked("dont_know", {"reason": _missing(reading)}),)
    return tuple(asked for _, asked in ranked[:5])


def _looks(reading: Reading) -> Iterator[Asked]:
    service = str(reading.opening.get("dossier", {}).get("service", ""))
    # A place where something healed before is known: what it calls was read then.
    for function in [] if past.healed(reading) else list(reading.opening.get("functions", {}).values())[:1]:
        yield Asked("read_function", {"function": str(function)})
    if calls_out.suspected(reading):
        yield Asked("failing_spans", {"service": service})


def _ranked(reading: Reading) -> Iterator[Ranked]:
    yield from suspicions.ranked(reading)
    yield from _changes(reading)
    yield from _unready(reading)
    yield from _below(reading)
    yield from _resources(reading)
    yield from _places(reading)


def _changes(reading: Reading) -> Iterator[Ranked]:
    found = reading.opening.get("dossier", {})
    onset, latest = _time(found.get("onset")), _time(found.get("latest")) or _time(found.get("onset"))
    settled = suspicions.settled(reading)
    for key, change in reading.facts("change"):
        if key in settled:
            continue
        own = change.get("service") == found.get("service")
        beside = [item for _, item in reading.facts("change") if item.get("service") == change.get("service")]
        at = _took_effect(change, beside)
        if onset is None or latest is None or at is None or not onset - FRESH <= at <= latest + SLACK:
            continue
        asked = _blamed_change(reading, key, change, (onset - at).total_seconds())
        if asked is not None:
            # The change nearest to the onset comes first.
            yield (0.98 if own else _called(reading)) - 0.1 * max(0.0, (latest - at) / FRESH), asked


def _called(reading: Reading) -> float:
    """Credit of a change of a called service: more than a place in this one's code only where the calls fail."""
    return 0.78 if calls_out.failing(reading) else 0.48


def _took_effect(change: dict[str, Any], changes: list[dict[str, Any]]) -> datetime | None:
    """Time that a deploy took effect: the first shift of weights after it; it does nothing before it gets traffic."""
    at = _time(change.get("at"))
    if at is None or change.get("what") != "deploy":
        return at
    shifts = [_time(item.get("at")) for item in changes if item.get("what") == "weights"]
    later = [shift for shift in shifts if shift is not None and shift >= at]
    return min(later, default=at)


def _blamed_change(reading: Reading, key: str, change: dict[str, Any], ago: float) -> Asked | None:
    groups = reading.facts("error_group")
    since = _signals(reading, before=False)
    when = f"{abs(ago):.0f} s {'before' if ago >= 0 else 'after'} the estimated onset"
    own = change.get("service") == reading.opening.get("dossier", {}).get("service")
    match change.get("what"):
        case "deploy" if change.get("previous") and change.get("version"):
            versions = _failing_versions(groups)
            # Errors of a version that was there before cannot come from this deploy.
            if (own and versions - {change["version"]}) or _sick_before(reading):
                return None
            text = f"Version {change['version']} of {change['service']} took over from {change['previous']} {when}."
            text += " The most frequent error is logged by it alone." if own and versions else ""
            return blame("blame_deploy", [key, *_ids(groups), *since], text, 0.85, change=key)
        case "config" if change.get("key"):
            if _sick_before(reading):
                return None
            text = f"{change['key']} of {change['service']} was changed from {change.get('old') or 'unset'} to {change.get('new') or 'unset'} {when}."
            return blame("blame_config", [key, *_ids(groups), *since], text, 0.85, change=key)
        case _:
            return None


def _failing_versions(groups: tuple[tuple[str, dict[str, Any]], ...]) -> set[str]:
    """Versions that log the most frequent error: a service always has a few others, under every version."""
    frequent = max((group for _, group in groups), key=lambda group: int(group.get("count", 0)), default={})
    return set(frequent.get("versions", ()))


def _sick_before(reading: Reading) -> bool:
    """True when the errors were there before the onset: more than a tenth of what is there since."""
    windows = [fact for _, fact in reading.facts("signals")]
    rates = {_is_before(reading, fact): _rate(fact) for fact in windows if fact.get("requests")}
    return True in rates and False in rates and rates[True] > 0.1 * rates[False] > 0


def _unready(reading: Reading) -> Iterator[Ranked]:
    for key, fact in reading.facts("unready"):
        text = f"Version {fact.get('version')} of {fact.get('service')} runs and is not ready."
        # A change may have stopped it, and a place raises what those who call it see.
        yield 0.92, blame("blame_hang", [key, *_signals(reading, before=False)], text, 0.7, unready=key)


def _below(reading: Reading) -> Iterator[Ranked]:
    found = calls_out.blamed(reading)
    own = str(reading.opening.get("dossier", {}).get("service", ""))
    traces = [(key, fact) for key, fact in reading.facts("failing_trace")]
    deeper = [(key, fact) for key, fact in traces if fact.get("deepest") not in (None, own)]
    support = [
        *_ids(reading.facts("error_group"))[:2],
        *_ids(reading.facts("failing_trace"))[:1],
        *_signals(reading, before=False),
    ]
    if found is not None:
        text = f"Errors are raised by calls to {found}."
        yield 0.9, blame("blame_dependency", [*_ids(reading.facts("neighbours")), *support], text, 0.8, host=found)
    elif deeper and len(deeper) * 2 > len(traces):
        name = str(deeper[0][1]["deepest"])
        text = f"{len(deeper)} of {len(traces)} failing requests end below this service, the first at {name}."
        yield 0.8, blame("blame_service", [*_ids(tuple(deeper)), *support], text, 0.7, service=name)


def _resources(reading: Reading) -> Iterator[Ranked]:
    windows = {_is_before(reading, fact): (key, fact) for key, fact in reading.facts("signals")}
    groups = [item for item in reading.facts("error_group") if _exception(item[1]) == "MemoryError"]
    if True in windows and False in windows:
        before, since = windows[True][1].get("memory_bytes"), windows[False][1].get("memory_bytes")
        if before and since and since > MANY_TIMES * before:
            text = f"Memory grew from {before:.0f} to {since:.0f} bytes since the onset."
            yield 0.75, blame("blame_resource", [windows[True][0], windows[False][0]], text, 0.6, resource="memory")
            return
    if groups:
        cited = [*_ids(tuple(groups)), *_signals(reading, before=False)]
        yield 0.75, blame("blame_resource", cited, "The process ran out of memory.", 0.6, resource="memory")


def _places(reading: Reading) -> Iterator[Ranked]:
    # Without source no place can be looked at, and so none is blamed.
    if "blame_code" not in reading.bound:
        return
    groups = [item for item in reading.facts("error_group") if item[1].get("signature")]
    total = sum(int(group.get("count", 0)) for _, group in groups) or 1
    for key, group in groups[:3]:
        at = group["signature"]
        traits = [name for name, fact in reading.facts("traits") if fact.get("route") == at.get("route")]
        kinds = [trait for name, fact in reading.facts("traits") if name in traits for trait in fact.get("traits", ())]
        text = f"{at['exception']} ({group.get('message', '')}) is raised in {at['function']}, {at['path']} line {at['line']}, and logged {group.get('count')} times."
        text += f" What sets failing requests of {at.get('route')} apart: {', '.join(kinds[:6])}." if kinds else ""
        cited = [key, *traits, *_signals(reading, before=False), *_ids(reading.facts("failing_trace"))[:2]]
        share = int(group.get("count", 0)) / total
        place = f"{at['path']}:{at['line']} in {at['function']}"
        yield 0.5 + 0.2 * share, blame("blame_code", cited, text, round(0.5 + 0.3 * share, 2), place=place)


def _ids(items: tuple[tuple[str, dict[str, Any]], ...]) -> list[str]:
    return [key for key, _ in items]


def _signals(reading: Reading, *, before: bool) -> list[str]:
    return [key for key, fact in reading.facts("signals") if _is_before(reading, fact) is before]


def _is_before(reading: Reading, fact: dict[str, Any]) -> bool:
    onset, end = _time(reading.opening.get("dossier", {}).get("onset")), _time(fact.get("end"))
    return onset is not None and end is not None and end <= onset


def _rate(fact: dict[str, Any]) -> float:
    return float(fact.get("errors", 0)) / float(fact["requests"])


def _exception(group: dict[str, Any]) -> str:
    return str(group.get("signature", {}).get("exception", "")).rpartition(".")[2]


def _time(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    except ValueError:
        return None


def _most_frequent(groups: list[dict[str, Any]]) -> str:
    worst = max(groups, key=lambda group: int(group.get("count", 0)))
    at, total = worst.get("signature", {}), sum(int(group.get("count", 0)) for group in groups)
    place = f"{at.get('function')} ({at.get('path')}:{at.get('line')})"
    return f"{worst.get('count')} of {total} logged errors are {at.get('exception')} raised in {place}"


def _missing(reading: Reading) -> str:
    """Findings where no rule fits: no more than was looked for."""
    found = reading.opening.get("dossier", {})
    gaps = [f"{gap.get('sought')} ({gap.get('reason')})" for gap in found.get("gaps", ())]
    gaps += [
        f"changes of {one.get('service')} ({one['failure']})" for one in found.get("searches", ()) if one.get("failure")
    ]
    known = "no rule fits this evidence"
    groups = [group for _, group in reading.facts("error_group")]
    if not groups:
        known += "; no error with a place in the service's source was found"
    elif "blame_code" not in reading.bound:
        known += f"; {_most_frequent(groups)}, and whether that place is to blame only its source could tell"
    return f"{known}; missing: {', '.join(gaps)}"[:600] if gaps else known
