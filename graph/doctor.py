"""Check what the first incident will need, and say what this installation would do: ``python -m graph.doctor``."""

import argparse
import os
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from graph.config import settings
from graph.console import cli
from graph.setup import health, worlds
from incident.errors import SutureError
from tools import program

WRITES = {
    "observe": "nothing",
    "propose": "nothing in the world; proposals and records below SUTURE_HOME",
    "approve": "after a person's approval: versions and weights of services, branches suture/*",
    "auto": "inside the gates: versions and weights of services, branches suture/*",
}

ABSENT = {
    "platform": "set SUTURE_WORLD_URL or SUTURE_PLATFORM; example payloads of evals/alerts/ start the embedded lab",
    **{port: f"set SUTURE_WORLD_URL or {variable}" for port, variable in settings.PORTS.items() if port != "platform"},
    "notices": "set SUTURE_NOTIFY_URL; notices go to standard error and to a file below SUTURE_HOME",
    "spans": "set OTEL_EXPORTER_OTLP_ENDPOINT; spans are written to trace.jsonl of each incident",
}
"""Settings that a part which is not configured would need, or what happens without it."""

PARTS: dict[str, Callable[[settings.Settings], str]] = {
    "settings": lambda _: health.settings(os.environ),
    "records": health.records,
    "locks": health.locks,
    "sandbox": health.sandbox,
    "platform": health.platform,
    "metrics": health.metrics,
    "logs": health.logs,
    "traces": health.traces,
    "captures": health.captures,
    "changes": health.changes,
    "places": health.places,
    "repository": health.repository,
    "model": health.model,
    "notices": health.notices,
    "spans": health.spans_sent,
}


SAID = {True: "ok ", False: "NO ", None: "off"}


class Row(NamedTuple):
    """One part, and what was seen of it."""

    part: str
    well: bool | None
    """None: not configured."""
    says: str


def main() -> int:
    """Entry point."""
    parser = cli.Parser(prog=program.called("doctor"), description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print JSON")
    return cli.main(parser, examine)


def examine(arguments: argparse.Namespace) -> int:
    """Check each part and print its answer; exit code 5 when one fails, and 0 also when some are not configured."""
    chosen = worlds.observing(settings.load(os.environ))
    rows = [
        *(tried(part, partial(ask, chosen)) for part, ask in PARTS.items()),
        Row("autonomy", well=True, says=chosen.autonomy),
        Row("may write", well=True, says=WRITES[chosen.autonomy] + published(chosen)),
        Row("limits", well=True, says=chosen.limits.name),
    ]
    if arguments.json:
        cli.emit([row._asdict() for row in rows])
    else:
        for row in rows:
            cli.paragraph(f"{row.part:<12} {SAID[row.well]} {row.says}", hanging=" " * 4)
    return cli.ESCALATED if any(row.well is False for row in rows) else 0


def published(chosen: settings.Settings) -> str:
    """Return where branches of patches that healed go besides; empty when nowhere."""
    return f"; branches of patches that healed at {chosen.publish_to}" if chosen.publish_to else ""


def tried(part: str, ask: Callable[[], str]) -> Row:
    """Return what was seen of a part."""
    try:
        says = ask()
    except SutureError as error:
        return Row(part, well=False, says=str(error))
    return Row(part, well=bool(says) or None, says=says or f"not configured: {ABSENT[part]}")


if __name__ == "__main__":
    raise SystemExit(main())
