"""Interrupts by Ctrl-C: the first one stops the incident in order, the second one ends the process at once."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from types import FrameType

from graph.console.cli import say
from graph.console.identity import account, os_user
from graph.setup.stores import Stores
from incident.control import Control
from incident.errors import SutureError

__all__ = ["AT_ONCE", "interruptible", "os_user"]

AT_ONCE = 130
"""Exit code of a process that a second Ctrl-C ended (128 + SIGINT)."""


@contextmanager
def interruptible(shared: Stores, incident: str) -> Iterator[None]:
    """Let a first SIGINT or SIGTERM abort the incident, so that its change is taken back."""
    asked = False

    def stop(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            os._exit(AT_ONCE)
        asked = True
        say("stopping: what was changed is being taken back; once more stops at once and leaves it to be resumed")
        # Never from within a handler: it may have interrupted a transaction of the same store.
        Thread(target=abort, args=(shared, incident), name="abort", daemon=True).start()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def abort(shared: Stores, incident: str) -> None:
    """Abort the incident in the name of the person at the keyboard."""
    user = account()
    said = Control(
        aborted=True, by=f"{user} at the keyboard", os_user=user, reason="interrupted", at=shared.clock.now()
    )
    try:
        shared.incidents.set_control(incident, said)
    except SutureError as error:
        say(f"that {incident} was stopped could not be written down ({error})")
