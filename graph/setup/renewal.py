"""Renews the lease of a world that was started for this run, in a background thread."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

from graph.console.cli import say
from incident.errors import SutureError
from tools.ports import World


@contextmanager
def renewed(world: World, seconds: float, *, active: bool) -> Iterator[Callable[[float], None]]:
    """Renew the world's lease in the background while this lasts; yield a function that renews it for longer at the end."""
    if not active:
        yield lambda _seconds: None
        return
    stop = Event()
    thread = Thread(target=_keep, args=(world, seconds, stop), name="world-renewal", daemon=True)
    thread.start()
    last: list[float] = []
    try:
        yield last.append
    finally:
        stop.set()
        thread.join()
        # Behind the thread's end, or one of its shorter renewals could come last.
        if last:
            _renew(world, last[-1])


def _keep(world: World, seconds: float, stop: Event) -> None:
    while True:
        _renew(world, seconds)
        # A quarter, so that two renewals may fail before the lease ends.
        if stop.wait(seconds / 4):
            return


def _renew(world: World, seconds: float) -> None:
    try:
        world.renew(seconds)
    except SutureError as error:
        say(f"the lab's lease could not be renewed: {error}")
