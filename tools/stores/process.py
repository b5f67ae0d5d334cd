"""Which process holds something, told so that a reused process number is not mistaken for it.

A holder is written ``pid:start time``; the start time (clock ticks since boot) is field 22 of
``/proc/PID/stat``, see proc(5).  Where there is no /proc it is 0, and any process of that number counts.
"""

import os
from pathlib import Path

_PROC = Path("/proc")


def holder(pid: int, proc: Path = _PROC) -> str:
    """The name of a running process.  Raises ValueError for one that does not run."""
    if not proc.is_dir():
        return f"{pid}:0"
    found = _start_and_state(pid, proc)
    if found is None:
        raise ValueError(f"no process {pid}")
    return f"{pid}:{found[0]}"


def alive(name: str, proc: Path = _PROC) -> bool:
    """Whether this very process still runs; stopped ones do, zombies do not.

    A name that cannot be read counts as alive: unknown is no leave to take over.
    """
    number, _, started = name.partition(":")
    if not (number.isdecimal() and started.isdecimal()):
        return True
    if started == "0" or not proc.is_dir():
        return _answers(int(number))
    found = _start_and_state(int(number), proc)
    return found is not None and found[0] == int(started) and found[1] not in "ZX"


def _start_and_state(pid: int, proc: Path) -> tuple[int, str] | None:
    try:
        text = (proc / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = text[text.rindex(")") + 2 :].split()  # the command's name may hold spaces and parentheses
    return int(fields[19]), fields[0]


def _answers(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
