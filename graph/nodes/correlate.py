"""Correlates alerts: finds the sick service behind them, and the alerts that belong to it."""

from collections.abc import Mapping
from typing import Any

from langgraph.runtime import Runtime

from graph.context import Context
from graph.evidence import naming, verification
from graph.evidence.traces import followed
from graph.state import Case, Inquiry, State, changes, ended
from incident import subject
from incident.ending import Outcome
from incident.evidence import FailingTrace, Missing, Neighbours
from policies.diagnosis import correlate as policy

TRACES = 40
"""Failing traces that are followed; a majority needs no more."""


def correlate(state: State, runtime: Runtime[Context]) -> dict[str, Any]:
    """Follow failing requests to the service where they fail, and end here when another incident handles it."""
    context, case = runtime.context, state.case
    alerting = _alerting(context, state)
    traces = _failing(context, case.service, alerting, state)
    neighbours = _neighbours(context, (*alerting, *(trace.deepest for trace in traces)))
    decision = context.journal.decide(
        "correlate",
        policy.POLICY,
        policy.Facts(
            alerting=alerting,
            neighbours=neighbours,
            traces=traces,
            open=tuple(
                (row.id, row.service)
                for row in context.incidents.rows()
                if row.status == "open"
                and row.world == case.world
                and row.id != case.incident
                and context.incidents.alive(row)
                and verification.handles(context, row, case)
            ),
        ),
    )
    if decision.verdict.kind == "deny":
        return changes(ending=ended(Outcome.NO_ACTION, decision.verdict.reason))
    root = decision.result.service
    own = next((item for item in neighbours if item.service == root), None)
    found = case.model_copy(update={"service": root, "members": decision.result.members})
    return changes(case=_led(context, found), inquiry=Inquiry(neighbours=own, path=decision.result.path))


def _led(context: Context, case: Case) -> Case:
    """Return the case led by the root's own alert, where the payload has one with a rule that the world serves."""
    known = naming.known(context.world)
    for alert in case.payload.firing():
        if _named(context, alert.labels, known) == case.service:
            condition = verification.own(context.world.metrics, alert, case.service)
            if not isinstance(condition, Missing):
                return case.model_copy(update={"alert": alert, "condition": condition, "unserved": ""})
    return case


def _alerting(context: Context, state: State) -> tuple[str, ...]:
    known = naming.known(context.world)
    names = [state.case.service]
    for labels in (*(alert.labels for alert in state.case.payload.firing()), *context.world.metrics.firing()):
        name = _named(context, labels, known)
        names += [] if name is None else [name]
    return tuple(dict.fromkeys(names))


def _named(context: Context, labels: Mapping[str, str], known: subject.Known) -> str | None:
    """Return the one service that an alert's labels name; None without one."""
    found = subject.of(labels, known, context.settings.service_labels)
    return found.service if isinstance(found, subject.Named) else None


def _failing(context: Context, service: str, alerting: tuple[str, ...], state: State) -> tuple[FailingTrace, ...]:
    end = context.clock.now()
    times = state.case.windows
    start = times.recent(state.case.alert.starts_at - times.lookback, end)
    found: dict[str, FailingTrace] = {}
    for name in dict.fromkeys((service, *alerting)):
        for spans in context.world.traces.failing(name, start, end, TRACES):
            trace = followed(spans)
            if trace is not None:
                found[trace.trace_id] = trace
    return tuple(found.values())


def _neighbours(context: Context, services: tuple[str, ...]) -> tuple[Neighbours, ...]:
    answers = (context.world.traces.neighbours(name) for name in dict.fromkeys(services))
    return tuple(answer for answer in answers if not isinstance(answer, Missing))
