"""An incident whose SUTURE_HOME lies on a small file system that fills up: ``python -m tests.integration.stores.full_disk``.

Runs in a mount namespace of its own, as root of it.  Prints one line of JSON about what became of the world.
"""

import argparse
import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from graph.effects import perform
from graph.setup import wiring
from graph.state import State
from tests.unit.graph.desks import Bench, bench, without_rescue
from tools.scripted.clock import ManualClock
from tools.scripted.world import incident_world


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system of 6 MiB."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m,mode=700", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(disk: Path) -> None:
    """Leave not a byte."""
    with (disk / "filler").open("ab", 0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"x" * 4096)


def unguarded(at: Bench, fresh: State) -> None:
    """The control: the graph alone."""
    without_rescue(wiring.checkpointer(at.shared), at.context, fresh)


def main() -> int:
    """Run one incident."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--full-after", type=float, required=True, help="virtual seconds")
    parser.add_argument("--free-after", type=float, help="virtual seconds from then on")
    parser.add_argument("--control", action="store_true")
    given = parser.parse_args()
    with small_disk(given.folder) as disk:
        clock = ManualClock()
        at = bench(disk / "b", clock, incident_world(clock))
        before = at.weights()
        clock.advance(30)
        fresh = at.open()
        clock.after(given.full_after, lambda: fill(disk))
        if given.free_after is not None:
            clock.after(given.full_after + given.free_after, (disk / "filler").unlink)
        said = {"outcome": "", "reason": ""}
        try:
            if given.control:
                unguarded(at, fresh)
            else:
                ending = at.run(fresh).ending
                said = {"outcome": ending.outcome, "reason": ending.reason} if ending else said
        except Exception as error:  # noqa: BLE001 (the control fails, and how is what is told)
            said["reason"] = f"{type(error).__name__}: {error}"
        before_of = perform.before_of(at.world.platform.read("orders"))
        mark = "" if before_of is None else before_of.canonical().decode()
        found = {"before": before, "after": at.weights(), "mark": mark, "told": at.told.said}
        sys.stdout.write(json.dumps({**said, **found}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
