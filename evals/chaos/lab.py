"""Kills on the live lab: the unmodified commands, killed from outside at moments that the world and the books show."""

import json
import signal
import sqlite3
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from evals.chaos.judge import EXPECTED, Live
from evals.judging.labs import Lab
from evals.lab.command import Start
from evals.scenarios import stage
from evals.scenarios.healer import Healer, written
from evals.scenarios.stage import Places
from tools.audit import chain_file
from tools.clock import SystemClock
from tools.records import sqlite_incidents, sqlite_ledger
from tools.records.home import Home, lay_out
from tools.records.marks import Marks

FAULT, SICK = "null-membership", "payment"
PATIENCE = 150.0
"""Seconds within which the awaited moment must come."""
RESUMED_WITHIN = 150.0
"""Seconds after which a resumption is stopped; the promise is far less."""

MOMENTS = ("an open intent", "the canary at 10 %", "the canary at 50 %", "the canary at 100 %", "the verification")


def incident(seed: int, moment: str) -> Live:
    """One incident on a lab of its own: killed at the moment, resumed by the scanner, looked at."""
    with tempfile.TemporaryDirectory(prefix="suture-chaos-lab-") as name:
        root = Path(name)
        root.chmod(0o755)  # the sandbox's user must find its way through
        places = Places(root=root)
        with stage.world(places, Start(fault=FAULT, expect={"service": SICK}), seed) as up:
            lab = Lab(up.url)
            try:
                payload = written(root / "payload.json", json.dumps(up.payload))
                return _suffered(places, lab, payload, seed, moment)
            finally:
                lab.close()


def _suffered(places: Places, lab: Lab, payload: Path, seed: int, moment: str) -> Live:
    healer = Healer(places, lab.url, {}, isolated=False)
    home = lay_out(places.home)
    killed = _killed(healer.start("graph.run", str(payload), "--json"), _look(home, lab, moment))
    begun = time.monotonic()
    said = healer.run("resume", "graph.resume", "--once", "--json", within=RESUMED_WITHIN)
    seconds = time.monotonic() - begun
    replayed, row, unsettled = "no row", None, 0
    clock = SystemClock()
    audit = chain_file.open(home.audit, home.audit_key, home.audit_anchor, clock)
    index = sqlite_incidents.open(home.incidents_index, clock, audit, Marks(chain_file.load_key(home.audit_key)))
    ledger = sqlite_ledger.open(home.ledger, clock)
    try:
        rows = index.rows()
        row = rows[0] if len(rows) == 1 else None
        unsettled = len(ledger.open())
    finally:
        index.close()
        ledger.close()
    if row is not None:
        ran = healer.run("replay", "graph.replay", row.id)
        replayed = "" if ran.exit_code == 0 else ran.stdout.strip()[-200:]
    made: Counter[str] = Counter(
        change.what for change in lab.snapshot().history[SICK] if row and change.at >= row.opened_at
    )
    return Live(
        seed=seed,
        moment=moment,
        killed=killed,
        outcome=row.outcome if row is not None and row.status == "closed" else "",
        reason=row.reason if row is not None else said.stderr[-200:],
        seconds=seconds,
        unsettled=unsettled,
        duplicates=sum(max(0, made[kind] - count) for kind, count in EXPECTED.items()),
        replay=replayed,
    )


def _killed(process: "subprocess.Popen[str]", moment: Callable[[], bool]) -> bool:
    """True when the process was killed at the moment, rather than having ended before."""
    end = time.monotonic() + PATIENCE
    try:
        while process.poll() is None and time.monotonic() < end and not moment():
            time.sleep(0.005)
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    return process.returncode == -signal.SIGKILL


def _look(home: Home, lab: Lab, moment: str) -> Callable[[], bool]:
    """A check from outside that the moment has come."""
    if moment == "an open intent":
        return lambda: bool(_ask(home.ledger, "SELECT 1 FROM effects WHERE outcome IS NULL LIMIT 1"))
    if moment == "the verification":
        return lambda: any(
            b'"after":"verifying"' in path.read_bytes() for path in home.incidents.glob("*/decisions.jsonl")
        )
    share = int("".join(letter for letter in moment if letter.isdecimal()))
    return lambda: share in {version.weight for version in lab.workload(SICK).versions if "-suture-" in version.name}


def _ask(path: Path, query: str) -> list[object]:
    """Read a store of the healer without ever writing to it; nothing while it is not there yet."""
    try:
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=1.0)
        try:
            return list(connection.execute(query))
        finally:
            connection.close()
    except sqlite3.OperationalError:
        return []
