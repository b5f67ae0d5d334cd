"""Changes of the world, each exactly once: `perform` makes one, `fence` takes the resource before the first.

The intent is written and synced first; the change carries the intent's key and the revision that was read; the
outcome is written afterwards.  After a crash an intent without outcome is settled by asking the world whether
the resource carries the key.
"""

import hashlib
from collections.abc import Mapping
from typing import Literal

from pydantic import JsonValue

from graph.context import Context
from graph.reports.vocabulary import sentence
from graph.state import Case
from incident.errors import Conflict, Fenced, Halted, Tampered, Throttled, Unsure
from incident.evidence import Missing
from incident.record import Acted, Intended
from incident.value import encode
from incident.workload import Annotate, Before, Effect, Workload, WorkloadChange
from policies.gates import autonomy
from tools.ports import Entry, Lease

PAUSE_SECONDS = 600
"""Seconds that an effect waits for a person who paused the incident."""

THROTTLED_SECONDS = 20.0
"""Seconds that one effect waits in all for a platform that throttles; then its node runs again."""

LEAST_PAUSE = 0.1
"""Seconds before a write is sent again; doubled for each try."""

GoBack = Before | Literal["kept", "dropped"]
"""State to go back to that a change writes; or it keeps the one that stands there, or drops it."""

TRIES = 4
"""Tries of a conditional write when something else changed the resource meanwhile."""


def fence(context: Context, case: Case, service: str, lease: Lease, *, undoing: bool = False) -> Workload:
    """Write our token and grant to the resource, before anything is read to act upon; return the resource.

    Raises Fenced when a larger token is there.
    """
    for _ in range(TRIES):
        workload = context.world.platform.read(service)
        if owned(workload, lease):
            return workload
        if token_at(workload) >= lease.token:
            # A store that lost its data may give a number twice, so an equal one of another grant is refused, too.
            raise Fenced(f"{service} carries token {token_at(workload)}, ours is {lease.token}")
        if not undoing:
            guard(context, case)
        context.lease_keeper.check(lease)
        try:
            return context.world.platform.change(
                service,
                Annotate(),
                revision=workload.revision,
                effect=_taken(workload, case, lease),
            )
        except (Conflict, Unsure):
            # Writing the token twice does no harm, so the next read tells what happened.
            continue
    raise Unsure(f"the lock on {service} could not be written to it in {TRIES} tries")


def perform(
    context: Context,
    case: Case,
    lease: Lease,
    step: str,
    change: WorkloadChange,
    *,
    before: GoBack = "kept",
    undoing: bool = False,
) -> Workload:
    """Make one change to the case's service exactly once, however often this is called.

    `before` says what becomes of the state to go back to.  `undoing` exempts it from kill switch, pause and autonomy, never from ownership.
    Raises Fenced, Halted, Unsure, Unavailable.
    """
    service = case.service
    body: dict[str, JsonValue] = change.model_dump(mode="json")
    key = key_of(case, step, change)
    entry = context.ledger.look(key)
    if entry is not None and entry.outcome is not None:
        # Concluded before: a resumed run comes by here again, and must not make the change a second time.
        not_given_up(entry, step)
        return context.world.platform.read(service)
    workload = read_owned(context, service, lease)
    if entry is not None and effect_at(workload).key == key:
        return _conclude(context, key, workload, "found", f"{step}: it had been done before the interruption")
    if not undoing:
        guard(context, case)
        context.lease_keeper.check(lease)
    if entry is None:
        intent: dict[str, JsonValue] = {"service": service, "step": step, "change": body, "token": lease.token}
        context.ledger.intend(key, case.incident, intent, context.clock.now())
        context.journal.write(step, Intended(key=key, target=service, change=body))
    done = _write(context, case, lease, change, key, before, undoing=undoing)
    return _conclude(context, key, done, "done", step)


def _write(
    context: Context,
    case: Case,
    lease: Lease,
    change: WorkloadChange,
    key: str,
    before: GoBack,
    *,
    undoing: bool,
) -> Workload:
    """Write conditionally; on a conflict or a lost answer read again, to see what happened.

    A platform that throttles has done nothing, so that counts as no try: after the pause that it asks for, the
    same effect is sent again, if owner and switches still allow it.
    """
    service = case.service
    patience = context.clock.monotonic() + THROTTLED_SECONDS
    attempt, lost_at = 0, ""
    while attempt < TRIES:
        workload = read_owned(context, service, lease)
        # Only behind a try of ours: what stood there before was settled by `perform`.
        if attempt and effect_at(workload).key == key:
            return workload
        if not undoing:
            context.lease_keeper.check(lease)
            _last_word(context, case, lost=lost_at == workload.revision)
        try:
            effect = marked(workload, case, lease, key, before)
            return context.world.platform.change(service, change, revision=workload.revision, effect=effect)
        except Throttled as error:
            if context.clock.monotonic() + error.after > patience:
                raise
            context.clock.sleep(error.after or LEAST_PAUSE)
        except (Conflict, Unsure) as error:
            lost_at = workload.revision if isinstance(error, Unsure) else lost_at
            context.clock.sleep(LEAST_PAUSE * 2**attempt)
            attempt += 1
    raise Unsure(f"{change.kind} on {service} could not be settled in {TRIES} tries")


def read_owned(context: Context, service: str, lease: Lease) -> Workload:
    """Return the resource as it is now.  Raises Fenced when another grant took it last."""
    workload = context.world.platform.read(service)
    if not owned(workload, lease):
        raise Fenced(f"{service} carries token {token_at(workload)}, ours is {lease.token}")
    return workload


def _conclude(context: Context, key: str, workload: Workload, result: str, detail: str) -> Workload:
    try:
        context.ledger.conclude(key, {"result": result, "revision": workload.revision}, context.clock.now())
    except KeyError as error:
        raise Tampered(f"the ledger has lost what was intended ({detail}): an older copy was put back") from error
    context.journal.write("effect", Acted(key=key, result="found" if result == "found" else "done", detail=detail))
    return workload


def guard(context: Context, case: Case) -> None:
    """Check before an effect that it may happen.  Raises Halted with the reason.

    While a person pauses the incident the effect waits, as long as a pause may last; the policy is asked every
    second meanwhile, and recorded when its facts change.  Raises Tampered, naming the place, when the record was
    changed or the stores were replaced, and Superseded when another process works on the incident.
    """
    asked: autonomy.Facts | None = None
    for _ in range(PAUSE_SECONDS):
        facts = _switches(context, case)
        if facts != asked:
            verdict = context.journal.decide("effect", autonomy.POLICY, facts).verdict
            asked = facts
        if verdict.kind == "allow":
            context.audit.verify()
            context.hold.may_act()
            return
        if verdict.kind == "deny" or not facts.control.paused:
            raise Halted(sentence(verdict.reason))
        context.clock.sleep(1.0)
    raise Halted(f"paused for more than {PAUSE_SECONDS} s")


def _last_word(context: Context, case: Case, *, lost: bool) -> None:
    """Check the switches once more, right before the write: intent and retries take time.

    Raises Halted; Unsure when an earlier try was `lost` and may still arrive, because its revision still holds;
    Superseded and Tampered as :func:`guard` does.
    """
    context.hold.may_act()
    facts = _switches(context, case)
    if autonomy.may_act(facts).verdict.kind == "deny":
        reason = sentence(context.journal.decide("effect", autonomy.POLICY, facts).verdict.reason)
        raise Unsure(f"{reason}; the answer to an earlier try was lost") if lost else Halted(reason)


def give_up(context: Context, case: Case, why: str) -> None:
    """Conclude an effect that will not be made any more, by asking the world.

    It stays open when the world or the stores do not answer.
    """
    # Effects come one after the other, so only the newest intent can be open.
    entry = next(reversed(context.ledger.entries(case.incident)), None)
    if entry is None or entry.outcome is not None:
        return
    result, found = _became(context, case, entry)
    context.ledger.conclude(entry.key, found or {"result": result, "detail": why}, context.clock.now())
    context.journal.write("effect", Acted(key=entry.key, result=result, detail=why))


def _became(
    context: Context, case: Case, entry: Entry
) -> tuple[Literal["found", "not_done", "unknown"], dict[str, JsonValue]]:
    """Return the result of an intent, and its outcome where it was found to be done."""
    branch = entry.intent.get("branch")
    if branch is not None:
        made = context.world.repository.branch(str(branch))
        return ("found", {"commit": made}) if made else ("not_done", {})
    workload = context.world.platform.read(case.service)
    if effect_at(workload).key == entry.key:
        return "found", {"result": "found", "revision": workload.revision}
    # A later holder of the resource may have replaced our mark by its own.
    return ("not_done" if token_at(workload) == entry.intent.get("token") else "unknown"), {}


def not_given_up(entry: Entry, step: str) -> None:
    """Raise Halted for an effect that was given up, which is never made later."""
    if entry.outcome is not None and entry.outcome.get("result") in ("not_done", "unknown"):
        raise Halted(f"{step} was given up: {entry.outcome.get('detail')}")


def _switches(context: Context, case: Case) -> autonomy.Facts:
    settings = context.settings
    control = context.incidents.control(case.incident)
    return autonomy.Facts(control=control, autonomy=settings.autonomy, dry_run=settings.dry_run)


def last(context: Context, workload: Workload) -> Entry | None:
    """Return the ledger's entry of the last effect at the resource; None when it was none of ours."""
    return context.ledger.look(effect_at(workload).key)


def owned(workload: Workload, lease: Lease) -> bool:
    """True when this very grant took the resource last."""
    effect = effect_at(workload)
    return (effect.token, effect.grant) == (lease.token, lease.grant)


def token_at(workload: Workload) -> int:
    """Return the largest fencing token that took the resource; 0 when none did."""
    return effect_at(workload).token


def before_of(workload: Workload) -> Before | None:
    """Return the state to go back to, as recorded at the resource; None when it carries no mark."""
    return effect_at(workload).before


def effect_at(workload: Workload) -> Effect:
    """Return what stands at the resource about us.  Raises Fenced for what is not of our writing."""
    if isinstance(workload.effect, Missing):
        raise Fenced(f"{workload.service} carries a mark that cannot be read: {workload.effect.reason}")
    return workload.effect


def key_of(case: Case, step: str, change: WorkloadChange) -> str:
    """Return the key of one change to the case's service; what was taken back and is made again is another one."""
    again = f"{step} {case.taken_back + 1}" if case.taken_back else step
    return effect_key(case.incident, case.service, again, change.model_dump(mode="json"))


def marked(workload: Workload, case: Case, lease: Lease, key: str, before: GoBack) -> Effect:
    """Return the effect that a change leaves at the resource, by which it is found again."""
    taken = _taken(workload, case, lease)
    if before == "kept":
        return taken.model_copy(update={"key": key})
    return taken.model_copy(update={"key": key, "before": None if before == "dropped" else before})


def _taken(workload: Workload, case: Case, lease: Lease) -> Effect:
    """Return the effect that stands there, with our token, grant and incident."""
    ours = {"token": lease.token, "grant": lease.grant, "incident": case.incident}
    return effect_at(workload).model_copy(update=ours)


def effect_key(incident: str, service: str, step: str, change: Mapping[str, JsonValue]) -> str:
    """Return the key of an effect: 32 hexadecimal characters, the same for the same step of the same incident."""
    return hashlib.sha256(encode([incident, service, step, dict(change)])).hexdigest()[:32]
