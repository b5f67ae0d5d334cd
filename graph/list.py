"""List incidents: open, waiting, on whom, since when, in flight: ``python -m graph.list``."""

import argparse
import os

from rich.table import Table

from graph import entry, settings, wiring
from tools.ports import Row


def main() -> int:
    """Entry point."""
    parser = entry.Parser(prog="graph.list", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--all", action="store_true", help="closed ones, too")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return entry.main(parser, show)


def show(arguments: argparse.Namespace) -> int:
    """Print the incidents, those that wait for a person first."""
    shared = wiring.books(settings.load(os.environ))
    unsettled = [entry.incident for entry in shared.ledger.open()]
    rows = [row for row in shared.incidents.rows() if arguments.all or row.status != "closed"]
    rows.sort(key=lambda row: (("waiting", "open", "closed").index(row.status), row.opened_at))
    if arguments.json:
        entry.emit([{**row.model_dump(mode="json"), "in_flight": unsettled.count(row.id)} for row in rows])
        return 0
    if not rows:
        entry.write("no incidents" if arguments.all else "no open incidents; --all shows closed ones")
        return 0
    table = Table()
    for column in ("incident", "service", "status", "waits on", "since", "in flight", "reason"):
        table.add_column(column, overflow="fold")
    for row in rows:
        count = unsettled.count(row.id)
        table.add_row(
            row.id,
            row.service,
            state(row),
            row.waiting_on or worker(row),
            f"{row.changed_at:%Y-%m-%d %H:%M:%S}",
            f"{count} effects" if count else "nothing",
            row.reason,
        )
    entry.console().print(table)
    return 0


def state(row: Row) -> str:
    """The status, with the outcome once there is one."""
    return f"{row.status} ({row.outcome})" if row.status == "closed" else row.status


def worker(row: Row) -> str:
    """Which process works on it."""
    return f"process {row.holder.split(':')[0]}" if row.holder else ""


if __name__ == "__main__":
    raise SystemExit(main())
