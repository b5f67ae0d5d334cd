"""Bench of the audit chain: synced appends against a bare group-commit loop, verification, changes found, false alarms.

64 threads in 8 processes append entries like ours to one chain, each waiting until its entry is on
disk.  The floor is the same crowd with the same queue, but bare: no chain, no lock, no JSON, one
`write` and one `fdatasync` a batch.  The lone loop is what one thread gets that writes 64 lines, syncs,
and begins again.  All run in turn, several rounds; the rates are medians.
"""

import argparse
import multiprocessing
import os
import random
import statistics
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import JsonValue

from evals.bench import audit_changes, reporting
from tools.audit import chain, chain_file, group_commit
from tools.clock import SystemClock
from tools.records import home

PROCESSES, THREADS = 8, 8
APPENDS_A_SECOND, OF_THE_FLOOR = 2_000, 0.8
ENTRIES_A_SECOND = 200_000
ENTRIES, CHANGES, CLEAN = 10_000, 5_000, 200

_FORK = multiprocessing.get_context("fork")
_BODY: dict[str, JsonValue] = {"incident": "inc-0123456789ab", "sequence": 7, "kind": "decided", "sha256": "0" * 64}

Append = Callable[[], object]


def chained(folder: Path) -> Append:
    """One durable append to our chain."""
    place, clock = home.lay_out(folder / "home"), SystemClock()
    audit = chain_file.open(place.audit, place.audit_key, place.audit_anchor, clock)
    return lambda: audit.append(clock.now(), "suture", "record", _BODY)


def bare(folder: Path) -> Append:
    """One durable append of a line of the same length, with a queue and nothing else."""
    descriptor = os.open(folder / "bare", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    line = audit_changes.chain(1, random.Random(1)).lines[0]

    def commit(batch: Sequence[bytes]) -> list[bool]:
        os.write(descriptor, b"".join(batch))
        os.fdatasync(descriptor)
        return [True] * len(batch)

    group = group_commit.GroupCommit[bytes, bool](commit)
    return lambda: group.submit(line)


def crowd(make: Callable[[Path], Append], folder: Path, seconds: float) -> tuple[float, list[float]]:
    """(appends a second, seconds that each took) of all threads of all processes."""
    make(folder)  # laid out before anybody starts
    told: multiprocessing.Queue[list[float]] = _FORK.Queue()
    begin = time.monotonic() + 1.0
    workers = [_FORK.Process(target=_work, args=(make, folder, begin, seconds, told)) for _ in range(PROCESSES)]
    for worker in workers:
        worker.start()
    took = [one for _ in workers for one in told.get(timeout=seconds + 60)]
    for worker in workers:
        worker.join()
    return len(took) / seconds, took


def _work(
    make: Callable[[Path], Append],
    folder: Path,
    begin: float,
    seconds: float,
    told: "multiprocessing.Queue[list[float]]",
) -> None:
    append, took = make(folder), []

    def write() -> None:
        time.sleep(max(0.0, begin - time.monotonic()))
        while (started := time.monotonic()) < begin + seconds:
            append()
            if time.monotonic() <= begin + seconds:
                took.append(time.monotonic() - started)

    threads = [threading.Thread(target=write) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    told.put(took)


def lone(folder: Path, seconds: float) -> float:
    """Lines a second of one thread that writes 64, syncs, and begins again."""
    descriptor = os.open(folder / "lone", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    batch = audit_changes.chain(1, random.Random(1)).lines[0] * (PROCESSES * THREADS)
    begin, written = time.monotonic(), 0
    while time.monotonic() < begin + seconds:
        os.write(descriptor, batch)
        os.fdatasync(descriptor)
        written += PROCESSES * THREADS
    os.close(descriptor)
    return written / (time.monotonic() - begin)


def appends(rounds: int, seconds: float) -> dict[str, float]:
    """Medians over the rounds; each round measures all three, one after the other, in a folder of its own."""
    rates: dict[str, list[float]] = {"chain": [], "bare": [], "lone": []}
    took: list[float] = []
    for _ in range(rounds):
        with TemporaryDirectory() as name:
            folder = Path(name)
            rates["lone"].append(lone(folder, seconds / 2))
            rates["bare"].append(crowd(bare, folder, seconds)[0])
            rate, each = crowd(chained, folder, seconds)
            rates["chain"].append(rate)
            took += each
            checked(folder / "home")
    figures = {name: statistics.median(found) for name, found in rates.items()}
    took.sort()
    ratios = [ours / floor for ours, floor in zip(rates["chain"], rates["bare"], strict=True)]
    return {
        **figures,
        "of_the_floor": statistics.median(ratios),
        "p50_ms": 1e3 * took[len(took) // 2],
        "p99_ms": 1e3 * took[int(len(took) * 0.99)],
    }


def checked(root: Path) -> None:
    """Verify what the crowd wrote, or the figure is worth nothing."""
    place = home.Home(root=root)
    report = chain.verify(place.audit, place.audit_key.read_bytes(), place.audit_anchor.read_bytes())
    if report.fault is not None:
        raise AssertionError(report.fault)


def verification(entries: int, repeats: int) -> dict[str, float]:
    """Entries a second, the best of some repeats: alone, and with as many processes as there are cores.

    And entries a second of processor time, which is what it costs when others use the machine, too.
    """
    made = audit_changes.chain(entries, random.Random(2))
    found: dict[str, float] = {}
    with TemporaryDirectory() as name:
        log = Path(name) / "audit.jsonl"
        log.write_bytes(b"".join(made.lines))
        for label, processes in (("one process", 1), ("all cores", os.cpu_count() or 1)):
            best = cheapest = float("inf")
            for _ in range(repeats):
                started, used = time.perf_counter(), time.process_time()
                report = chain.verify(log, audit_changes.KEY, made.anchor, processes)
                best = min(best, time.perf_counter() - started)
                cheapest = min(cheapest, time.process_time() - used)
                if report.fault is not None or report.entries != entries:
                    raise AssertionError(report)
            found[label] = entries / best
            if processes == 1:
                found["one process, a second of processor time"] = entries / cheapest
    return found


def changes(count: int, entries: int, seed: int) -> dict[str, tuple[int, int]]:
    """(made, not found) by kind, spread evenly over the kinds and over two processes."""
    kinds = list(audit_changes.CHANGES)
    shares = {kind: count // len(kinds) + (number < count % len(kinds)) for number, kind in enumerate(kinds)}
    with _FORK.Pool(os.cpu_count()) as pool:
        missed = pool.starmap(_unfound, [(kind, shares[kind], entries, seed) for kind in kinds], chunksize=1)
    return {kind: (shares[kind], lost) for kind, lost in zip(kinds, missed, strict=True)}


def _unfound(kind: str, count: int, entries: int, seed: int) -> int:
    rng = random.Random(f"{seed} {kind}")
    return audit_changes.unfound(audit_changes.chain(entries, rng), kind, count, rng)


def main() -> int:
    """Entry point."""
    return measure(reporting.parser("audit", __doc__ or "").parse_args())


def measure(arguments: argparse.Namespace) -> int:
    """Measure everything, print the tables, and hold the figures against the targets."""
    quick: bool = arguments.quick
    rates = appends(rounds=1 if quick else 3, seconds=2.0 if quick else 5.0)
    shown = {
        "chain": f"{rates['chain']:,.0f}",
        "bare group commit": f"{rates['bare']:,.0f}",
        "chain / bare": f"{rates['of_the_floor']:.2f}",
        "lone loop": f"{rates['lone']:,.0f}",
        "p50 ms": f"{rates['p50_ms']:.1f}",
        "p99 ms": f"{rates['p99_ms']:.1f}",
    }
    title = f"synced appends a second: {PROCESSES * THREADS} writers in {PROCESSES} processes"
    reporting.table(title, tuple(shown), [list(shown.values())])
    entries = 100_000 if quick else 200_000
    checks = verification(entries, repeats=3 if quick else 5)
    title = f"entries verified a second, of {entries:,}"
    reporting.table(title, tuple(checks), [[f"{rate:,.0f}" for rate in checks.values()]])
    length, clean = (1_000, 50) if quick else (ENTRIES, CLEAN)
    found = changes(600 if quick else CHANGES, length, arguments.seed)
    rows = [[kind, str(made), str(lost)] for kind, (made, lost) in found.items()]
    reporting.table(f"changes of a chain of {length:,} entries, with its anchor", ("kind", "made", "not found"), rows)
    alarms, torn = audit_changes.false_alarms(clean, random.Random(arguments.seed))
    reporting.table("clean logs", ("logs", "of them torn", "false alarms"), [[str(clean), str(torn), str(alarms)]])
    figures: dict[str, JsonValue] = {
        "load": list(os.getloadavg()),
        "appends": dict(rates),
        "verified": dict(checks),
        "changes": {kind: {"made": made, "missed": lost} for kind, (made, lost) in found.items()},
        "clean": {"logs": clean, "torn": torn, "alarms": alarms},
    }
    missed = sum(lost for _, lost in found.values())
    held = targets(rates, checks, missed, alarms)
    return reporting.conclude(held, figures, file=arguments.json, seed=arguments.seed, quick=quick)


def targets(
    rates: dict[str, float], checks: dict[str, float], missed: int, alarms: int
) -> tuple[reporting.Target, ...]:
    """Promised figures: so many appends a second or, where the disk is slower, a share of the bare loop."""
    verified = max(checks["one process"], checks["all cores"])
    if rates["chain"] >= APPENDS_A_SECOND:
        name, measured, bound = "synced appends a second", rates["chain"], float(APPENDS_A_SECOND)
    else:
        name, measured, bound = "appends against the bare loop (slow disk)", rates["of_the_floor"], OF_THE_FLOOR
    return (
        reporting.Target(name=name, measured=measured, bound=bound, at_most=False),
        reporting.Target(name="entries verified a second", measured=verified, bound=ENTRIES_A_SECOND, at_most=False),
        reporting.Target(name="changes not found", measured=missed, bound=0),
        reporting.Target(name="false alarms", measured=alarms, bound=0),
    )


if __name__ == "__main__":
    raise SystemExit(main())
