"""Charge against a change: whether the same traffic was well before it and fails since, or was well under it.

Time alone blames nobody.  Where no traffic can be compared, the ranking over all services may convict a change or clear
it (:mod:`policies.suspects.ranking`); it never blames one that traffic cleared.  A change that served the failing kind of requests well for a while before the onset is
innocent; one after which a kind of requests fails that was not there before is suspected, and no more.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime

from incident.decision import Reason, because
from incident.evidence import Change, Dossier, ErrorGroup, Exposure, Signals, Traits
from incident.suspicion import Suspicion
from incident.value import Value
from policies.diagnosis import changes

SICK_RATE = 0.05
"""Error rate from which traffic counts as failing."""

ENOUGH = 100
"""Requests of a healthy window after a change that speak for its innocence, where their kind is not known."""

ENOUGH_ALIKE = 20
"""Recorded requests of the failing kind that speak for the innocence of a change under which they were answered well."""

FEW_ALIKE = 3
"""Recorded requests of the failing kind from which on that kind was there."""


class Charge(Value):
    """Result of weighing one change against the errors of the dossier's service."""

    verdict: Literal["blamed", "suspected", "innocent", "unknown"]
    """`suspected`: nothing but the order in time speaks against it; `unknown`: no errors are known to compare."""
    why: Reason
    evidence: tuple[str, ...] = ()
    """Ids of what was compared."""


class Failure(Value):
    """The most frequent failure of a service, which always has a few old errors of other kinds."""

    route: str
    exception: str = ""
    """Empty where nothing was logged with a stack trace, and only the recorder shows that requests fail."""
    versions: tuple[str, ...] = ()
    first: AwareDatetime
    """Time of the first such request: that of the errors where they are known, since the onset is an estimate."""
    found: tuple[str, ...]
    """Ids of the evidence of it."""


def failure(dossier: Dossier) -> Failure | None:
    """Return the failure that the changes are weighed against; None when none is known."""
    groups = [
        (item.fact.count, item.fact.signature.canonical(), item.id, item.fact)
        for item in dossier.of("error_group")
        if isinstance(item.fact, ErrorGroup) and item.fact.signature.service == dossier.service
    ]
    if groups:
        *_, name, group = max(groups, key=lambda found: found[:2])
        at = group.signature
        return Failure(
            route=at.route, exception=at.exception, versions=group.versions, first=group.first, found=(name,)
        )
    return _untold(dossier)


def _untold(dossier: Dossier) -> Failure | None:
    """Return the failure of which only recorded requests tell."""
    recorded = [
        (item.fact.failing, item.fact.route, item.id)
        for item in dossier.of("traits")
        if isinstance(item.fact, Traits) and item.fact.service == dossier.service and item.fact.failing >= FEW_ALIKE
    ]
    if not recorded:
        return None
    _, route, name = max(recorded)
    return Failure(route=route, first=dossier.onset, found=(name,))


def weigh(dossier: Dossier, change: Change) -> Charge:
    """Weigh a change of the dossier's service, or of one that it calls."""
    failed, ranked = failure(dossier), _ranked(dossier, change)
    if failed is None:
        return ranked or Charge(verdict="unknown", why=because("no_error_known", service=dossier.service))
    charge = (
        _unlike(dossier, change, failed)
        or _by_traffic(dossier, change, failed)
        or ranked
        or _alone(dossier, change, failed)
    )
    return charge.model_copy(update={"evidence": (*failed.found, *charge.evidence)})


def _ranked(dossier: Dossier, change: Change) -> Charge | None:
    """Weigh a change by its place in the ranking over all services; None where that neither convicts nor clears it."""
    own = {item.id for item in dossier.of("change") if item.fact == change}
    for item in dossier.of("suspicion"):
        fact = item.fact
        if not isinstance(fact, Suspicion) or fact.change not in own:
            continue
        if fact.standing == "cleared":
            return Charge(verdict="innocent", why=because("ranked_innocent"), evidence=(item.id,))
        # One that words alone convict may be named, and is not acted upon.
        if fact.standing == "convicted" and fact.firm:
            why = because("ranked_guilty", confidence=fact.confidence, mechanisms=fact.mechanisms)
            return Charge(verdict="blamed", why=why, evidence=(item.id,))
        if fact.standing == "convicted":
            why = because("ranked_by_texts", mechanisms=fact.mechanisms)
            return Charge(verdict="suspected", why=why, evidence=(item.id,))
    return None


def _unlike(dossier: Dossier, change: Change, failed: Failure) -> Charge | None:
    """Weigh a change by the versions and the time of the errors; None when they do not clear it."""
    own = bool(failed.versions) and change.what == "deploy" and change.service == dossier.service
    why = Reason()
    if own and change.version not in failed.versions:
        why = because("errors_from_others", versions=failed.versions, version=change.version or "")
    elif own and len(failed.versions) > 1:
        why = because("others_raise_it", versions=failed.versions)
    elif failed.exception and failed.first < change.at - dossier.windows.slack:
        why = because("errors_before_it")
    return Charge(verdict="innocent", why=why) if why else None


class _Count(Value):
    requests: int = 0
    errors: int = 0
    found: tuple[str, ...] = ()
    route: str = ""
    told: bool = False
    """True when traits tell the failing kind from others on its route."""

    def signals(self, dossier: Dossier) -> Signals:
        """The counts in the form in which two windows are compared."""
        return Signals(
            service=dossier.service, start=dossier.onset, end=dossier.onset, requests=self.requests, errors=self.errors
        )


def _by_traffic(dossier: Dossier, change: Change, failed: Failure) -> Charge | None:
    """Compare the failing kind of requests before the change, under it and since; None where it was not recorded."""
    recorded, first = _exposures(dossier), cut(dossier, failed)
    since = _count(item for item in recorded if item[1].start >= first)
    if not since.errors:
        return None
    earlier = tuple(item for item in recorded if item[1].end <= first)
    effect = took_effect(dossier, change)
    own = change.what == "deploy" and change.service == dossier.service
    under = _count(item for item in earlier if (item[1].version == change.version if own else item[1].start >= effect))
    before = _count(item for item in earlier if item[1].end <= effect or (own and item[1].version != change.version))
    compared = (*since.found, *under.found, *before.found)
    if (
        under.requests >= ENOUGH_ALIKE
        and _well(under)
        and changes.worse(under.signals(dossier), since.signals(dossier))
    ):
        why = because("served_alike_well", requests=under.requests, errors=under.errors, route=since.route)
        return Charge(verdict="innocent", why=why, evidence=compared)
    if before.requests >= FEW_ALIKE and _well(before):
        why = because("alike_failed_since", before=before.requests, since=since.errors, route=since.route)
        return Charge(verdict="blamed", why=why, evidence=compared)
    if since.told and any(fact.others >= ENOUGH_ALIKE for _, fact in earlier):
        why = because("kind_is_new", route=since.route, before=before.requests, errors=before.errors)
        return Charge(verdict="suspected", why=why, evidence=compared)
    return None


def _well(count: _Count) -> bool:
    return count.errors < SICK_RATE * count.requests


def _count(items: Iterable[tuple[str, Exposure]]) -> _Count:
    found = tuple(items)
    failed = sum(fact.failed for _, fact in found)
    return _Count(
        requests=failed + sum(fact.well for _, fact in found),
        errors=failed,
        found=tuple(name for name, _ in found),
        route=found[0][1].route if found else "",
        told=any(fact.traits for _, fact in found),
    )


def _exposures(dossier: Dossier) -> tuple[tuple[str, Exposure], ...]:
    found = ((item.id, item.fact) for item in dossier.of("exposure"))
    return tuple((name, fact) for name, fact in found if isinstance(fact, Exposure))


def _alone(dossier: Dossier, change: Change, failed: Failure) -> Charge:
    """Weigh a change where no recorded traffic can be compared."""
    if not failed.exception:
        return Charge(verdict="unknown", why=because("no_error_known", service=dossier.service))
    well = _served_well(dossier, change)
    if well is not None:
        item, signals = well
        why = because("served_well_since", requests=signals.requests, errors=signals.errors)
        # Whoever can write a log line can blame any recorded change; one that was in effect and did no harm is innocent.
        return Charge(verdict="innocent", why=why, evidence=(item,))
    seconds = (failed.first - change.at).total_seconds()
    if change.service != dossier.service:
        return Charge(verdict="suspected", why=because("time_alone", seconds=seconds))
    return Charge(verdict="blamed", why=because("errors_after_it", seconds=seconds))


def cut(dossier: Dossier, failed: Failure) -> datetime:
    """Time from which requests count as answered since the failure began."""
    return max(failed.first, dossier.onset - dossier.windows.slack)


def _served_well(dossier: Dossier, change: Change) -> tuple[str, Signals] | None:
    """Window between the change's last effect and the onset in which the whole service was well, or None."""
    since = max([took_effect(dossier, change), *_shifts(dossier, change)]) + dossier.windows.slack
    for item in dossier.of("signals"):
        fact = item.fact
        if not isinstance(fact, Signals) or fact.service != change.service or fact.version is not None:
            continue
        inside = since <= fact.start and fact.end <= dossier.onset
        if inside and fact.requests >= ENOUGH and fact.error_rate < SICK_RATE:
            return item.id, fact
    return None


def took_effect(dossier: Dossier, change: Change) -> datetime:
    """Time of a change's first effect: a deploy does nothing before the first shift of weights after it."""
    return min(_shifts(dossier, change), default=change.at)


def _shifts(dossier: Dossier, change: Change) -> list[datetime]:
    """Times at which weights were shifted between a deploy and the onset; none for other changes."""
    if change.what != "deploy":
        return []
    facts = (item.fact for item in dossier.of("change"))
    shifts = (fact for fact in facts if isinstance(fact, Change) and fact.what == "weights")
    return [
        fact.at
        for fact in shifts
        if fact.service == change.service and change.at <= fact.at <= dossier.onset + dossier.windows.slack
    ]
