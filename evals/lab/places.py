"""Folders of a lab: those that the healer may read, and those that it may not.

The world folder holds the repository, checkouts, logs, spans, captures and the services' data, and nothing that
tells what is wrong.  The private folder (mode 0700, elsewhere) holds the steering socket and the processes' output.
"""

import hashlib
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from evals.lab import runtime
from tools.embedded import world_proof

_FOLDERS = ("repository", "checkouts", "logs", "spans", "captures", "data")


class Occupied(RuntimeError):
    """The folder cannot be used for a world; the message says why."""


@dataclass(frozen=True)
class World:
    """The world folder."""

    root: Path

    @property
    def repository(self) -> Path:
        """The shop's git repository."""
        return self.root / "repository"

    @property
    def checkouts(self) -> Path:
        """One source tree per commit that runs or ran."""
        return self.root / "checkouts"

    @property
    def flags(self) -> Path:
        """The shop's feature flags, in flagd's format."""
        return self.root / "data" / "flags.json"

    def database(self, service: str) -> Path:
        """The rows of one service, shared by its versions."""
        return self.root / "data" / f"{service}.db"

    @property
    def card(self) -> Path:
        """``world.json``: how a running world is found."""
        return self.root / "world.json"

    def lines(self, kind: str, service: str, version: str) -> Path:
        """A file for a process to write; ``{pid}`` is filled in by its tether."""
        return self.root / kind / f"{service}.{version}.{{pid}}.jsonl"

    def clear(self) -> None:
        """Make the folder ready for a new world.  Raises Occupied when it holds anything that is not ours."""
        self.root.mkdir(parents=True, exist_ok=True)
        strangers = sorted(
            {entry.name for entry in self.root.iterdir()} - {*_FOLDERS, world_proof.FOLDER, "world.json"}
        )
        if strangers:
            raise Occupied(f"{self.root} is not empty: {', '.join(strangers[:3])}")
        self.card.unlink(missing_ok=True)
        for name in (*_FOLDERS, world_proof.FOLDER):
            shutil.rmtree(self.root / name, ignore_errors=True)
        for name in _FOLDERS[1:]:  # the repository is laid out by its own code
            (self.root / name).mkdir()

    def announce(self, url: str, pid: int, name: str) -> None:
        """Write ``world.json``, whole or not at all."""
        new = self.card.with_suffix(".new")
        new.write_text(json.dumps({"url": url, "pid": pid, "id": name}) + "\n")
        new.rename(self.card)


def private(world: Path, folder: Path | None = None) -> Path:
    """The private folder of a world: below `folder`, or below the user's place for labs.  It may not exist yet."""
    name = hashlib.sha256(str(world.resolve()).encode()).hexdigest()[:16]
    return (folder if folder is not None else runtime.home() / "private") / name


def make_private(folder: Path) -> None:
    """Create an empty private folder, and its parent as private as itself."""
    shutil.rmtree(folder, ignore_errors=True)
    for path in (folder.parent, folder):
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.stat().st_uid != os.getuid():
            raise Occupied(f"{path} belongs to another user")
        path.chmod(0o700)
    (folder / "output").mkdir()
