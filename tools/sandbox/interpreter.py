"""Chooses the interpreter that runs our own programs in the sandbox, beside a service's code.

It is the system's, which lies in the sandbox anyway and which only root can change, or else the one that runs us.  The
service's is never taken: whoever builds its environment writes what that interpreter runs at its start.
"""

import functools
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from incident.errors import Refused

_ISOLATED = ("-I", "-S", "-B")
"""No variables, no working folder and no user's folder on the import path; no ``site``, so no ``.pth`` and no
``sitecustomize``: the standard library alone."""

_COMPLETE = "import sys, ctypes, hmac, json, xml.etree.ElementTree; sys.exit(sys.version_info < (3, 9))"
"""Distributions split the standard library; what is missing must show here, and not as a service that cannot be tried."""


@dataclass(frozen=True)
class Interpreter:
    """Command line of an interpreter, and the folders that it needs beside the system's own."""

    command: tuple[str, ...]
    mounts: tuple[str, ...]


@functools.cache
def trusted() -> Interpreter:
    """The trusted interpreter of this machine.  Raises Refused when there is none."""
    own = Path(sys.base_prefix, "bin", f"python3.{sys.version_info.minor}")
    return choose(Path("/usr/bin/python3"), own, sys.base_prefix)


def choose(system: Path, own: Path, prefix: str) -> Interpreter:
    """The system's interpreter when it works, or our own below its prefix.  Raises Refused when neither does."""
    if _is_systems(system) and _works(system):
        return Interpreter((str(system), *_ISOLATED), ())
    if _works(own):
        return Interpreter((str(own), *_ISOLATED), (prefix,))
    raise Refused(f"neither {system} nor {own} has the whole standard library of Python 3.9 or newer")


def _is_systems(program: Path) -> bool:
    """True when the program is in the sandbox, too, where ``/usr/local`` is empty."""
    real = program.resolve()
    return real.is_relative_to("/usr") and not real.is_relative_to("/usr/local")


def _works(program: Path) -> bool:
    try:
        line = [str(program), *_ISOLATED, "-c", _COMPLETE]
        return subprocess.run(line, env={}, cwd="/", check=False, capture_output=True).returncode == 0  # noqa: S603 (a fixed command)
    except OSError:
        return False
