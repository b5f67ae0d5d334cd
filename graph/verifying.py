"""By which condition an incident is verified: the alert's own as the world serves it, or one that a person names."""

from graph.desk import Desk
from graph.state import Case
from incident.alert import Alert
from incident.control import Approval
from incident.evidence import Condition, Missing
from tools import ports


def own(metrics: ports.Metrics, alert: Alert, service: str) -> Condition | Missing:
    """The condition of an alert about this service.  A rule about another service tells nothing about it."""
    return _about(metrics.rule(alert.name, alert.labels), service)


def named(metrics: ports.Metrics, rule: str, service: str) -> Condition | Missing:
    """The condition of the one rule of this name that the world serves about the service."""
    return _about(metrics.rule(rule, {"service": service}), service)


def settled(desk: Desk, case: Case, approval: Approval | None) -> Case:
    """The case with the condition that a person named in an answer, where the alert has none of its own."""
    if approval is None or not approval.approved or not approval.verify_by or not case.unserved:
        return case
    found = named(desk.world.metrics, approval.verify_by, case.service)
    if isinstance(found, Missing):
        return case
    return case.model_copy(update={"condition": found, "verify_by": found.name})


def _about(found: Condition | Missing, service: str) -> Condition | Missing:
    if isinstance(found, Condition) and found.service != service:
        return Missing(reason=f"the world's rule {found.name} is about {found.service} and not about {service}")
    return found
