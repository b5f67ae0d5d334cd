"""Check the records of suites: ``python -m evals.truth DIR... [--json FILE]``.

Each folder is searched for record folders of incidents.  Exit codes: 0 every sentence is supported, 1 some are not, or
nothing was found to check, 2 the input was refused.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from evals.truth import check, record
from evals.truth.check import Checked


def main(arguments: Sequence[str]) -> int:
    """Check every incident below the folders."""
    given = _parser().parse_args(arguments)
    missing = [str(place) for place in given.folders if not place.is_dir()]
    if missing:
        sys.stderr.write(f"evals.truth: no such folder: {', '.join(missing)}\n")
        return 2
    found: list[Checked] = []
    unreadable: list[str] = []
    for folder in record.folders(given.folders):
        try:
            found.append(check.check(record.load(folder)))
        except ValueError as error:
            unreadable.append(f"{folder}: {error}")
    Console(width=None if sys.stdout.isatty() else 160).print(_table(found))
    for line in unreadable:
        sys.stdout.write(f"unreadable: {line}\n")
    count = sum(len(one.doubts) for one in found)
    sys.stdout.write(
        f"{count} unsupported sentences in {sum(one.texts for one in found)} texts of {len(found)} incidents\n"
    )
    if given.json:
        told = {
            "unsupported": count,
            "unreadable": unreadable,
            "incidents": [one.model_dump(mode="json") for one in found],
        }
        given.json.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    return 0 if found and not count and not unreadable else 1


def _table(found: Sequence[Checked]) -> Table:
    table = Table(title="Sentences that the record does not support", title_justify="left")
    for column in ("incident", "texts", "unsupported", "where", "sentence"):
        table.add_column(column, overflow="fold")
    for one in found:
        table.add_row(one.incident, str(one.texts), str(len(one.doubts)), "", "")
        for doubt in one.doubts:
            table.add_row("", "", "", doubt.place, doubt.sentence.replace("[", "\\["))
    return table


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m evals.truth", description="Check what people were told.")
    parser.add_argument("folders", nargs="+", type=Path, metavar="DIR", help="homes, or folders of runs")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every finding there")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
