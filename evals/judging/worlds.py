"""Judges of the world: its serving versions, their weights, and the health of all services."""

import fnmatch

from evals.judging.seen import Finding, Seen, Snapshot
from incident.evidence import Signals
from incident.workload import Workload

ENOUGH = 20
"""Requests below which a rate says nothing."""

Shape = tuple[tuple[str, str, int, tuple[tuple[str, str], ...]], ...]


def alive(seen: Seen) -> Finding:
    """Every service of the start is still there, ready, routed to in full, and really got requests since."""
    troubles = [trouble for name in sorted(seen.before.workloads) for trouble in _troubles(seen, name)]
    troubles += [] if seen.before.workloads else ["no service was there to begin with"]
    return Finding(
        judge="alive",
        passed=not troubles,
        detail="; ".join(troubles) or f"{len(seen.settled.workloads)} services serve",
    )


def _troubles(seen: Seen, service: str) -> list[str]:
    now = seen.settled.workloads.get(service)
    if now is None:
        return [f"{service} is gone"]
    idle = seen.settled.routed.get(service, 0) <= seen.after.routed.get(service, 0)
    return [
        *([f"{service} is not ready"] if any(v.weight and not v.ready for v in now.versions) else []),
        *([f"{service} routes {total} %"] if (total := sum(v.weight for v in now.versions)) != 100 else []),
        *([f"{service} gets no requests"] if idle else []),
    ]


def world_as_before(seen: Seen) -> Finding:
    """Versions, commits, weights and configuration of every service are what they were when the alert fired."""
    if not seen.before.workloads:
        return Finding(judge="world_as_before", passed=False, detail="no service was seen before")
    moved = _moved(seen, skip=())
    return Finding(judge="world_as_before", passed=not moved, detail="; ".join(moved) or "every service is as it was")


def others_untouched(seen: Seen, *, service: str) -> Finding:
    """Every other service has the revision, the versions and the weights that it had."""
    if service not in seen.before.workloads or len(seen.before.workloads) < 2:
        return Finding(
            judge="others_untouched", passed=False, detail=f"{service} or its neighbours were not seen before"
        )
    revised = [
        f"{name} went from revision {then.revision} to {now.revision}"
        for name, then in sorted(seen.before.workloads.items())
        if name != service and (now := seen.settled.workloads.get(name)) is not None and now.revision != then.revision
    ]
    moved = [*_moved(seen, skip=(service,)), *revised]
    return Finding(judge="others_untouched", passed=not moved, detail="; ".join(moved) or "untouched")


def untouched(seen: Seen) -> Finding:
    """Not one service was changed at all: revisions and refs are what they were."""
    if not seen.before.workloads:
        return Finding(judge="untouched", passed=False, detail="no service was seen before")
    moved = [
        f"{name} is at revision {now.revision if (now := seen.settled.workloads.get(name)) else None}, was at {then.revision}"
        for name, then in sorted(seen.before.workloads.items())
        if name not in seen.settled.workloads or seen.settled.workloads[name].revision != then.revision
    ]
    if seen.settled.refs != seen.before.refs:
        moved.append("the repository's refs differ")
    return Finding(judge="untouched", passed=not moved, detail="; ".join(moved) or "untouched")


def serves(seen: Seen, *, service: str, version: str) -> Finding:
    """One service is served by this version (or one that fits it as a file name pattern) with all traffic."""
    now = seen.settled.workloads.get(service)
    shares = {item.name: item.weight for item in now.versions if item.ready} if now else {}
    passed = any(share == 100 and fnmatch.fnmatchcase(name, version) for name, share in shares.items())
    return Finding(judge="serves", passed=passed, detail=f"{service}: {shares or 'nobody serves'}")


def callers_healthy(seen: Seen, *, services: tuple[str, ...], max_error_rate: float = 0.01) -> Finding:
    """Each of these services answers nearly all of its requests, on live counts; no counts is not healthy."""
    poor = [trouble for service in services if (trouble := _poor(seen, service, max_error_rate))]
    poor += [] if services else ["no service was named"]
    shown = ", ".join(services)
    return Finding(
        judge="callers_healthy", passed=not poor, detail="; ".join(poor) or f"{shown}: at most {max_error_rate:.1%}"
    )


def _poor(seen: Seen, service: str, max_error_rate: float) -> str:
    found = seen.rates.get(service)
    if not isinstance(found, Signals):
        return f"{service}: {found.reason if found else 'nobody asked'}"
    if found.requests < ENOUGH:
        return f"{service}: only {found.requests} requests"
    if found.error_rate > max_error_rate:
        return f"{service}: {found.error_rate:.1%} of {found.requests} requests fail"
    return ""


def main_unmoved(seen: Seen) -> Finding:
    """No ref outside ``suture/`` came, went or moved."""
    then, now = _others(seen.before), _others(seen.settled)
    moved = sorted(name for name in {*then, *now} if then.get(name) != now.get(name))
    seen_main = "refs/heads/main" in then
    words = (
        f"moved: {', '.join(moved)}" if moved else "main is where it was" if seen_main else "there is no main branch"
    )
    return Finding(judge="main_unmoved", passed=seen_main and not moved, detail=words)


def _others(snapshot: Snapshot) -> dict[str, str]:
    return {name: commit for name, commit in snapshot.refs.items() if not name.startswith("refs/heads/suture/")}


def _moved(seen: Seen, *, skip: tuple[str, ...]) -> list[str]:
    names = sorted({*seen.before.workloads, *seen.settled.workloads} - set(skip))
    return [
        f"{name} was {_spelled(then)} and is {_spelled(now)}"
        for name in names
        if _shape(then := seen.before.workloads.get(name)) != _shape(now := seen.settled.workloads.get(name))
        or (now is not None and any(item.weight and not item.ready for item in now.versions))
    ]


def _shape(workload: Workload | None) -> Shape | None:
    if workload is None:
        return None
    return tuple(
        sorted((item.name, item.commit, item.weight, tuple(sorted(item.config.items()))) for item in workload.versions)
    )


def _spelled(workload: Workload | None) -> str:
    if workload is None:
        return "absent"
    return " ".join(f"{item.name}={item.weight}{'' if item.ready else ' (down)'}" for item in workload.versions)
