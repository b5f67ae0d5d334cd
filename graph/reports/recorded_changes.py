"""Recorded changes of an incident's services: what was asked, over which window, and what came back.  Pure.

Only an answered question over a stated window lets anybody say that nothing was changed.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from graph.reports import journal_reader as journal
from incident.evidence import Change, Search
from incident.record import Gathered, Record

LISTED = 5
"""Most changes that one sentence lists; the report lists all."""


def changes(records: tuple[Record, ...]) -> tuple[Change, ...]:
    """Return every change that came back, blamed or not, oldest first; with its commits if any dossier has them."""
    found: dict[bytes, Change] = {}
    for _, event in journal.events(records, Gathered):
        for item in event.dossier.evidence:
            if isinstance(item.fact, Change):
                plain = item.fact.model_copy(update={"commits": (), "patch": ""}).canonical()
                known = found.get(plain)
                found[plain] = known if known is not None and known.commits else item.fact
    return tuple(found[plain] for plain in sorted(found, key=lambda plain: (found[plain].at, plain)))


def searches(records: tuple[Record, ...]) -> tuple[Search, ...]:
    """Return the last question about each service; one that was answered stays, whatever failed later."""
    found: dict[str, Search] = {}
    for _, event in journal.events(records, Gathered):
        for search in event.dossier.searches:
            known = found.get(search.service)
            if known is None or known.failure or not search.failure:
                found[search.service] = search
    return tuple(found.values())


def sentences(records: tuple[Record, ...]) -> Iterator[str]:
    """Yield what was changed and what could not be asked, in words; nothing when nobody asked."""
    everything, asked = changes(records), searches(records)
    windows: dict[tuple[str, str], list[str]] = {}
    failures: dict[str, list[str]] = {}
    for search in asked:
        if search.failure:
            failures.setdefault(search.failure, []).append(search.service)
        else:
            windows.setdefault((moment(search.start), moment(search.end)), []).append(search.service)
    for (start, end), names in windows.items():
        between = f"from {start} to {end} UTC"
        own = [change for change in everything if change.service in names]
        if own:
            yield f"changes of {listed(names)} recorded {between}: {_shown(own)}"
        elif everything or failures:
            # Where only some answered, that none came back says nothing of the others.
            yield f"changes of {listed(names)} asked for {between}: 0 came back"
        else:
            yield f"no change of {listed(names)} is recorded {between}"
    for why, names in failures.items():
        yield f"changes of {listed(names)} could not be asked for ({why})"
    others = [change for change in everything if change.service not in {search.service for search in asked}]
    if asked and others:
        yield f"changes elsewhere: {_shown(others)}"


def _shown(own: list[Change]) -> str:
    """The newest ones; shifts of traffic follow from deploys, so they come last."""
    ordered = sorted(own, key=lambda change: (change.what == "weights", -change.at.timestamp()))
    more = len(ordered) - LISTED
    return "; ".join((*map(changed, ordered[:LISTED]), *([f"and {more} more, in the report"] if more > 0 else [])))


def changed(change: Change) -> str:
    """Return one change in words."""
    at = f"at {moment(change.at)}"
    match change.what:
        case "deploy":
            after = f" after {change.previous}" if change.previous else ""
            return f"{change.service} deploy of {change.version}{after} {at}"
        case "config":
            return f"{change.service} setting {change.key} from {_value(change.old)} to {_value(change.new)} {at}"
        case "weights":
            return f"{change.service} traffic to {change.new} {at}"
        case "remove" | "restart" | "scale":
            return f"{change.service} {change.what} of {change.version} {at}"
        case "flag":
            return f"flag {change.key} from {_value(change.old)} to {_value(change.new)} {at}"
        case "migration" | "certificate" | "node" | "traffic":
            return f"{change.what} {change.target or change.service} {at}"


def _value(text: str | None) -> str:
    return "unset" if text is None else repr(text)


def moment(at: datetime) -> str:
    """Return a time in UTC, to the second."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def listed(names: list[str] | tuple[str, ...]) -> str:
    """Return names in words."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
