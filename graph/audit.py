"""Verify the audit chain: ``python -m graph.audit verify [FILE]``."""

import argparse
import os
from pathlib import Path

from graph import entry, settings
from incident.errors import BadInput, Tampered
from tools.stores import audit_chain, audit_file
from tools.stores.home import Home

ALARM = 1


def main() -> int:
    """Entry point."""
    parser = entry.Parser(prog="graph.audit", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("action", choices=("verify",))
    parser.add_argument("file", nargs="?", type=Path, help="a chain (default: the one in SUTURE_HOME)")
    parser.add_argument("--key", type=Path, help="its key (default: the one in SUTURE_HOME)")
    parser.add_argument("--anchor", type=Path, help="its anchor (default: the one in SUTURE_HOME)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return entry.main(parser, verify)


def verify(arguments: argparse.Namespace) -> int:
    """Check a chain against its key and anchor; exit code 1 names the place where it breaks."""
    home = Home(root=settings.load(os.environ).home)
    log: Path = arguments.file or home.audit
    key, anchor = arguments.key or home.audit_key, arguments.anchor or home.audit_anchor
    for name, path in (("FILE", log), ("--key", key), ("--anchor", anchor)):
        if not path.is_file():
            raise BadInput(name, str(path), "name a file that exists")
    try:
        report = audit_chain.verify(log, audit_file.load_key(key), anchor.read_bytes())
        fault = report.fault or ""
    except Tampered as error:
        report, fault = None, str(error)
    entries = report.entries if report else 0
    if arguments.json:
        entry.emit({"file": str(log), "entries": entries, "fault": fault, "torn": bool(report and report.torn_bytes)})
    elif fault:
        entry.write(f"{log}: {fault}")
    else:
        torn = "; its last line was cut short by a crash" if report and report.torn_bytes else ""
        entry.write(f"{log}: {entries} entries verify{torn}")
    return ALARM if fault else 0


if __name__ == "__main__":
    raise SystemExit(main())
