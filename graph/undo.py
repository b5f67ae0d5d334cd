"""Takes a change back, from the state recorded at the resource alone.

It needs the platform and nothing else: no model, no metrics, no lock store, and when ledger or audit
cannot be written it goes on all the same, telling standard error and an emergency file.  The one
thing that stops it is that somebody newer owns the resource.
"""

from collections.abc import Mapping
from contextlib import suppress

from pydantic import JsonValue

from graph import effects
from graph.desk import Desk
from graph.state import Case
from incident.errors import Conflict, Fenced, SutureError, Tampered, Throttled, Unavailable, Unsure
from incident.value import Value
from incident.workload import (
    BEFORE_ANNOTATION,
    EFFECT_ANNOTATION,
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


class Undone(Value):
    """What was taken back, for people, and the steps that ledger and audit do not know of."""

    said: str
    unbooked: tuple[str, ...] = ()


def restore(desk: Desk, case: Case, lease: Lease) -> Undone:
    """Bring the service back to what its annotation says it was.

    Raises Fenced when somebody newer owns it, Unsure when it could not be brought back in time.
    """
    deadline = desk.clock.monotonic() + PATIENCE
    pause = 0.2
    unbooked: list[str] = []
    while True:
        try:
            return Undone(said=_restore(desk, case, lease, unbooked), unbooked=tuple(dict.fromkeys(unbooked)))
        except (Unavailable, Unsure, Conflict) as error:
            left = deadline - desk.clock.monotonic()
            if pause > left:
                raise Unsure(f"{case.service} could not be brought back in {PATIENCE:.0f} s: {error}") from error
            asked = error.after if isinstance(error, Throttled) else 0.0
            desk.clock.sleep(min(max(pause, asked), left))
            pause = min(pause * 2, 5.0)


def _restore(desk: Desk, case: Case, lease: Lease, unbooked: list[str]) -> str:
    workload = desk.world.platform.read(case.service)
    before = effects.before_of(workload)
    if before is None:
        return "nothing had been changed"
    for step, change in _steps(workload, before):
        last = isinstance(change, Annotate | Remove)
        _apply(desk, case, lease, step, change, {BEFORE_ANNOTATION: ""} if last else {}, unbooked)
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
    desk: Desk,
    case: Case,
    lease: Lease,
    step: str,
    change: WorkloadChange,
    annotations: Mapping[str, str],
    unbooked: list[str],
) -> None:
    try:
        effects.perform(desk, case, lease, step, change, annotations=annotations, undoing=True)
    except Throttled:
        raise
    except (Unavailable, Conflict, Tampered) as error:
        # Either the platform or our own books failed.  Only the platform may stop an undo, so try
        # it directly; if it is the one that is down, this raises and the caller tries again.
        workload = desk.world.platform.read(case.service)
        if not effects.owned(workload, lease):
            raise Fenced(f"{case.service} carries token {effects.token_at(workload)}, ours is {lease.token}") from error
        key = effects.key_of(case, step, change)
        note: dict[str, JsonValue] = {"incident": case.incident, "service": case.service, "step": step, "key": key}
        note |= {"change": change.model_dump(mode="json"), "why": f"{error}"}
        desk.emergency.write(desk.clock.now(), "suture", "undoing", note)
        unbooked.append(step)
        if workload.annotations.get(EFFECT_ANNOTATION) != key:
            marks = effects.marked(annotations, key, lease)
            desk.world.platform.change(case.service, change, revision=workload.revision, annotations=marks)
        desk.emergency.write(desk.clock.now(), "suture", "undone", note)
        # Where the ledger is the book that can be written, it shall not show this as in flight for ever.
        with suppress(SutureError, KeyError):
            desk.ledger.conclude(key, {"result": "done", "revision": workload.revision}, desk.clock.now())
