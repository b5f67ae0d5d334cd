"""Embedded lab for an example payload: starts it as a process, and finds it again after a kill.

The sidecar file that names the fault is passed on unread; only the payload that the lab returns,
fired by its own rule, enters the graph.
"""

import hashlib
import json
import subprocess
import tempfile
from pathlib import Path

from pydantic import ValidationError

from incident.alert import Payload, parse
from incident.errors import BadInput, Unavailable
from incident.value import Value
from tools import program

LEASE = 120
"""Seconds after the last renewal for which a lab that was started for one run goes on."""

SIDECAR = ".lab.yaml"

PATIENCE = 300
"""Seconds for a lab to be built, started, to get calm and to fire its alert."""


class Lab(Value):
    """A running lab: its address, its id, its folder, and the alert that it fired."""

    url: str
    id: str
    directory: str
    payload: Payload


def sidecar(alert: Path) -> Path | None:
    """Return the file beside an example payload that names the lab's fault, or None."""
    beside = alert.with_name(alert.stem + SIDECAR)
    return beside if beside.is_file() else None


def remembered(home: Path, alert: Path) -> Lab | None:
    """Return the lab that an earlier run of the same payload started and that may still be alive; else None."""
    note = _note(home, alert)
    try:
        return Lab.model_validate_json(note.read_bytes()) if note.is_file() else None
    except ValidationError:  # of an older version
        return None


def forget(home: Path, alert: Path) -> None:
    """Forget the lab of this payload, which is gone."""
    _note(home, alert).unlink(missing_ok=True)


def start(home: Path, alert: Path | None) -> Lab:
    """Start a lab, for the fault of the payload's sidecar when there is one.  Raises BadInput, Unavailable."""
    (home / "labs").mkdir(parents=True, exist_ok=True)
    directory = Path(tempfile.mkdtemp(prefix="lab-", dir=home / "labs"))
    command = program.line("evals.lab", "up", "--world", str(directory), "--lease", str(LEASE), "--json")
    beside = sidecar(alert) if alert else None
    if beside is not None:
        command += ["--sidecar", str(beside), "--wait-alert"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)  # noqa: S603 (our own interpreter and module)
    except subprocess.TimeoutExpired as error:
        raise Unavailable(f"the lab did not fire its alert within {PATIENCE} s") from error
    # 2 is a command's code for an input that it refuses, and its last line says why.
    if done.returncode == 2:
        raise BadInput("lab", beside or directory, done.stderr.strip().splitlines()[-1] if done.stderr else "?")
    if done.returncode != 0:
        said = done.stderr.strip().splitlines()
        raise Unavailable(f"the lab did not start: {said[-1] if said else 'it said nothing'}")
    told = json.loads(done.stdout.strip().splitlines()[-1])
    payload = parse(json.dumps(told["payload"]).encode()) if told.get("payload") else None
    if payload is None:
        raise Unavailable("the lab started but returned no alert")
    lab = Lab(url=told["url"], id=told["id"], directory=str(directory), payload=payload)
    if alert is not None:
        note = _note(home, alert)
        note.parent.mkdir(parents=True, exist_ok=True)
        note.write_bytes(lab.canonical())
    return lab


def _note(home: Path, alert: Path) -> Path:
    digest = hashlib.sha256(str(alert.resolve()).encode()).hexdigest()[:16]
    return home / "labs" / f"{digest}.json"
