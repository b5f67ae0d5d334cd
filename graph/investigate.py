"""Explain an old incident from a folder of exports: ``python -m graph.investigate DIR``.

It is ``graph.run`` over a recording (docs/recordings.md), followed by the report.  Exit codes are those of ``graph.run``.
"""

import argparse
from pathlib import Path

from graph import run as runs
from graph.console import cli
from incident.errors import BadInput
from tools import program

ALERT = "alert.json"


def main() -> int:
    """Entry point."""
    parser = cli.Parser(prog=program.called("investigate"), description=(__doc__ or "").splitlines()[0])
    parser.add_argument("recording", type=Path, metavar="DIR", help="folder of exports, with the alert in alert.json")
    parser.add_argument("--as-of", default="", metavar="TIME", help="look at nothing that came later")
    parser.add_argument("--record", type=Path, metavar="DIR", help="copy the incident's records into this folder")
    parser.add_argument("--json", action="store_true", help="print the ending as JSON instead of the report")
    return cli.main(parser, investigate, acts=True)


def investigate(arguments: argparse.Namespace) -> int:
    """Run the graph over the recording with its own alert, and print what was found."""
    alert = arguments.recording / ALERT
    if not alert.is_file():
        raise BadInput("recording", str(arguments.recording), f"put the alert into it, as {ALERT}")
    arguments.alert, arguments.world, arguments.dry_run, arguments.report = str(alert), None, False, True
    return runs.run(arguments)


if __name__ == "__main__":
    raise SystemExit(main())
