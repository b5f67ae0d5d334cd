"""Check this installation and say what it would do: world, autonomy, model, what it may write: ``python -m graph.doctor``."""

import argparse
import os
from collections.abc import Callable

from graph.config import settings
from graph.console import cli
from graph.setup import stores, wiring, worlds
from incident.errors import SutureError
from tools import program

WRITES = {
    "observe": "nothing",
    "propose": "nothing in the world; proposals and records below SUTURE_HOME",
    "approve": "after a person's approval: versions and weights of services, branches suture/*",
    "auto": "inside the gates: versions and weights of services, branches suture/*",
}


def main() -> int:
    """Entry point."""
    parser = cli.Parser(prog=program.called("doctor"), description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print JSON")
    return cli.main(parser, examine)


def examine(arguments: argparse.Namespace) -> int:
    """Check each part and print its answer; exit code 5 when one fails."""
    chosen = settings.load(os.environ)
    rows = [
        tried("records", lambda: _records(chosen)),
        tried("locks", lambda: _locks(chosen)),
        tried("world", lambda: _world(chosen)),
        tried("model", lambda: wiring.built(chosen).name),
        tried("sandbox", wiring.check_sandbox),
        ("autonomy", True, chosen.autonomy),
        ("may write", True, WRITES[chosen.autonomy]),
        ("limits", True, chosen.limits.name),
    ]
    if arguments.json:
        cli.emit([{"part": part, "well": well, "says": says} for part, well, says in rows])
    else:
        for part, well, says in rows:
            cli.write(f"{part:<12} {'ok ' if well else 'NO '} {says}")
    return 0 if all(well for _, well, _ in rows) else cli.ESCALATED


def tried(part: str, ask: Callable[[], str]) -> tuple[str, bool, str]:
    """Return (part, True when it is well, its answer)."""
    try:
        return part, True, ask()
    except SutureError as error:
        return part, False, str(error)


def _records(chosen: settings.Settings) -> str:
    shared = stores.connect(chosen)
    shared.audit.verify()
    switch = "set" if shared.incidents.control("").stop_all else "not set"
    return f"{shared.home.root}; the audit chain verifies; the kill switch is {switch}"


def _locks(chosen: settings.Settings) -> str:
    return stores.connect(chosen).locks.check()


def _world(chosen: settings.Settings) -> str:
    if not chosen.world_url:
        return "none configured; example payloads of evals/alerts/ start the embedded lab"
    found = worlds.connect(chosen.world_url)
    return f"{found.name} at {chosen.world_url}: {', '.join(found.platform.services())}"


if __name__ == "__main__":
    raise SystemExit(main())
