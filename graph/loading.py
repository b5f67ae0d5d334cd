"""Handling of Ctrl-C while a command is still loading: a sentence instead of a traceback from an import.

Loading takes about a second, and `graph.console.cli` can catch nothing before it is loaded itself.
"""

import os
import signal
from types import FrameType

REFUSED = 2
"""Exit code of every run that opened and changed nothing."""


def leave_on_interrupt() -> None:
    """Let an interrupt end the process with one sentence, until `ready`."""
    signal.signal(signal.SIGINT, _leave)


def ready() -> None:
    """Let an interrupt be a KeyboardInterrupt again."""
    if signal.getsignal(signal.SIGINT) is _leave:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _leave(_number: int, _frame: FrameType | None) -> None:
    # Buffers may be half written and locks of the import system held, so neither is touched.
    os.write(2, b"suture: interrupted while starting: nothing was opened or changed\n")
    os._exit(REFUSED)
