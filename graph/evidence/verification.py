"""By which condition an incident is verified: the alert's own as the world serves it, or one that a person names."""

from graph.config import leave
from graph.context import Context
from graph.state import Case
from incident.alert import Alert
from incident.control import Approval
from incident.evidence import Condition, Measurement, Missing
from policies.gates import reach_gate
from tools import ports
from tools.ports import Row


def own(metrics: ports.Metrics, alert: Alert, service: str) -> Condition | Missing:
    """The condition of an alert about this service.  A rule about another service tells nothing about it."""
    return _about(metrics.rule(alert.name, alert.labels), service)


def named(metrics: ports.Metrics, rule: str, service: str) -> Condition | Missing:
    """The condition of the one rule of this name that the world serves about the service."""
    return _about(metrics.rule(rule, {"service": service}), service)


def settled(context: Context, case: Case, approval: Approval | None) -> Case:
    """The case with the condition that a person named in an answer, where the alert has none of its own."""
    if approval is None or not approval.approved or not approval.verify_by or not case.unserved:
        return case
    found = named(context.world.metrics, approval.verify_by, case.service)
    if isinstance(found, Missing):
        return case
    return case.model_copy(update={"condition": found, "verify_by": found.name})


def severities(alert: Alert, condition: Condition | None) -> tuple[str, ...]:
    """What the alert says of itself, which its sender chose, and what its rule says, which the world's owner did."""
    rule = condition.labels if condition else {}
    words = (labels["severity"] for labels in (alert.labels, rule) if "severity" in labels)
    return tuple(dict.fromkeys(word[:40] for word in words))


def alarms(context: Context, alert: Alert, service: str) -> bool:
    """Whether an alert is one that may be acted upon alone: its rule is served, and it is graded so."""
    found = own(context.world.metrics, alert, service)
    return isinstance(found, Condition) and not reach_gate.ungraded(
        severities(alert, found), context.settings.limits.reach
    )


def handles(context: Context, other: Row, case: Case) -> bool:
    """Whether another incident about the same service may take this one's place.

    What only informs, or what no rule tells of, changes nothing alone: it must not make an alarm end unheard.
    """
    known = leave.opening(other)
    graded = not reach_gate.ungraded(severities(case.alert, case.condition), context.settings.limits.reach)
    if known is None or case.unserved or not graded:
        return True
    return alarms(context, known.case.alert, known.case.service)


def recovered(context: Context, condition: Condition | None) -> bool:
    """True when the condition is inside its threshold on live data and does not fire; not known is not recovered."""
    if condition is None:
        return False
    measured = context.world.metrics.measure(condition)
    return isinstance(measured, Measurement) and not measured.firing and not condition.breached(measured.value)


def _about(found: Condition | Missing, service: str) -> Condition | Missing:
    if isinstance(found, Condition) and found.service != service:
        return Missing(reason=f"the world's rule {found.name} is about {found.service} and not about {service}")
    return found
