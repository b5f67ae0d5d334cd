"""Recorded requests of the failing kind over time, cut where changes took effect: were they well before, or under them?"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Literal

from graph.context import Context
from incident import capture
from incident.capture import Capture
from incident.evidence import Change, Dossier, Evidence, Exposure, Missing, Origin, Traits
from policies import stretch
from policies.diagnosis import changes, charges, traits

MOST = 4
"""Changes whose effects cut the time, the newest."""

LIMIT = 5_000
"""Most requests of each outcome that are read of one stretch, the newest."""


def compared(context: Context, dossier: Dossier) -> Dossier:
    """Return the dossier with the failing kind of requests before each fresh change, under it, and since."""
    more = tuple(
        Evidence(id=f"E{number}", source="recorder", origin=Origin.WORKLOAD, fact=fact)
        for number, fact in enumerate(_exposures(context, dossier), start=len(dossier.evidence) + 1)
    )
    return dossier.model_copy(update={"evidence": (*dossier.evidence, *more)})


def _exposures(context: Context, dossier: Dossier) -> Iterator[Exposure]:
    """Yield the exposure of each version in each stretch of time; nothing without errors, or without a fresh change."""
    failed, cuts = charges.failure(dossier), _effects(context, dossier)
    if failed is None or not cuts:
        return
    first, now = charges.cut(dossier, failed), context.clock.now()
    times = sorted({*(at for at in cuts if at < first), first})
    alike = kind(dossier, failed.route)
    stretches = zip([times[0] - dossier.windows.compared, *times[:-1]], times, strict=True)
    for start, end in (*stretches, (dossier.windows.recent(first, now), now)):
        inside = _recorded(context, dossier.service, start, end)
        for version in sorted({item.version for item in inside}):
            counts = _counts(failed, alike, [item for item in inside if item.version == version])
            yield Exposure(
                service=dossier.service,
                version=version,
                route=failed.route,
                traits=alike,
                start=start,
                end=end,
                **counts,
            )


def _effects(context: Context, dossier: Dossier) -> list[datetime]:
    """Times at which fresh deploys and settings took effect, of the service and of what it calls."""
    bounds = stretch.stretched(context.settings.limits, dossier.windows).remedies
    # Of the service and of what it was asked about: a change of anybody else cuts nothing.
    asked = {search.service for search in dossier.searches}
    found = (item.fact for item in dossier.of("change") if isinstance(item.fact, Change))
    services = {change.service for change in found if change.service in asked}
    kinds: tuple[Literal["deploy", "config"], ...] = ("deploy", "config")
    fresh = (item for name in services for what in kinds for item in changes.fresh(dossier, name, what, bounds))
    return sorted({charges.took_effect(dossier, item) for item in fresh})[-MOST:]


def kind(dossier: Dossier, route: str) -> tuple[str, ...]:
    """Return the traits of the failing requests themselves; empty when nothing in them tells them from others."""
    facts = (item.fact for item in dossier.of("traits"))
    found = next((fact.traits for fact in facts if isinstance(fact, Traits) and fact.route == route), ())
    # What a called service answered came of the change as much as the failure did: it is no kind of traffic.
    return tuple(trait for trait in found if trait.startswith(("body", "query.")))


def _recorded(context: Context, service: str, start: datetime, end: datetime) -> tuple[Capture, ...]:
    captures = context.world.captures
    well = captures.recorded(service, "ok", start, end, limit=LIMIT)
    failed = captures.recorded(service, "failed", start, end, limit=LIMIT)
    # Half of an answer would make a change look innocent, or guilty.
    if isinstance(well, Missing) or isinstance(failed, Missing):
        return ()
    # A request at a cut belongs to the later stretch only.
    return tuple(item for item in (*well, *failed) if start <= item.at < end)


def _counts(failed: charges.Failure, kind: tuple[str, ...], recorded: Iterable[Capture]) -> dict[str, int]:
    """Count requests of the failing kind that went well and that failed alike, and other requests."""
    found = {"well": 0, "failed": 0, "others": 0}
    for item in recorded:
        alike = item.route == failed.route and (not kind or traits.matches(kind, capture.traits(item)))
        if item.outcome == "ok":
            found["well" if alike else "others"] += 1
        elif alike and _last(failed.exception) in ("", _last(item.exception or "")):
            found["failed"] += 1
    return found


def _last(name: str) -> str:
    return name.rpartition(".")[2]
