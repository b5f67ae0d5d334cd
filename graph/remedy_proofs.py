"""What stands for a proof where the remedy is no patch: that what it goes back to was good, and the way is exact."""

from datetime import datetime, timedelta

from graph import benching
from graph.desk import Desk
from incident.evidence import Change, Dossier, Missing
from incident.remedy import RevertConfig, RollBack
from policies.proof_gate import Inverse, Target

SERVED = timedelta(minutes=10)
"""How far back the target's requests are counted."""


def target(desk: Desk, remedy: RollBack, dossier: Dossier) -> Target | None:
    """How well the version to go back to served until it was replaced; None when that was not recorded."""
    until = _replaced_at(remedy, dossier)
    if until is None:
        return None
    signals = desk.world.metrics.signals(remedy.service, until - SERVED, until, remedy.to_version)
    if isinstance(signals, Missing):
        return None
    return Target(
        served=signals.requests,
        failed=signals.errors,
        schema_fits=_same_schemas(desk, remedy),
        config_fits=not any(change.what == "config" and change.at >= until for change in _changes(dossier)),
    )


def inverse(remedy: RevertConfig, dossier: Dossier) -> Inverse:
    """Whether undoing the change restores exactly what was recorded before it, and it came before the trouble."""
    recorded = [
        change
        for change in _changes(dossier)
        if (change.what, change.key, change.old, change.new) == ("config", remedy.key, remedy.back_to, remedy.now)
    ]
    precedes = any(change.at <= dossier.onset + timedelta(seconds=2) for change in recorded)
    return Inverse(exact=bool(recorded), precedes_onset=precedes)


def _replaced_at(remedy: RollBack, dossier: Dossier) -> datetime | None:
    for change in _changes(dossier):
        pair = (change.version, change.previous)
        if change.what == "deploy" and pair == (remedy.from_version, remedy.to_version):
            return change.at if change.previous_commit == remedy.to_commit else None
    return None


def _same_schemas(desk: Desk, remedy: RollBack) -> bool | None:
    """Whether the files that describe the data are the same at both commits; None without such files."""
    schemas = benching.component(desk, remedy.service).schemas
    running = benching.serving(desk, remedy.service).commit
    repository = desk.world.repository
    try:
        pairs = [(repository.text(running, path), repository.text(remedy.to_commit, path)) for path in schemas]
    except KeyError:
        return None
    return all(now == then for now, then in pairs) if pairs else None


def _changes(dossier: Dossier) -> list[Change]:
    return [
        item.fact for item in dossier.evidence if isinstance(item.fact, Change) and item.fact.service == dossier.service
    ]
