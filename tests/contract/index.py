"""An index of incidents with the chain that its switches and answers are told by, in one home."""

from pathlib import Path

from tools import ports
from tools.audit import chain_file
from tools.records import home, sqlite_incidents
from tools.records.marks import Marks


def index(
    folder: Path, clock: ports.Clock, fate: sqlite_incidents.Fate | None = None, observer: str = ""
) -> sqlite_incidents.SqliteIncidents:
    """Open the index of the home below this folder, as one process does."""
    place = home.lay_out(folder / "home")
    audit = chain_file.open(place.audit, place.audit_key, place.audit_anchor, clock)
    marks = Marks(chain_file.load_key(place.audit_key))
    return sqlite_incidents.open(place.incidents_index, clock, audit, marks, fate, observer)
