"""Takes the alert in: journals it, finds its condition, and ends a false alarm."""

from typing import Any

from langgraph.runtime import Runtime

from graph.context import Context
from graph.evidence import counts, verification
from graph.state import State, changes, ended
from incident.ending import Outcome
from incident.evidence import Missing
from incident.record import Received
from incident.windows import UNRULED
from policies.diagnosis import triage


def intake(state: State, runtime: Runtime[Context]) -> dict[str, Any]:
    """Journal the alert, find its own condition, and end here when it is a false alarm."""
    context, case = runtime.context, state.case
    context.journal.write(
        "intake",
        Received(
            payload=case.payload,
            world=context.world.name,
            autonomy=context.settings.autonomy,
            model=context.models.name,
            now=context.clock.now(),
        ),
    )
    condition = verification.own(context.world.metrics, case.alert, case.service)
    now = context.clock.now()
    known = None if isinstance(condition, Missing) else condition
    measurement = Missing(reason="no condition") if known is None else context.world.metrics.measure(known)
    window = known.windows.window if known else UNRULED.window
    decision = context.journal.decide(
        "intake",
        triage.POLICY,
        triage.Facts(
            firing=case.alert.status == "firing",
            condition=condition,
            measurement=measurement,
            signals=counts.signals(context.world.metrics, case.service, now - window, now),
            limits=context.settings.limits.triage,
        ),
    )
    # Known from the start: without a rule a fix can never be verified, so nothing may be changed for the alert.
    unserved = condition.reason if isinstance(condition, Missing) else ""
    found = case.model_copy(update={"condition": known, "unserved": unserved})
    if decision.choice == "no_action":
        return changes(case=found, ending=ended(Outcome.NO_ACTION, decision.verdict.reason))
    return changes(case=found)
