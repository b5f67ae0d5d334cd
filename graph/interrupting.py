"""Ctrl-C: the first one stops the incident in order, the second one stops at once."""

import getpass
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from types import FrameType

from graph.entry import say
from graph.wiring import Books
from incident.control import Control

AT_ONCE = 130
"""Exit code of a process that a second Ctrl-C ended (128 + SIGINT)."""


@contextmanager
def interruptible(shared: Books, incident: str) -> Iterator[None]:
    """While this lasts, a first SIGINT or SIGTERM aborts the incident: what was changed is taken back."""
    asked = False

    def abort() -> None:
        control = shared.incidents.control(incident)
        who = f"{os_user()} at the keyboard"
        update = {"aborted": True, "by": who, "reason": "interrupted", "at": shared.clock.now()}
        shared.incidents.set_control(incident, Control.model_validate({**control.model_dump(), **update}))

    def stop(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            os._exit(AT_ONCE)
        asked = True
        say("stopping: what was changed is being taken back; once more stops at once and leaves it to be resumed")
        # Never from within a handler: it may have interrupted a transaction of the same store.
        Thread(target=abort, name="abort", daemon=True).start()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def os_user() -> str:
    """The operating system's user; a number when it has no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())
