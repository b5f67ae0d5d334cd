"""Undo of a change, from the state recorded at the resource alone; or settlement of one that healed.

It needs the platform and nothing else: no model, no metrics, no lock store.  When ledger or audit fail it goes on
all the same, and writes to standard error and an emergency file.  Only a newer owner of the resource stops it.
"""

from pydantic import JsonValue

from graph.context import Context
from graph.effects import perform, settling
from graph.state import Case
from incident.errors import Fenced, Throttled, Unsure
from incident.value import Value
from incident.workload import Annotate, Before, Configure, Remove, SetWeights, Workload, WorkloadChange
from tools import attempt
from tools.ports import Lease

NOTHING = "no mark of a change stood at it"

PATIENCE = 60.0
"""Seconds for which a platform that does not answer is asked again."""


class Undone(Value):
    """Result of an undo: a sentence for people, and the steps that ledger and audit do not know of."""

    said: str
    unrecorded: tuple[str, ...] = ()


def restore(context: Context, case: Case, lease: Lease, name: str = "undo") -> Undone:
    """Bring the service back to the state that its mark holds.

    `name` begins the names of the steps: taking back the change of another incident is another effect than taking
    back one's own.  Raises Fenced when somebody newer owns it, Unsure when it could not be brought back in time.
    """
    deadline = context.clock.monotonic() + PATIENCE
    pause = 0.2
    unrecorded: list[str] = []
    while True:
        done = attempt.run(lambda: _restore(context, case, lease, name, unrecorded))
        if isinstance(done, str):
            return Undone(said=done, unrecorded=tuple(dict.fromkeys(unrecorded)))
        if isinstance(done, Fenced):
            raise done
        # What it failed for may be descriptors or memory of this very process.
        context.room.make()
        left = deadline - context.clock.monotonic()
        if pause > left:
            said = attempt.sentence(done)
            raise Unsure(f"{case.service} could not be brought back in {PATIENCE:.0f} s: {said}") from done
        asked = done.after if isinstance(done, Throttled) else 0.0
        context.clock.sleep(min(max(pause, asked), left))
        pause = min(pause * 2, 5.0)


def settle(context: Context, case: Case, lease: Lease, replaced: str) -> Undone:
    """After a heal, remove the version that was replaced, if any, and our mark.

    Raises Fenced, and the platform's errors.
    """
    unrecorded: list[str] = []
    change: WorkloadChange = Remove(version=replaced) if replaced else Annotate()
    _apply(context, case, lease, "settle", change, "dropped", unrecorded)
    return Undone(said="it stays", unrecorded=tuple(unrecorded))


def begun(case: Case, workload: Workload, added: str) -> bool:
    """True when the last effect at the resource is this incident's own undo: then nothing may be widened again.

    `added` is the version that the incident added, empty when it added none.
    """
    steps: list[tuple[str, WorkloadChange]] = [("undo-done", Annotate())]
    if added:
        steps.append(("undo-remove", Remove(version=added)))
    before = perform.before_of(workload)
    if before is not None:
        steps.append(("undo-weights", SetWeights(weights=before.weights)))
        steps += [
            (f"undo-config-{key}", Configure(version=name, key=key, value=value))
            for name, config in before.config.items()
            for key, value in config.items()
        ]
    last = perform.effect_at(workload).key
    return any(perform.key_of(case, step, change) == last for step, change in steps)


def _restore(context: Context, case: Case, lease: Lease, name: str, unrecorded: list[str]) -> str:
    workload = context.world.platform.read(case.service)
    before = perform.before_of(workload)
    if before is None:
        return NOTHING
    for step, change in _steps(workload, before):
        last = isinstance(change, Annotate | Remove)
        _apply(context, case, lease, f"{name}-{step}", change, "dropped" if last else "kept", unrecorded)
    return f"traffic is back on {', '.join(f'{name} {weight} %' for name, weight in before.weights.items() if weight)}"


def _steps(workload: Workload, before: Before) -> list[tuple[str, WorkloadChange]]:
    """Steps of an undo: traffic, then configuration, then the version that we added, then the mark."""
    # Traffic comes first because users feel it; the mark goes last, so that a crash between leaves it to undo by.
    found: list[tuple[str, WorkloadChange]] = []
    if any(version.weight != before.weights.get(version.name, 0) for version in workload.versions):
        found.append(("weights", SetWeights(weights=before.weights)))
    for name, config in before.config.items():
        version = workload.version(name)
        for key, value in config.items():
            if version is not None and version.config.get(key) != value:
                found.append((f"config-{key}", Configure(version=name, key=key, value=value)))
    if before.canary and workload.version(before.canary) is not None:
        found.append(("remove", Remove(version=before.canary)))
    else:
        found.append(("done", Annotate()))
    return found


def _apply(
    context: Context,
    case: Case,
    lease: Lease,
    step: str,
    change: WorkloadChange,
    before: perform.GoBack,
    unrecorded: list[str],
) -> None:
    done = attempt.run(lambda: perform.perform(context, case, lease, step, change, before=before, undoing=True))
    if isinstance(done, Fenced | Throttled):
        raise done
    if isinstance(done, Exception):
        # Either the platform or our own stores failed.  Only the platform may stop an undo, so try
        # it directly; if it is the one that is down, this raises and the caller tries again.
        _unrecorded(context, case, lease, step, change, before, unrecorded, why=attempt.sentence(done))
    elif not _made(done, change, before):
        # The same step was made and recorded once before, for another change; the world is what counts.
        why = "the ledger has it from an earlier time"
        _unrecorded(context, case, lease, step, change, before, unrecorded, why=why)
    settling.wait(context, case, lease, perform.effect_at(context.world.platform.read(case.service)).key, undoing=True)


def _made(workload: Workload, change: WorkloadChange, before: perform.GoBack) -> bool:
    """True when the resource is as this step leaves it."""
    match change:
        case SetWeights():
            return all(version.weight == change.weights.get(version.name, 0) for version in workload.versions)
        case Configure():
            version = workload.version(change.version)
            return version is None or version.config.get(change.key) == change.value
        case Remove():
            gone = workload.version(change.version) is None
        case _:
            gone = True
    return gone and (before != "dropped" or perform.before_of(workload) is None)


def _unrecorded(
    context: Context,
    case: Case,
    lease: Lease,
    step: str,
    change: WorkloadChange,
    before: perform.GoBack,
    unrecorded: list[str],
    *,
    why: str,
) -> None:
    workload = perform.read_owned(context, case.service, lease)
    key = perform.key_of(case, step, change)
    note: dict[str, JsonValue] = {"incident": case.incident, "service": case.service, "step": step, "key": key}
    note |= {"change": change.model_dump(mode="json"), "why": why}
    attempt.failure(lambda: context.emergency.write(context.clock.now(), "suture", "undoing", note))
    unrecorded.append(step)
    if not _made(workload, change, before):
        effect = perform.marked(workload, case, lease, key, before)
        context.world.platform.change(case.service, change, revision=workload.revision, effect=effect)
    attempt.failure(lambda: context.emergency.write(context.clock.now(), "suture", "undone", note))
    # Where the ledger can be written, it must not show this as in flight for ever.
    attempt.failure(
        lambda: context.ledger.conclude(key, {"result": "done", "revision": workload.revision}, context.clock.now())
    )
