"""Exceptions that leave the application, and those that it only logs, as plain data."""

from __future__ import annotations

import logging
from typing import Any

_MOST_FRAMES = 40


def describe(error: BaseException, root: str) -> dict[str, Any]:
    """Type, message and the frames of the traceback that lie below `root`, innermost last."""
    frames = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if code.co_filename.startswith(root + "/"):
            frames.append(
                {
                    "path": code.co_filename[len(root) + 1 :],
                    "line": trace.tb_lineno,
                    "function": code.co_name,
                    "qualified": getattr(code, "co_qualname", code.co_name),
                }
            )
        trace = trace.tb_next
    return {"type": type(error).__name__, "message": str(error)[:300], "frames": frames[-_MOST_FRAMES:]}


class Logged:
    """Remembers every exception that is logged, whatever handlers and levels the service sets up.

    The record factory is wrapped rather than a handler added: loggers that do not propagate would escape a handler.
    """

    def __init__(self, root: str) -> None:
        self._root = root
        self.found: list[dict[str, Any]] = []
        self._before = logging.getLogRecordFactory()
        logging.setLogRecordFactory(self._make)

    def _make(self, *args: Any, **kwargs: Any) -> logging.LogRecord:
        record = self._before(*args, **kwargs)
        if record.exc_info and record.exc_info[1] is not None and len(self.found) < 20:
            self.found.append(describe(record.exc_info[1], self._root))
        return record
