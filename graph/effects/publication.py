"""Publishes the branch of a verified patch and proposes it, where a setting names a remote: two effects of their own.

They come when the incident is healed already, so nothing that fails here changes its ending: it is recorded and told.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Literal

from pydantic import JsonValue

from graph.context import Context
from graph.effects import branch as branches
from graph.effects import perform
from graph.state import Case, State
from incident.errors import SutureError, Unsure
from incident.record import Acted, Intended
from incident.remedy import Patch


def publish(context: Context, state: State) -> None:
    """Publish and propose the healed incident's patch, each at most once; does nothing for other remedies."""
    remote = context.settings.publish_to
    patch = state.plan.remedy if state.plan else None
    if not remote or not isinstance(patch, Patch):
        return
    repository, case = context.world.repository, state.case
    name = branches.name(case)
    title = f"{patch.service}: {patch.summary}"
    told = f"Incident: {case.incident}\nService: {patch.service}\nThe change was proved in a sandbox, on a canary, and verified."
    done = _effect(context, case, "publish", lambda: repository.publish(name, remote))
    if done:
        _effect(
            context,
            case,
            "propose",
            lambda: repository.propose(name, remote, title, told).id,
        )


def _effect(context: Context, case: Case, step: str, act: Callable[[], str]) -> bool:
    """Make one effect, unless it was made or given up before; True when it is done."""
    branch, remote = branches.name(case), context.settings.publish_to
    body: dict[str, JsonValue] = {step: branch, "to": remote}
    key = perform.effect_key(case.incident, case.service, step, body)
    try:
        entry = context.ledger.look(key)
        if entry is not None and entry.outcome is not None:
            return entry.outcome.get("result") == "done"
        perform.guard(context, case)
        if entry is None:
            context.ledger.intend(key, case.incident, body, context.clock.now())
            context.journal.write(step, Intended(key=key, target=branch, change=body))
    except SutureError:
        # Nothing was sent, and an intent that was written says so for ever.
        return False
    try:
        made = act()
    except SutureError as error:
        _conclude(context, key, "unknown" if isinstance(error, Unsure) else "not_done", f"{step}: {error}")
        return False
    _conclude(context, key, "done", f"{branch} is at {remote} as {made[:60]}")
    return True


def _conclude(context: Context, key: str, result: Literal["done", "not_done", "unknown"], detail: str) -> None:
    with suppress(SutureError):
        context.ledger.conclude(key, {"result": result, "detail": detail}, context.clock.now())
        context.journal.write("publication", Acted(key=key, result=result, detail=detail))
