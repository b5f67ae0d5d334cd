"""Whole ending of an incident: its lines, computed from the record as it stands in the folder."""

from graph.reports import conclusion, journal_reader
from incident.ending import Ending
from tools import attempt, ports


def of(folder: ports.RecordFolder, incident: str, service: str, ending: Ending, *, whole: bool = True) -> Ending:
    """Return the ending with its lines.  A record that cannot be read is said to be so, and stops nothing.

    `whole` is False where the record may lack effects.
    """
    found = attempt.run(lambda: journal_reader.load(folder.lines()))
    unread = attempt.sentence(found) if isinstance(found, Exception) else ""
    records = () if isinstance(found, Exception) else found
    return conclusion.conclude(records, incident, service, ending, whole=whole and bool(records), unread=unread)
