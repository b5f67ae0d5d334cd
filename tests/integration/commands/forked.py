"""Commands in processes of their own, forked from a clean one: what they import is there already.

The server that forks has one thread only.  A process that is forked beside other threads may inherit a lock
that nobody will ever give back.
"""

import importlib
import multiprocessing
import os
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FORKING = multiprocessing.get_context("forkserver")
FORKING.set_forkserver_preload([f"graph.{name}" for name in ("approve", "control", "explain", "list", "resume", "run")])

LIMIT = 120.0
"""Seconds that a command may take; then it is killed."""


@dataclass(frozen=True)
class Ran:
    """What a command said, and its exit code."""

    returncode: int
    stdout: str
    stderr: str


def run(module: str, *arguments: str, environment: Mapping[str, str]) -> Ran:
    """Run ``python -m MODULE ARGUMENTS`` with exactly this environment, and nothing on its standard input.

    Raises TimeoutError when it does not end.
    """
    with tempfile.TemporaryDirectory(prefix="suture-said-") as name:
        out, err = Path(name) / "out", Path(name) / "err"
        out.touch(0o600)
        err.touch(0o600)
        process = FORKING.Process(target=_become, args=(module, arguments, dict(environment), out, err))
        process.start()
        process.join(LIMIT)
        code = process.exitcode
        if code is None:
            process.kill()
            process.join()
            raise TimeoutError(f"{module} did not end within {LIMIT:.0f} s: {err.read_text()}")
        return Ran(code, out.read_text(), err.read_text())


def _become(module: str, arguments: tuple[str, ...], environment: dict[str, str], out: Path, err: Path) -> None:
    code = 1
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        for number, path in ((1, out), (2, err)):
            os.dup2(os.open(path, os.O_WRONLY), number)
        sys.stdout, sys.stderr = os.fdopen(1, "w"), os.fdopen(2, "w")
        os.environ.clear()
        os.environ.update(environment)
        sys.argv = [module, *arguments]
        code = importlib.import_module(module).main()
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)
