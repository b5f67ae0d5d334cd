"""Lab of one run: brought up, taken down, and looked for afterwards."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
import yaml
from pydantic import JsonValue

from evals.lab.command import Start
from incident.value import Value

PROJECT = Path(__file__).parents[2]
UP_WITHIN = 240.0
"""Seconds to start a world and see its alert fire; a cold environment takes the first minute."""
LEASE = 1200.0
"""Seconds after which a world ends whose runner was killed."""


class Up(Value):
    """A world that runs."""

    url: str
    id: str
    payload: JsonValue


class NoWorld(RuntimeError):
    """The lab did not come up, or did not fire its alert; the message says why."""


class Places(Value):
    """The folders of one run.  `hidden` is out of the healer's sight."""

    root: Path

    @property
    def world(self) -> Path:
        """Folder of the world that the healer may read."""
        return self.root / "world"

    @property
    def hidden(self) -> Path:
        """Sidecar and steering socket."""
        return self.root / "hidden"

    @property
    def home(self) -> Path:
        """``SUTURE_HOME``."""
        return self.root / "home"


@contextmanager
def world(places: Places, start: Start, seed: int, faults: Sequence[Path] = ()) -> Iterator[Up]:
    """A world for as long as this lasts, its alert firing.  `faults` are further folders of faults.  Raises NoWorld."""
    places.hidden.mkdir(mode=0o700, parents=True, exist_ok=True)
    sidecar = places.hidden / "start.lab.yaml"
    fields = start.model_copy(update={"seed": seed, "lease": LEASE}).model_dump(mode="json", exclude_none=True)
    sidecar.write_text(yaml.safe_dump(fields), encoding="utf-8")
    try:
        yield _up(places, sidecar, faults)
    finally:
        _lab(places, "down", within=60.0)


def _up(places: Places, sidecar: Path, faults: Sequence[Path]) -> Up:
    more = [word for place in faults for word in ("--faults", str(place.resolve()))]
    ran = _lab(places, "up", "--sidecar", str(sidecar), "--wait-alert", "--json", *more, within=UP_WITHIN)
    if ran.returncode != 0:
        raise NoWorld((ran.stderr.strip().splitlines() or ["it said nothing"])[-1][:300])
    return Up.model_validate(json.loads(ran.stdout.splitlines()[-1]))


def _lab(places: Places, command: str, *arguments: str, within: float) -> "subprocess.CompletedProcess[str]":
    where = ("--world", str(places.world), "--private", str(places.hidden / "private"))
    argv = [sys.executable, "-m", "evals.lab", command, *where, *arguments]
    try:
        return subprocess.run(argv, cwd=PROJECT, capture_output=True, text=True, check=False, timeout=within)
    except subprocess.TimeoutExpired as error:
        raise NoWorld(f"evals.lab {command} took more than {within:.0f} s") from error


def leftovers(root: Path, url: str) -> tuple[str, ...]:
    """Processes that carry the run's folder in their command or environment, and a world that still answers."""
    try:
        httpx.get(f"{url}/world", timeout=2, trust_env=False)
    except httpx.HTTPError:
        return processes(root)
    return (*processes(root), f"{url} still answers")


def processes(root: Path) -> tuple[str, ...]:
    """Processes that carry the folder in their command or environment."""
    return tuple(f"process {pid}: {words}" for pid, words in _marked(str(root).encode()))


def _marked(mark: bytes) -> Iterator[tuple[int, str]]:
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal() or int(entry.name) == os.getpid():
            continue
        try:
            command = (entry / "cmdline").read_bytes()
            if mark in command or mark in (entry / "environ").read_bytes():
                yield int(entry.name), command.replace(b"\0", b" ").decode("utf-8", "replace")[:120]
        except OSError:  # it ended meanwhile, or is not ours to see
            continue
