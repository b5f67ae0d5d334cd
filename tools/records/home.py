"""The folder that holds everything that is remembered (``SUTURE_HOME``), private to its user.

It is private to one user: it holds the audit key and what services said.  Several processes share
it, so laying it out twice at once is harmless.
"""

import os
import re
import shlex
import stat
from collections.abc import Mapping
from pathlib import Path

from incident.errors import BadInput, Unavailable
from incident.value import Value
from tools.records import ownership

_NAMES = frozenset(
    (
        *(
            "locks.db",
            "ledger.db",
            "incidents.db",
            "checkpoints.db",
            "memory.db",
            "audit.jsonl",
            "notices.jsonl",
            "emergency.jsonl",
        ),
        *("keys", "anchor", "incidents", "labs", "worlds", "scratch", "suture.toml"),
    )
)
"""Names that a home may hold before it was laid out whole."""

_INCIDENT = re.compile(r"[a-z0-9-]{1,64}")


class Home(Value):
    """Paths of the stores."""

    root: Path

    @property
    def locks(self) -> Path:
        """Claims and fencing tokens (SQLite)."""
        return self.root / "locks.db"

    @property
    def ledger(self) -> Path:
        """Intents and outcomes of effects (SQLite)."""
        return self.root / "ledger.db"

    @property
    def incidents_index(self) -> Path:
        """Rows of incidents, switches and approvals (SQLite)."""
        return self.root / "incidents.db"

    @property
    def checkpoints(self) -> Path:
        """The graph's checkpoints (SQLite)."""
        return self.root / "checkpoints.db"

    @property
    def memory(self) -> Path:
        """Ended incidents and what people said of them (SQLite)."""
        return self.root / "memory.db"

    @property
    def audit(self) -> Path:
        """The audit chain, one JSON line an entry."""
        return self.root / "audit.jsonl"

    @property
    def audit_key(self) -> Path:
        """The chain's key, mode 0600, in a folder apart from the chain."""
        return self.root / "keys" / "audit.key"

    @property
    def audit_anchor(self) -> Path:
        """Signed heads of the chain.  Put it on another disk to protect against the loss of this one."""
        return self.root / "anchor" / "audit.anchor.jsonl"

    @property
    def notices(self) -> Path:
        """File of the notices that people were sent, one JSON line each."""
        return self.root / "notices.jsonl"

    @property
    def emergency(self) -> Path:
        """File of what was undone while ledger or audit could not be written."""
        return self.root / "emergency.jsonl"

    @property
    def incidents(self) -> Path:
        """The folder of the incidents' record folders."""
        return self.root / "incidents"

    def incident(self, incident: str) -> Path:
        """The record folder of one incident.  Raises BadInput for a name that is no id."""
        return self.incidents / checked(incident)


def checked(incident: str) -> str:
    """The id, if it is one: lower case letters, digits and dashes, at most 64, so that it cannot leave its folder."""
    if not _INCIDENT.fullmatch(incident):
        raise BadInput("incident", incident, "use an incident's id: at most 64 of a-z, 0-9 and -")
    return incident


def default(environment: Mapping[str, str]) -> Path:
    """``SUTURE_HOME``, or ``suture`` in the XDG state folder.

    Source: https://specifications.freedesktop.org/basedir-spec/latest/ (relative paths are ignored there).
    Raises BadInput when the environment names no home at all.
    """
    if chosen := environment.get("SUTURE_HOME"):
        return Path(chosen).absolute()
    state = Path(environment.get("XDG_STATE_HOME", ""))
    if state.is_absolute():
        return state / "suture"
    home = Path(environment.get("HOME", ""))
    if not home.is_absolute():
        raise BadInput("SUTURE_HOME", "", "set SUTURE_HOME to the folder that holds records and keys")
    return home / ".local" / "state" / "suture"


def lay_out(root: Path) -> Home:
    """Create what is missing, mode 0700.

    A folder that others share, that holds other things, or that others could exchange for another one is refused: what
    is laid there would be theirs, and nobody means to close, say, ``/tmp``.  An empty folder of our own is closed.
    Raises BadInput for such a folder, Unavailable otherwise.
    """
    home = Home(root=root.absolute())
    try:
        if home.root.is_dir() and not home.root.is_symlink():
            _ours(home.root)
        home.root.parent.mkdir(parents=True, exist_ok=True)
        if who := ownership.intruder(home.root):
            raise BadInput("SUTURE_HOME", str(home.root), f"it could be exchanged by {who}; {_ELSEWHERE}")
        for folder in (home.root, home.incidents, home.audit_key.parent, home.audit_anchor.parent):
            _private(folder)
    except OSError as error:
        raise Unavailable(f"the folder {home.root} cannot be used: {error.strerror}") from error
    return home


_ELSEWHERE = 'use a folder of your own: mkdir -m 700 "$HOME/suture" && export SUTURE_HOME="$HOME/suture"'


def _ours(root: Path) -> None:
    """Raise BadInput for a folder that exists and is no home of ours, with the command that makes one."""
    below = root / f"suture-{ownership.user()}"
    quoted = shlex.quote(str(below))
    remedy = f"use a folder of your own below it: mkdir -m 700 {quoted} && export SUTURE_HOME={quoted}"
    if ownership.intruder(below):  # there it would be refused as well
        remedy = _ELSEWHERE
    if ownership.shared(root):
        raise BadInput("SUTURE_HOME", str(root), f"that folder is shared with others; {remedy}")
    if root.stat().st_uid != os.geteuid():
        raise BadInput("SUTURE_HOME", str(root), f"that folder is not yours; {_ELSEWHERE}")
    names = {path.name for path in root.iterdir()}
    if names - _NAMES and not {"incidents", "keys"} <= names:
        raise BadInput("SUTURE_HOME", str(root), f"that folder holds other things; {remedy}")


def _private(folder: Path) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise BadInput("SUTURE_HOME", str(folder), f"it is a link, a file, or not yours; {_ELSEWHERE}")
    if stat.S_IMODE(found.st_mode) & 0o077 == 0:
        return
    # Closing a folder in use is left to its owner: others may have read, or laid, what is in it.
    if any(folder.iterdir()) and stat.S_IMODE(folder.lstat().st_mode) & 0o077:
        raise BadInput(
            "SUTURE_HOME", str(folder), f"others may read it; close it: chmod 700 {shlex.quote(str(folder))}"
        )
    folder.chmod(0o700)
