"""Recorded requests of the failing kind over time, cut where changes took effect: were they well before, or under them?"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Literal

from graph.context import Context
from incident import capture
from incident.capture import Capture
from incident.evidence import Change, Dossier, ErrorGroup, Evidence, Exposure, Origin, Traits, recent
from policies.diagnosis import changes, charges, traits

BEFORE = timedelta(minutes=5)
"""Time before the first failing request, or before the first change that is compared, over which traffic is compared."""

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
    groups = (item.fact for item in dossier.of("error_group"))
    group = charges.leading((fact for fact in groups if isinstance(fact, ErrorGroup)), dossier.service)
    cuts = _effects(context, dossier)
    if group is None or not cuts:
        return
    first, now = charges.broke(group, dossier.onset), context.clock.now()
    times = sorted({*(at for at in cuts if at < first), first})
    kind = _kind(dossier, group.signature.route)
    stretches = zip([times[0] - BEFORE, *times[:-1]], times, strict=True)
    for start, end in (*stretches, (recent(first, now), now)):
        inside = _recorded(context, dossier.service, start, end)
        for version in sorted({item.version for item in inside}):
            counts = _counts(group, kind, [item for item in inside if item.version == version])
            yield Exposure(
                service=dossier.service,
                version=version,
                route=group.signature.route,
                traits=kind,
                start=start,
                end=end,
                **counts,
            )


def _effects(context: Context, dossier: Dossier) -> list[datetime]:
    """Times at which fresh deploys and settings took effect, of the service and of what it calls."""
    bounds = context.settings.limits.remedies
    services = {item.fact.service for item in dossier.of("change") if isinstance(item.fact, Change)}
    kinds: tuple[Literal["deploy", "config"], ...] = ("deploy", "config")
    fresh = (item for name in services for what in kinds for item in changes.fresh(dossier, name, what, bounds))
    return sorted({charges.took_effect(dossier, item) for item in fresh})[-MOST:]


def _kind(dossier: Dossier, route: str) -> tuple[str, ...]:
    facts = (item.fact for item in dossier.of("traits"))
    return next((fact.traits for fact in facts if isinstance(fact, Traits) and fact.route == route), ())


def _recorded(context: Context, service: str, start: datetime, end: datetime) -> tuple[Capture, ...]:
    captures = context.world.captures
    found = (
        *captures.recorded(service, "ok", start, end, limit=LIMIT),
        *captures.recorded(service, "failed", start, end, limit=LIMIT),
    )
    # A request at a cut belongs to the later stretch only.
    return tuple(item for item in found if start <= item.at < end)


def _counts(group: ErrorGroup, kind: tuple[str, ...], recorded: Iterable[Capture]) -> dict[str, int]:
    """Count requests of the failing kind that went well and that failed alike, and other requests."""
    at, found = group.signature, {"well": 0, "failed": 0, "others": 0}
    for item in recorded:
        alike = item.route == at.route and (not kind or traits.matches(kind, capture.traits(item)))
        if item.outcome == "ok":
            found["well" if alike else "others"] += 1
        elif alike and _last(item.exception or "") == _last(at.exception):
            found["failed"] += 1
    return found


def _last(name: str) -> str:
    return name.rpartition(".")[2]
