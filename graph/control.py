"""Step in: ``python -m graph.control INCIDENT status|pause|resume|abort|why --as NAME``, or ``--stop-all``.

Needs no model and no world.  The switches are read immediately before each effect.
"""

import argparse
import os

from pydantic import JsonValue

from graph.config import settings
from graph.console import cli, identity
from graph.setup import stores
from incident.control import Control
from incident.errors import BadInput
from tools import program

ACTIONS = ("status", "pause", "resume", "abort", "why")


def main() -> int:
    """Entry point."""
    parser = cli.Parser(prog=program.called("control"), description=(__doc__ or "").splitlines()[0])
    parser.add_argument("incident", nargs="?", help="id of the incident")
    parser.add_argument("action", nargs="?", choices=ACTIONS)
    parser.add_argument("--as", dest="name", default="", help="who steps in; recorded beside the system's user")
    parser.add_argument("--reason", default="", help="why, for the record")
    parser.add_argument("--stop-all", action="store_true", help="set the kill switch: no incident acts any more")
    parser.add_argument("--start-all", action="store_true", help="take the kill switch back")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return cli.main(parser, control, acts=True)


def control(arguments: argparse.Namespace) -> int:
    """Set or show the switches."""
    agreeing(arguments)
    shared = stores.connect(settings.load(os.environ))
    if arguments.stop_all or arguments.start_all:
        action = "stop-all" if arguments.stop_all else "start-all"
        switched(shared, None, Control(), {"stop_all": bool(arguments.stop_all)}, arguments, action)
        return shown(arguments, {"stop_all": shared.incidents.control("").stop_all})
    row = stores.row(shared, arguments.incident)
    match arguments.action:
        case "pause" | "resume" | "abort":
            if row.status == "closed":
                raise BadInput(
                    "incident", row.id, f"it is closed ({row.outcome}); there is nothing to {arguments.action}"
                )
            update = {"paused": arguments.action == "pause", "aborted": arguments.action == "abort"}
            switched(shared, row.id, Control(), update, arguments, arguments.action)
        case "why":
            from graph import explain  # noqa: PLC0415 (the kill switch must not wait for what only this needs)

            whole = argparse.Namespace(incident=row.id, diff=None, json=arguments.json, markdown=False, last=True)
            return explain.explain(whole)
    now = shared.incidents.control(row.id)
    if arguments.action == "resume" and (now.aborted or now.stop_all):
        cli.say(f"{row.id} stays stopped: {'an abort stands' if now.aborted else 'the kill switch is set'}")
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


def agreeing(arguments: argparse.Namespace) -> None:
    """Refuse arguments that contradict each other, and an anonymous switch, before anything is opened.  Raises BadInput."""
    switch = arguments.stop_all or arguments.start_all
    if arguments.stop_all and arguments.start_all:
        raise BadInput("arguments", "--stop-all --start-all", "say one of them: they are each other's opposite")
    if switch and (arguments.incident or arguments.action):
        given = " ".join(word for word in (arguments.incident, arguments.action) if word)
        raise BadInput("arguments", given, "--stop-all and --start-all are about all incidents: name none beside them")
    if not switch and not (arguments.incident and arguments.action):
        raise BadInput("arguments", "", f"name an incident and one of {', '.join(ACTIONS)}, or use --stop-all")
    if switch or arguments.action in ("pause", "resume", "abort"):
        identity.name(arguments.name)


def switched(
    shared: stores.Stores,
    incident: str | None,
    _seen: Control,
    update: dict[str, bool],
    arguments: argparse.Namespace,
    _action: str,
) -> None:
    """Write one switch, and chain who set it.  What the caller saw before decides nothing."""
    said = {
        "by": identity.name(arguments.name),
        "os_user": identity.account(),
        "reason": identity.reason(arguments.reason),
    }
    word = Control.model_validate({**update, **said, "at": shared.clock.now()})
    shared.incidents.set_control(incident, word)


def shown(arguments: argparse.Namespace, value: dict[str, JsonValue]) -> int:
    """Print the switches as they are now."""
    if arguments.json:
        cli.emit(value)
    else:
        for key, item in value.items():
            cli.write(f"{key}: {item}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
