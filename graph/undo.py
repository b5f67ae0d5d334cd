"""Takes a change back, from the state recorded at the resource alone.

It needs the platform and nothing else: no model, no metrics, no lock store, and when ledger or audit
cannot be written it goes on all the same, telling standard error and an emergency file.  The one
thing that stops it is that somebody newer owns the resource.
"""

import json
import sys
from collections.abc import Mapping

from graph import effects
from graph.desk import Desk
from graph.state import Case
from incident.errors import Conflict, Tampered, Unavailable, Unsure
from incident.workload import (
    BEFORE_ANNOTATION,
    Annotate,
    Before,
    Configure,
    Remove,
    SetWeights,
    Workload,
    WorkloadChange,
)
from tools.ports import Lease

PATIENCE = 60.0
"""Seconds for which a platform that does not answer is asked again."""


def restore(desk: Desk, case: Case, lease: Lease) -> str:
    """Bring the service back to what its annotation says it was.  Returns what was done, for people.

    Raises Fenced when somebody newer owns it, Unsure when it could not be brought back in time.
    """
    deadline = desk.clock.monotonic() + PATIENCE
    pause = 0.2
    while True:
        try:
            return _restore(desk, case, lease)
        except (Unavailable, Unsure, Conflict) as error:
            if desk.clock.monotonic() + pause > deadline:
                raise Unsure(f"{case.service} could not be brought back in {PATIENCE:.0f} s: {error}") from error
            desk.clock.sleep(pause)
            pause = min(pause * 2, 5.0)


def _restore(desk: Desk, case: Case, lease: Lease) -> str:
    workload = desk.world.platform.read(case.service)
    before = effects.before_of(workload)
    if before is None:
        return "nothing had been changed"
    for step, change in _steps(workload, before):
        last = isinstance(change, Annotate | Remove)
        _apply(desk, case, lease, step, change, {BEFORE_ANNOTATION: ""} if last else {})
    return f"traffic is back on {', '.join(f'{name} {weight} %' for name, weight in before.weights.items() if weight)}"


def _steps(workload: Workload, before: Before) -> list[tuple[str, WorkloadChange]]:
    """Traffic first, because that is what hurts; then configuration; then what we added; then the mark."""
    found: list[tuple[str, WorkloadChange]] = []
    if any(version.weight != before.weights.get(version.name, 0) for version in workload.versions):
        found.append(("undo-weights", SetWeights(weights=before.weights)))
    for name, config in before.config.items():
        version = workload.version(name)
        for key, value in config.items():
            if version is not None and version.config.get(key) != value:
                found.append((f"undo-config-{key}", Configure(version=name, key=key, value=value)))
    if before.canary and workload.version(before.canary) is not None:
        found.append(("undo-remove", Remove(version=before.canary)))
    else:
        found.append(("undo-done", Annotate()))
    return found


def _apply(
    desk: Desk, case: Case, lease: Lease, step: str, change: WorkloadChange, annotations: Mapping[str, str]
) -> None:
    try:
        effects.perform(desk, case, lease, step, change, annotations=annotations, undoing=True)
    except (Unavailable, Conflict, Tampered) as error:
        # Either the platform or our own books failed.  Only the platform may stop an undo, so try
        # it directly; if it is the one that is down, this raises and the caller tries again.
        _tell(desk, case, f"{step} without the books: {error}")
        workload = desk.world.platform.read(case.service)
        if effects.owned(workload, lease):
            desk.world.platform.change(case.service, change, revision=workload.revision, annotations=dict(annotations))


def _tell(desk: Desk, case: Case, text: str) -> None:
    line = json.dumps({"at": desk.clock.now().isoformat(), "incident": case.incident, "undo": text})
    sys.stderr.write(line + "\n")
    desk.notify.tell("undo without the books", {"incident": case.incident, "service": case.service, "text": text})
