"""Remains of an incident that cannot be resumed: the change that it left at its service, and its undo.

Its state is lost, so everything comes from the resource: the state to go back to is recorded there, and the ledger
must show that this incident wrote it.
"""

from graph.context import Context
from graph.effects import perform, undo
from graph.effects.service_lock import scoped
from graph.state import Case
from incident.alert import Alert, Payload
from incident.errors import SutureError
from tools import ports

NOTHING = "nothing of it stands at its service"


def take_back(context: Context, row: ports.Row) -> str:
    """Bring the service back if it carries a change of this incident; return the result in words."""
    entries = context.ledger.entries(row.id)
    service = next((str(entry.intent["service"]) for entry in reversed(entries) if "service" in entry.intent), "")
    if not service:
        return "it had changed nothing"
    try:
        return _take_back(context, row, service)
    except SutureError as error:
        return f"what runs on {service} is not known ({error})"


def _take_back(context: Context, row: ports.Row, service: str) -> str:
    workload = context.world.platform.read(service)
    if perform.before_of(workload) is None:
        return NOTHING
    mark = perform.last(context, workload)
    if mark is None or mark.incident != row.id:
        return f"the change that stands at {service} is another's"
    case = _case(row, service)
    lease = context.lease_keeper.take(
        row.id, (scoped(row.world, service),), (), seconds=context.settings.lease_seconds, wait=0.0
    )
    if isinstance(lease, ports.Busy):
        return f"{service} is locked by {', '.join(lease.holders)}, who settles what stands there"
    perform.fence(context, case, service, lease, undoing=True)
    return undo.restore(context, case, lease).said


def _case(row: ports.Row, service: str) -> Case:
    """Return as much of a case as an undo needs; nothing else in the row is believed."""
    alert = Alert(status="firing", labels={}, starts_at=row.starts_at, fingerprint=row.fingerprint)
    return Case(incident=row.id, world=row.world, payload=Payload(alerts=(alert,)), alert=alert, service=service)
