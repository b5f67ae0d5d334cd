"""Hold on an incident: its row shows that this process lives, and a process that lost it does nothing more.

The counterpart of :mod:`tools.lease_keeper`, which holds what the incident changes.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread

from incident.errors import Superseded, Tampered, Unavailable
from tools import ports

EVERY = ports.HOLD_SECONDS / 4
"""Seconds between two signs of life, so that three may fail."""


class Hold:
    """One process's right to work on one incident."""

    def __init__(self, incidents: ports.Incidents, incident: str, stores: Callable[[], None]) -> None:
        self._incidents, self._incident, self._stores = incidents, incident, stores

    def check(self) -> None:
        """Raise Superseded when another process works on the incident.

        Raises Tampered when the row is neither this process's nor a live process's: none of ours took it.
        """
        if self._incidents.ours(self._incident):
            return
        row = self._incidents.find(self._incident)
        if row is None or not row.holder or not self._incidents.alive(row):
            raise Tampered(f"the row of {self._incident} was changed from outside, and no process works on it")
        raise Superseded(f"another process works on {self._incident} now")

    def look(self) -> None:
        """Raise Superseded when that is known; a store that does not tell keeps nobody from taking back."""
        with suppress(Unavailable, Tampered):
            self.check()

    def may_act(self) -> None:
        """Raise Superseded, or Tampered when our stores are no longer the ones at their paths: nothing acts then."""
        self.check()
        self._stores()


class HeldFolder:
    """A journal that only the holder of its incident appends to."""

    def __init__(self, journal: ports.RecordFolder, hold: Hold) -> None:
        self._journal, self._hold = journal, hold
        self.folder = journal.folder
        self.lines, self.write, self.digests = journal.lines, journal.write, journal.digests

    def append(self, line: bytes) -> None:
        """Append one line.  Raises Superseded."""
        self._hold.look()
        self._journal.append(line)


@contextmanager
def kept(incidents: ports.Incidents, incident: str, every: float = EVERY) -> Iterator[None]:
    """Renew the holder's sign of life in the background while this lasts."""
    stop = Event()

    def beat() -> None:
        held = True
        while held and not stop.wait(every):
            with suppress(Unavailable):  # a store that does not answer may answer next time
                held = incidents.beat(incident)

    thread = Thread(target=beat, name="holding", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
