"""Step in: ``python -m graph.control INCIDENT status|pause|resume|abort|why --as NAME``, or ``--stop-all``.

Needs no model and no world.  The switches are read immediately before each effect.
"""

import argparse
import os

from pydantic import JsonValue

from graph import entry, explain, reopen, settings, wiring
from graph.interrupting import os_user
from incident.control import Control
from incident.errors import BadInput

ACTIONS = ("status", "pause", "resume", "abort", "why")


def main() -> int:
    """Entry point."""
    parser = entry.Parser(prog="graph.control", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("incident", nargs="?", help="id of the incident")
    parser.add_argument("action", nargs="?", choices=ACTIONS)
    parser.add_argument("--as", dest="name", default="", help="who steps in; recorded beside the system's user")
    parser.add_argument("--reason", default="", help="why, for the record")
    parser.add_argument("--stop-all", action="store_true", help="set the kill switch: no incident acts any more")
    parser.add_argument("--start-all", action="store_true", help="take the kill switch back")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return entry.main(parser, control, acts=True)


def control(arguments: argparse.Namespace) -> int:
    """Set or show the switches."""
    shared = wiring.books(settings.load(os.environ))
    if arguments.stop_all or arguments.start_all:
        named(arguments)
        update = {"stop_all": bool(arguments.stop_all)}
        switched(shared, None, Control(), update, arguments, "stop-all" if arguments.stop_all else "start-all")
        return shown(arguments, {"stop_all": bool(arguments.stop_all)})
    if not arguments.incident or not arguments.action:
        raise BadInput("arguments", "", f"name an incident and one of {', '.join(ACTIONS)}, or use --stop-all")
    row = reopen.row(shared, arguments.incident)
    current = shared.incidents.control(row.id)
    match arguments.action:
        case "pause" | "resume" | "abort":
            named(arguments)
            if row.status == "closed":
                raise BadInput(
                    "incident", row.id, f"it is closed ({row.outcome}); there is nothing to {arguments.action}"
                )
            update = {
                "paused": arguments.action == "pause",
                "aborted": current.aborted or arguments.action == "abort",
            }
            switched(shared, row.id, current, update, arguments, arguments.action)
        case "why":
            whole = argparse.Namespace(incident=row.id, diff=None, json=arguments.json, markdown=False, last=True)
            return explain.explain(whole)
    now = shared.incidents.control(row.id)
    return shown(
        arguments,
        {
            "incident": row.id,
            "service": row.service,
            "status": row.status,
            "outcome": row.outcome,
            "control": now.model_dump(mode="json"),
        },
    )


def switched(
    shared: wiring.Books,
    incident: str | None,
    current: Control,
    update: dict[str, bool],
    arguments: argparse.Namespace,
    action: str,
) -> None:
    """Store the switch and chain who set it."""
    now = shared.clock.now()
    told = {"by": arguments.name, "reason": arguments.reason, "at": now}
    # The kill switch has a row of its own; what one incident's row says of it is not copied back.
    base = {**current.model_dump(), "stop_all": False}
    shared.incidents.set_control(incident, Control.model_validate({**base, **update, **told}))
    body: dict[str, JsonValue] = {"incident": incident or "", "os_user": os_user(), "reason": arguments.reason}
    shared.audit.append(now, arguments.name, action, body)


def named(arguments: argparse.Namespace) -> None:
    """Refuse an anonymous switch."""
    if not arguments.name.strip():
        raise BadInput("--as", arguments.name, "say who steps in")


def shown(arguments: argparse.Namespace, value: dict[str, JsonValue]) -> int:
    """Print what stands now."""
    if arguments.json:
        entry.emit(value)
    else:
        for key, item in value.items():
            entry.write(f"{key}: {item}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
