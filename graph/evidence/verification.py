"""Condition that an incident is verified by: the alert's own as the world serves it, or one that a person names."""

from graph.config import leave
from graph.context import Context
from graph.state import Case
from incident.alert import Alert
from incident.control import Approval
from incident.evidence import Condition, Missing
from incident.record import Recovered
from policies.gates import reach_gate
from tools import ports
from tools.ports import Row


def own(metrics: ports.Metrics, alert: Alert, service: str) -> Condition | Missing:
    """Return the condition of an alert about this service; Missing when its rule is about another service."""
    # A rule is found by its service, which an alert may name by a pod or in another spelling only.
    labels = alert.labels if service in alert.labels.values() else {**alert.labels, "service": service}
    return _about(metrics.rule(alert.name, labels), service)


def named(metrics: ports.Metrics, rule: str, service: str) -> Condition | Missing:
    """Return the condition of the one rule of this name that the world serves about the service."""
    return _about(metrics.rule(rule, {"service": service}), service)


def settled(context: Context, case: Case, approval: Approval | None) -> Case:
    """Return the case with the condition that a person named in an answer, where the alert has none of its own."""
    if approval is None or not approval.approved or not approval.verify_by or not case.unserved:
        return case
    found = named(context.world.metrics, approval.verify_by, case.service)
    if isinstance(found, Missing):
        return case
    return case.model_copy(update={"condition": found, "verify_by": found.name})


def severities(alert: Alert, condition: Condition | None) -> tuple[str, ...]:
    """Return the severities of the alert and of its rule, each once."""
    # The sender chose the alert's label and the world's owner the rule's, so both are judged.
    rule = condition.labels if condition else {}
    words = (labels["severity"] for labels in (alert.labels, rule) if "severity" in labels)
    return tuple(dict.fromkeys(word[:40] for word in words))


def alarms(context: Context, alert: Alert, service: str) -> bool:
    """True when an alert may be acted upon alone: its rule is served, and its severity allows it."""
    found = own(context.world.metrics, alert, service)
    return isinstance(found, Condition) and not reach_gate.ungraded(
        severities(alert, found), context.settings.limits.reach
    )


def handles(context: Context, other: Row, case: Case) -> bool:
    """True when another incident about the same service may take this one's place.

    An alert that only informs, or that has no rule, changes nothing alone: an alarm must not end because of it.
    """
    known = leave.opening(other)
    graded = not reach_gate.ungraded(severities(case.alert, case.condition), context.settings.limits.reach)
    if known is None or case.unserved or not graded:
        return True
    return alarms(context, known.case.alert, known.case.service)


def recovered(context: Context, condition: Condition | None, node: str) -> bool:
    """True when the condition is inside its threshold on live data and does not fire; not known is not recovered.

    The reading is journaled when it is: an incident may end by it.
    """
    if condition is None:
        return False
    measured = context.world.metrics.measure(condition)
    if isinstance(measured, Missing) or measured.firing or condition.breached(measured.value):
        return False
    context.journal.write(node, Recovered(condition=condition, measurement=measured))
    return True


def _about(found: Condition | Missing, service: str) -> Condition | Missing:
    if isinstance(found, Condition) and found.service != service:
        return Missing(reason=f"the world's rule {found.name} is about {found.service} and not about {service}")
    return found
