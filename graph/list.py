"""List incidents: open, waiting, on whom, since when, in flight: ``python -m graph.list``."""

import argparse
import os
from collections.abc import Callable

from graph.config import settings
from graph.console import cli
from graph.runtime import settlement, unfinished
from graph.setup import stores
from tools import program
from tools.ports import Row

SHOWN = 16
"""Hexadecimal digits of a plan's digest that are shown: enough to name it to graph.approve."""


def main() -> int:
    """Entry point."""
    parser = cli.Parser(prog=program.called("list"), description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--all", action="store_true", help="closed ones, too")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return cli.main(parser, show)


def show(arguments: argparse.Namespace) -> int:
    """Print the incidents, those that wait for a person first."""
    chosen = settings.load(os.environ)
    shared = stores.connect(chosen)
    settlement.settle(shared)
    left = {item.row.id: item.why for item in unfinished.found(shared, chosen)}
    unsettled = [entry.incident for entry in shared.ledger.open()]
    rows = [row for row in shared.incidents.rows() if arguments.all or row.status != "closed"]
    rows.sort(key=lambda row: (("waiting", "open", "closed").index(row.status), row.opened_at))
    if arguments.json:
        said = ((row, row.model_dump(mode="json", exclude={"opening"})) for row in rows)
        cli.emit(
            [{**told, "in_flight": unsettled.count(row.id), "unfinished": left.get(row.id, "")} for row, told in said]
        )
        return 0
    if not rows:
        cli.write("no incidents" if arguments.all else "no open incidents; --all shows closed ones")
        return 0
    for row in rows:
        tell(row, left.get(row.id, ""), unsettled.count(row.id), shared.told)
    return 0


def tell(row: Row, left: str, count: int, told: Callable[[str], str]) -> None:
    """Print one incident: a line that names it, and what a person may want to know of it below."""
    cli.paragraph(f"{row.id}  {row.service}  {state(row)}")
    for name, value in (
        ("reason", row.reason),
        ("waits on", waits_on(row, left, told)),
        ("plan", row.plan[:SHOWN]),
        ("in flight", flying(row, count)),
        ("since", f"{row.changed_at:%Y-%m-%d %H:%M:%S} UTC"),
    ):
        if value:
            cli.paragraph(f"{name}: {value}", indent="    ")


def state(row: Row) -> str:
    """Return the status, with the outcome of a closed incident."""
    return f"{row.status} ({row.outcome})" if row.status == "closed" else row.status


def flying(row: Row, count: int) -> str:
    """Return the number of effects without an outcome, in words; those of a closed incident stay unknown."""
    if not count:
        return "nothing"
    effects = "1 effect" if count == 1 else f"{count} effects"
    return effects if row.status != "closed" else f"unknown of {effects}"


def waits_on(row: Row, left: str, told: Callable[[str], str]) -> str:
    """Return the person or process that the incident waits on, or graph.resume."""
    if left:
        return f"graph.resume: {left}"
    return row.waiting_on or (told(row.holder) if row.holder else "")


if __name__ == "__main__":
    raise SystemExit(main())
