"""Cost of starting a command: its CPU beside that of the bare interpreter, ``python -c pass``.

CPU is user and system time of the child and of what it starts itself.  A round runs every command once, so that a busy
machine is busy for all, and the best of all rounds counts: what comes on top of it is the machine's.  Bytecode is
cached, as it is after the first start, and the home folder is new.  ``explain`` and ``replay`` ask for an incident that
does not exist: telling one costs more the longer its record is, and that is no start.
"""

import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from evals.bench import reporting
from evals.bench.reporting import Target

ROOT = Path(__file__).parents[2]

BARE = "python -c pass"
FLOOR = "one pydantic model"

QUICK, READING = 10.0, 30.0
"""Times the bare interpreter: what a person must not wait for, and what reads an incident's record."""

UNKNOWN = "inc-0000000000000000"
REFUSED = 2

CONTENDERS: Mapping[str, tuple[str, ...]] = {
    BARE: ("-c", "pass"),
    FLOOR: ("-c", "import pydantic; pydantic.create_model('One', one=(pydantic.JsonValue, None))"),
    "--help": ("-m", "suture", "--help"),
    "list --help": ("-m", "suture", "list", "--help"),
    "list": ("-m", "suture", "list"),
    "limits": ("-m", "suture", "limits"),
    "control --stop-all": ("-m", "suture", "control", "--stop-all", "--as", "bench"),
    "explain": ("-m", "suture", "explain", UNKNOWN),
    "replay": ("-m", "suture", "replay", UNKNOWN),
}

BOUNDS: Mapping[str, float] = {
    "--help": QUICK,
    "list --help": QUICK,
    "list": QUICK,
    "limits": QUICK,
    "control --stop-all": QUICK,
    "explain": READING,
    "replay": READING,
}
"""The commands that promise something, with what they promise; the others are there to compare with."""


def environment(folder: Path) -> dict[str, str]:
    """The caller's environment without settings of ours, with a home and a cache of bytecode in the folder."""
    left_out = ("SUTURE_", "OPENAI_", "REDIS_URL", "PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    return {**kept, "SUTURE_HOME": str(folder / "home"), "PYTHONPYCACHEPREFIX": str(folder / "bytecode")}


def cost(name: str, environment: Mapping[str, str]) -> float:
    """Seconds of CPU of one run.  Raises RuntimeError when it did not end as it should."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    ran = subprocess.run(
        [sys.executable, *CONTENDERS[name]], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if ran.returncode != (REFUSED if UNKNOWN in CONTENDERS[name] else 0):
        raise RuntimeError(f"{name} ended with {ran.returncode}: {ran.stderr.strip()}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measured(rounds: int) -> dict[str, float]:
    """The least seconds of each contender, taking turns; the first round fills the caches and does not count."""
    times: dict[str, list[float]] = {name: [] for name in CONTENDERS}
    with tempfile.TemporaryDirectory() as folder:
        clean = environment(Path(folder))
        for turn in range(rounds + 1):
            for name, found in times.items():
                seconds = cost(name, clean)
                if turn:
                    found.append(seconds)
    return {name: min(found) for name, found in times.items()}


def main(arguments: Sequence[str]) -> int:
    """Measure and judge."""
    given = reporting.parser("startup", __doc__ or "").parse_args(arguments)
    found = measured(5 if given.quick else 20)
    ratios = {name: round(seconds / found[BARE], 2) for name, seconds in found.items()}
    rows = [
        (name, f"{1e3 * found[name]:.1f}", f"{ratio:.1f} ×", f"≤ {BOUNDS[name]:.0f} ×" if name in BOUNDS else "")
        for name, ratio in ratios.items()
    ]
    heading = f"CPU of a start (best round; load {os.getloadavg()[0]:.1f})"
    reporting.table(heading, ("command", "milliseconds", "bare interpreter", "target"), rows)
    targets = [Target(name=f"start of {name}, times the bare interpreter", measured=ratios[name], bound=bound)
               for name, bound in BOUNDS.items()]  # fmt: skip
    return reporting.conclude(
        targets,
        {"seconds": {**found}, "ratios": {**ratios}, "load": os.getloadavg()[0]},
        file=given.json, seed=given.seed, quick=given.quick,
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
