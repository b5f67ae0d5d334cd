"""Verify, export and anchor the audit chain: ``python -m graph.audit verify|export|anchor [FILE]``.

``verify`` checks it against key and anchor; exit code 1 names the place where it breaks.  ``export``
prints its entries, each verified first, as JSON lines or as a body for Elasticsearch's ``_bulk``.
``anchor`` prints the signed heads, for the verifier that runs alone (``tools/audit/chain.py``).
"""

import argparse
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from graph.config import settings
from graph.console import cli
from graph.setup import anchors
from incident.errors import BadInput, Tampered
from tools import ports, program
from tools.audit import chain, chain_export, chain_file
from tools.clock import SystemClock
from tools.records.home import Home

ALARM = 1


def main() -> int:
    """Entry point."""
    return cli.main(parser(), lambda arguments: act(arguments, os.environ))


def parser() -> cli.Parser:
    """Return the command's arguments."""
    made = cli.Parser(prog=program.called("audit"), description=(__doc__ or "").splitlines()[0])
    made.add_argument("action", choices=("verify", "export", "anchor"))
    made.add_argument("file", nargs="?", type=Path, help="a chain (default: the one in SUTURE_HOME)")
    made.add_argument("--key", type=Path, help="its key (default: the one in SUTURE_HOME)")
    made.add_argument("--anchor", type=Path, help="a file with its signed heads (default: SUTURE_AUDIT_ANCHOR)")
    made.add_argument("--json", action="store_true", help="print JSON (verify)")
    made.add_argument("--format", choices=("jsonl", "bulk"), default="jsonl", help="what to print (export)")
    made.add_argument("--index", default="suture-audit", help="index of the bulk actions (export)")
    return made


def act(arguments: argparse.Namespace, environment: Mapping[str, str]) -> int:
    """Verify, export or anchor, and return the exit code."""
    chosen = settings.load(environment)
    home = Home(root=chosen.home)
    log, key = arguments.file or home.audit, arguments.key or home.audit_key
    anchor = _anchor(arguments.anchor, chosen.audit_anchor, home)
    if arguments.action == "anchor":
        cli.send(anchor.read())
        return 0
    for name, path in (("FILE", log), ("--key", key)):
        if not path.is_file():
            raise BadInput(name, str(path), "name a file that exists")
    try:
        secret, signed = chain_file.load_key(key), anchor.read()
        if arguments.action == "export":
            return export(log, secret, signed, arguments)
        report, fault = chain.verify(log, secret, signed, os.cpu_count() or 1), ""
    except Tampered as error:
        report, fault = None, str(error)
    return told(arguments, log, report, fault)


def _anchor(given: Path | None, setting: str, home: Home) -> ports.Anchor:
    if given is not None and not given.is_file():
        raise BadInput("--anchor", str(given), "name a file that exists")
    if given is not None:
        return anchors.chosen(f"file:{given.absolute()}", home.audit_anchor, SystemClock())
    return anchors.chosen(setting, home.audit_anchor, SystemClock())


def export(log: Path, key: bytes, signed: bytes, arguments: argparse.Namespace) -> int:
    """Print the entries, verified one by one; a break ends it with exit code 1 and a sentence on standard error."""
    lines: Iterator[bytes] = chain_export.verified(log, key, signed)
    if arguments.format == "bulk":
        lines = chain_export.bulk(lines, arguments.index)
    try:
        for line in lines:
            if not cli.send(line):
                break  # nobody takes the rest
    except Tampered as error:
        cli.say(f"{log}: {error}; nothing from there on was exported")
        return ALARM
    return 0


def told(arguments: argparse.Namespace, log: Path, report: chain.Report | None, fault: str) -> int:
    """Print the result of the verification, and return the exit code."""
    fault = fault or (report.fault if report else "") or ""
    if arguments.json:
        entries = report.entries if report else 0
        cli.emit({"file": str(log), "entries": entries, "fault": fault, "torn": bool(report and report.torn_bytes)})
    elif fault or report is None:
        cli.write(f"{log}: {fault}")
    else:
        cli.write(chain.said(str(log), report, as_json=False))
    return ALARM if fault else 0


if __name__ == "__main__":
    raise SystemExit(main())
