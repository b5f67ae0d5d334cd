"""Records the lines of one file that the service's own tests run.  Runs inside the sandbox, as its ``sitecustomize``.

Every interpreter that the tests start imports it, so that a test which runs the application in a process of its own
counts, too.  A trace function (https://docs.python.org/3/library/sys.html#sys.settrace) is enough: the frames of all
other files are left after one comparison.
"""

from __future__ import annotations

import contextlib
import importlib.machinery
import importlib.util
import os
import sys
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import FrameType

WATCHED = "watched"
"""Beside the copy: a file with the path of what is watched, and of where its lines are written to, one number a line."""


def watch(file: str, hits: str) -> None:
    """Note every line of a file that this process runs from now on, in all threads, as soon as it is run."""
    wanted = os.path.realpath(file)
    known: dict[str, bool] = {}
    seen: set[int] = set()
    target = os.open(hits, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def line(frame: FrameType, event: str, _argument: object) -> Any:
        if event == "line" and frame.f_lineno not in seen:
            seen.add(frame.f_lineno)
            # A service may close what it does not know; then less is known, and less is never a pass.
            with contextlib.suppress(OSError):
                os.write(target, f"{frame.f_lineno}\n".encode())
        return line

    def called(frame: FrameType, _event: str, _argument: object) -> Any:
        name = frame.f_code.co_filename
        if name not in known:
            known[name] = os.path.realpath(name) == wanted
        return line if known[name] else None

    threading.settrace(called)
    sys.settrace(called)


def hand_over(here: str) -> None:
    """Run the ``sitecustomize`` that this one stands before, if there is any."""
    rest = [path for path in sys.path if os.path.abspath(path) != here]  # noqa: PTH100
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", rest)
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


if __name__ == "sitecustomize":
    _here = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 (as above)
    with open(f"{_here}/{WATCHED}", encoding="utf-8") as _told:  # noqa: PTH123 (as above)
        watch(*_told.read().splitlines())
    hand_over(_here)
