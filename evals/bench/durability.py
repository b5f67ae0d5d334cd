"""Cost of a durable step: our effect in the ledger and our checkpoint, beside LangGraph's and a bare synced insert.

A durable step is what must be on disk before the next thing may happen.  All files lie in one folder, so all
are synced to the same disk; the contenders take turns, round by round, so that a busy disk is busy for all.
"""

import json
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import Checkpoint, empty_checkpoint
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite import SqliteSaver
from pydantic import JsonValue

from evals.bench import reporting
from evals.bench.reporting import Target
from graph.state import CHECKPOINTED
from incident.phase import Phase
from tools.clock import SystemClock
from tools.records import checkpoints, sqlite_ledger

Step = Callable[[int], None]

BARE, THEIRS, OURS, INTENT, EFFECT = (
    "bare INSERT, synced",
    "LangGraph SqliteSaver, sync",
    "our checkpointer",
    "our ledger, one intent",
    "our ledger, intent and outcome",
)

DEAREST = 1.25
"""Most of LangGraph's steps that one of ours may cost.

No issue asks for a figure; this is what we promise ourselves: an effect, which is two synced writes, and a checkpoint
whose every type is checked, cost about what a checkpoint of LangGraph's does, which is two synced writes as well.  The
rest is room for a noisy disk.
"""


def bare(folder: Path) -> Step:
    """The floor: one row, one commit, one sync."""
    connection = sqlite3.connect(folder / "bare.db", isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE rows (number INTEGER PRIMARY KEY, body BLOB)")
    body = b"x" * 200

    def step(number: int) -> None:
        connection.execute("INSERT INTO rows (body) VALUES (?)", (body + b"%d" % number,))

    return step


def ledger(folder: Path, *, whole: bool) -> Step:
    """An intent, and with `whole` its outcome too."""
    clock = SystemClock()
    books = sqlite_ledger.open(folder / f"ledger-{whole}.db", clock)
    intent: dict[str, JsonValue] = {"service": "orders", "step": "canary-10", "change": {"kind": "weights"}, "token": 7}

    def step(number: int) -> None:
        books.intend(f"{number:032x}", "inc-1", intent, clock.now())
        if whole:
            books.conclude(f"{number:032x}", {"result": "done", "revision": number}, clock.now())

    return step


def saver(made: SqliteSaver) -> Step:
    """One node's end as LangGraph keeps it with ``durability="sync"``: its writes, and the state after it."""

    def step(number: int) -> None:
        config: RunnableConfig = {"configurable": {"thread_id": "inc-1", "checkpoint_ns": ""}}
        kept: Checkpoint = {
            **empty_checkpoint(),
            "id": f"{number:032x}",
            "channel_values": {"phase": Phase.DEPLOYING, "note": "x" * 2_000},
        }
        where = made.put(config, kept, {"source": "loop", "step": number, "parents": {}}, {})
        made.put_writes(where, [("phase", Phase.DEPLOYING)], f"task-{number}")

    return step


def theirs(folder: Path) -> Step:
    """LangGraph's saver as it comes, synced as ours is: its own default leaves that to SQLite, which is FULL."""
    connection = sqlite3.connect(folder / "theirs.db", check_same_thread=False)
    connection.execute("PRAGMA synchronous=FULL")
    return saver(SqliteSaver(connection, serde=JsonPlusSerializer(allowed_msgpack_modules=CHECKPOINTED)))


def ours(folder: Path) -> Step:
    """The product's checkpointer."""
    return saver(checkpoints.open(folder / "ours.db", CHECKPOINTED))


def measured(steps: dict[str, Step], rounds: int, each: int) -> dict[str, list[float]]:
    """Seconds of every step, the contenders taking turns; the first round warms up and does not count."""
    times: dict[str, list[float]] = {name: [] for name in steps}
    number = 0
    for turn in range(rounds + 1):
        for name, step in steps.items():
            for _ in range(each):
                number += 1
                begun = time.perf_counter()
                step(number)
                if turn:
                    times[name].append(time.perf_counter() - begun)
    return times


def main(arguments: Sequence[str]) -> int:
    """Measure and judge."""
    given = reporting.parser("durability", __doc__ or "").parse_args(arguments)
    rounds, each = (5, 20) if given.quick else (25, 40)
    with tempfile.TemporaryDirectory(prefix="suture-durability-", dir="/var/tmp") as name:
        folder = Path(name)
        times = measured(
            {
                BARE: bare(folder),
                THEIRS: theirs(folder),
                OURS: ours(folder),
                INTENT: ledger(folder, whole=False),
                EFFECT: ledger(folder, whole=True),
            },
            rounds,
            each,
        )
    medians = {name: statistics.median(found) for name, found in times.items()}
    rows = [
        (
            name,
            f"{1e3 * medians[name]:.2f}",
            f"{1e3 * statistics.quantiles(found, n=100)[98]:.2f}",
            f"{medians[name] / medians[BARE]:.2f}",
        )
        for name, found in times.items()
    ]
    reporting.table("one durable step, milliseconds", ("step", "median", "p99", "× bare"), rows)
    targets = [
        Target(name=f"{name}, in LangGraph's steps", measured=medians[name] / medians[THEIRS], bound=DEAREST)
        for name in (EFFECT, OURS)
    ]
    figures: JsonValue = json.loads(
        json.dumps({name: {"median": medians[name], "steps": len(times[name])} for name in times})
    )
    return reporting.conclude(targets, figures, file=given.json, seed=given.seed, quick=given.quick)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
