"""Commands in processes of their own that are forked from this one: what they import is there already."""

import importlib
import os
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType


@dataclass(frozen=True)
class Ran:
    """What a command said, and its exit code."""

    returncode: int
    stdout: str
    stderr: str


def run(module: str, *arguments: str, environment: Mapping[str, str]) -> Ran:
    """Run ``python -m MODULE ARGUMENTS`` with exactly this environment, and nothing on its standard input."""
    command = importlib.import_module(module)
    with tempfile.TemporaryDirectory(prefix="suture-said-") as name:
        out, err = Path(name) / "out", Path(name) / "err"
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if not pid:
            _become(command, arguments, environment, out, err)
        _, status = os.waitpid(pid, 0)
        return Ran(os.waitstatus_to_exitcode(status), out.read_text(), err.read_text())


def _become(
    command: ModuleType, arguments: tuple[str, ...], environment: Mapping[str, str], out: Path, err: Path
) -> None:
    code = 1
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        for number, path in ((1, out), (2, err)):
            os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), number)
        sys.stdout, sys.stderr = os.fdopen(1, "w"), os.fdopen(2, "w")
        os.environ.clear()
        os.environ.update(environment)
        sys.argv = [command.__name__, *arguments]
        code = command.main()
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)
