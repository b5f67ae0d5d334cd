"""Frame of every bench: its arguments, its table, its JSON, and the exit code that says whether targets are met."""

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from pydantic import JsonValue
from rich.console import Console
from rich.table import Table

from incident.value import Value


class Target(Value):
    """One promise of a bench: a figure and the bound that it must keep."""

    name: str
    measured: float | None
    """None when it could not be measured, which misses the target."""
    bound: float
    at_most: bool = True
    """True when the figure must not exceed the bound; otherwise it must reach it."""

    @property
    def met(self) -> bool:
        """True when the promise is kept; what was not measured keeps nothing."""
        if self.measured is None:
            return False
        return self.measured <= self.bound if self.at_most else self.measured >= self.bound


def parser(name: str, doc: str) -> argparse.ArgumentParser:
    """The arguments that all benches take."""
    made = argparse.ArgumentParser(prog=f"python -m evals.bench.{name}", description=doc.splitlines()[0])
    made.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    made.add_argument("--quick", action="store_true", help="a short form, for a first look; its figures are rough")
    made.add_argument("--seed", type=int, default=1, help="of everything that is drawn (default 1)")
    return made


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table: the first column to the left, figures to the right."""
    shown = Table(title=title, title_justify="left")
    for number, column in enumerate(columns):
        shown.add_column(column, justify="right" if number else "left", overflow="fold")
    for row in rows:
        shown.add_row(*row)
    Console(width=None if sys.stdout.isatty() else 200).print(shown)


def conclude(targets: Sequence[Target], figures: JsonValue, *, file: Path | None, seed: int, quick: bool) -> int:
    """Print how each target stands, write the JSON, and return the exit code: 0 when every target is met."""
    rows = [
        (
            one.name,
            _figure(one.measured),
            f"{'≤' if one.at_most else '≥'} {_figure(one.bound)}",
            "met" if one.met else "MISSED",
        )
        for one in targets
    ]
    table("targets", ("target", "measured", "bound", ""), rows)
    if file is not None:
        said = {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "seed": seed,
            "quick": quick,
            "targets": [{**one.model_dump(mode="json"), "met": one.met} for one in targets],
            "figures": figures,
        }
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(said, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    return 0 if targets and all(one.met for one in targets) else 1


def _figure(value: float | None) -> str:
    return "not measured" if value is None else f"{value:,.4g}"
