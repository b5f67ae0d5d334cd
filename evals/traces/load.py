"""Finds and reads the record of an incident."""

from collections.abc import Mapping
from pathlib import Path

from graph.reports import journal_reader
from incident.errors import BadInput
from incident.record import Record

DECISIONS = "decisions.jsonl"
VARIABLE = "SUTURE_INCIDENT"


def chosen(environment: Mapping[str, str], root: Path) -> Path:
    """The folder of ``SUTURE_INCIDENT``, or of the newest incident of the demo below the repository's root.

    Raises BadInput when there is neither.
    """
    named = environment.get(VARIABLE, "")
    if named:
        if not (Path(named) / DECISIONS).is_file():
            raise BadInput(VARIABLE, named, f"name the folder of an incident, which holds {DECISIONS}")
        return Path(named)
    found = sorted(
        root.glob(f"build/demo/home/incidents/*/{DECISIONS}"), key=lambda file: (file.stat().st_mtime, str(file))
    )
    if not found:
        raise BadInput(VARIABLE, "", "set it to the folder of an incident, or run: make demo")
    return found[-1].parent


def read(folder: Path) -> tuple[Record, ...]:
    """The records of an incident's folder.  Raises Tampered for a line that is none."""
    return journal_reader.load((folder / DECISIONS).read_bytes().splitlines())
