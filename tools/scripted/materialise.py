"""A simulated world's repository as a real git repository, and the world with the commits that it got there."""

import os
import subprocess
from pathlib import Path

from incident.errors import Unavailable
from tools import ports
from tools.scripted import stage, world
from tools.scripted.repository import History

_WHO = "Scripted World <scripted@localhost>"


def materialise(
    simulated: world.ScriptedWorld, clock: ports.Clock, folder: Path, trouble: stage.Trouble | None = None
) -> world.ScriptedWorld:
    """The same world, whose versions run commits of a new git repository in `folder`.  Raises Unavailable."""
    dump = simulated.dump()
    text = dump.model_dump_json()
    # State, history and stories name commits, and forty such digits stand for nothing else.
    for old, new in _import(dump.history, folder).items():
        text = text.replace(old, new)
    return world.load(world.Dump.model_validate_json(text), clock, trouble)


def _import(history: History, folder: Path) -> dict[str, str]:
    """Write every commit with ``git fast-import``.  The new names by the old ones."""
    marks = folder / ".git" / "suture-marks"
    _git("init", "--quiet", "--initial-branch=main", str(folder))
    _git("-C", str(folder), "fast-import", "--quiet", f"--export-marks={marks}", stdin=_stream(history))
    _git("-C", str(folder), "reset", "--quiet", "--hard", "main")
    made = dict(line.split() for line in marks.read_text().splitlines())
    marks.unlink()
    return {old: made[f":{number}"] for number, old in enumerate(history.commits, start=1)}


def _stream(history: History) -> bytes:
    """The commits in the order in which they were made, parents first, in fast-import's language."""
    numbers = {name: number for number, name in enumerate(history.commits, start=1)}
    parts: list[bytes] = []
    for name, snapshot in history.commits.items():
        at = int(snapshot.at.timestamp())
        branch = next((key for key, value in history.branches.items() if value == name), "main")
        parts.append(f"commit refs/heads/{branch}\nmark :{numbers[name]}\ncommitter {_WHO} {at} +0000\n".encode())
        parts.append(_data(snapshot.subject))
        if snapshot.parent is not None:
            parts.append(f"from :{numbers[snapshot.parent]}\n".encode())
        # fast-import goes on from the parent's files; a snapshot lists all of its own.
        parts.append(b"deleteall\n")
        for path, content in snapshot.files.items():
            parts.append(f"M 100644 inline {path}\n".encode() + _data(content))
    return b"".join(parts)


def _data(content: str) -> bytes:
    raw = content.encode()
    return b"data %d\n%s\n" % (len(raw), raw)


def _git(*arguments: str, stdin: bytes = b"") -> None:
    # Without the user's configuration: its hooks, templates and signing keys have no say here.
    environment = {"PATH": os.environ.get("PATH", os.defpath), "GIT_CONFIG_NOSYSTEM": "1", "HOME": "/nonexistent"}
    try:
        subprocess.run(  # noqa: S603 (a fixed program on a folder of our own)
            ["git", *arguments],  # noqa: S607 (found on the path, as everywhere)
            input=stdin,
            check=True,
            capture_output=True,
            timeout=30,
            env=environment,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise Unavailable(f"the scripted repository could not be made: {error}") from error
